"""The editing page: nothing typed is ever lost, and the second of two savers sees three columns."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from khlong.chain.tests.things import new_community, save_community

LANGUAGES = ("th", "en")


@pytest.fixture
def village(city: Any, source: Any) -> Any:
    return new_community(city, source, "บ้านหลบมุม")


@pytest.fixture
def typed(source: Any) -> dict[str, str]:
    return {
        "name_th": "บ้านใต้",
        "name_en": "Ban Tai",
        "source": source.key,
        "mark": "A",
        "base": "1",
        "why": "ชื่อใหม่",
    }


def address(village: Any) -> str:
    return f"/communities/{village.ref}/edit/"


def again(village: Any) -> Any:
    return type(village).objects.select_related("node").get(pk=village.pk)


def test_the_page_shows_what_stands_and_the_revision_it_was_read_at(village: Any, client_of: Any) -> None:
    page = client_of("member").get(address(village))
    assert page.status_code == 200
    assert 'value="บ้านหลบมุม"' in page.content.decode()
    assert '<input type="hidden" name="base" value="1"' in page.content.decode()


def test_what_was_typed_is_saved_with_who_and_why(
    village: Any, client_of: Any, typed: dict[str, str]
) -> None:
    response = client_of("member").post(address(village), typed)
    assert (response.status_code, response["Location"]) == (302, village.get_absolute_url())
    row = village.node.revisions.get(number=2)
    assert (row.by, row.why, again(village).name_en) == ("member", "ชื่อใหม่", "Ban Tai")


def test_a_date_in_thai_is_read_and_kept(village: Any, client_of: Any, typed: dict[str, str]) -> None:
    client_of("member").post(address(village), typed | {"valid_from": "๓ กันยายน ๒๕๖๕"})
    assert again(village).valid_from.iso() == "2022-09-03"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_cannot_stand_is_said_and_all_that_was_typed_stays(
    village: Any, client_of: Any, typed: dict[str, str], lang: str
) -> None:
    client = client_of("member")
    client.cookies["khlong_language"] = lang
    sent = typed | {"valid_from": "วันก่อน <b>", "name_th": ""}
    page = client.post(address(village), sent)
    assert page.status_code == 422
    html = page.content.decode()
    for words in ("Ban Tai", escape("วันก่อน <b>"), "ชื่อใหม่"):
        assert words in html
    assert {"name_th", "valid_from"} == set(page.context["form"].errors)
    assert again(village).revision == 1


def test_what_only_the_model_refuses_is_said_at_its_field(
    village: Any, client_of: Any, typed: dict[str, str]
) -> None:
    page = client_of("member").post(address(village), typed | {"valid_from": "2565", "valid_to": "2564"})
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"valid_to"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_second_saver_sees_three_columns_and_loses_nothing(
    village: Any, client_of: Any, typed: dict[str, str], lang: str, cast: Any
) -> None:
    save_community(village, {"name_th": "บ้านกลาง"}, cast.actors["owner"], base=1)
    client = client_of("member")
    client.cookies["khlong_language"] = lang
    page = client.post(address(village), typed)
    assert page.status_code == 409
    html = page.content.decode()
    for words in ("บ้านใต้", "บ้านกลาง", "บ้านหลบมุม", "Ban Tai", "ชื่อใหม่", "owner"):
        assert words in html
    rows = {row.mine: (row.now, row.base) for row in page.context["conflict_rows"]}
    assert rows == {"บ้านใต้": ("บ้านกลาง", "บ้านหลบมุม"), "Ban Tai": ("", "")}
    assert 'name="base" value="2"' in html
    assert again(village).name_th == "บ้านกลาง"


def test_having_seen_the_others_words_the_second_saver_may_save(
    village: Any, client_of: Any, typed: dict[str, str]
) -> None:
    save_community(village, {"name_th": "บ้านกลาง"}, base=1)
    client = client_of("member")
    shown = client.post(address(village), typed)
    sent = typed | {"base": str(shown.context["form"]["base"].value())}
    assert client.post(address(village), sent).status_code == 302
    assert (again(village).name_th, again(village).revision) == ("บ้านใต้", 3)


def test_a_third_saver_in_between_is_met_too(village: Any, client_of: Any, typed: dict[str, str]) -> None:
    save_community(village, {"name_th": "บ้านกลาง"}, base=1)
    client = client_of("member")
    assert client.post(address(village), typed).status_code == 409
    save_community(village, {"name_th": "บ้านเหนือ"}, base=2)
    assert client.post(address(village), typed | {"base": "2"}).status_code == 409


def test_lists_that_hold_the_same_are_no_difference_in_a_conflict(
    city: Any, client_of: Any, source: Any
) -> None:
    from khlong.chain.tests.folder import model
    from khlong.chain.tests.things import SYSTEM
    from khlong.record.actions import registered

    names = {"9001": "เมืองสงขลา", "9010": "สะเดา", "9011": "หาดใหญ่"}
    for code, name in names.items():
        model("places.District").objects.create(code=code, name_th=name, province_id="90")
    rows = model("places.District").objects.order_by("-code")
    registered()["places.city.save"](
        SYSTEM, city, {"basin_th": "คลองอู่ตะเภา"}, links={"districts": list(rows)}
    )
    sent = {"name_th": "เมืองพะตง", "name_en": "Phatong", "province": "90", "districts": [*names], "base": "1"}
    page = client_of("member").post(
        "/cities/phatong/edit/", sent | {"source": source.key, "mark": "A", "basin_th": "อื่น"}
    )
    assert page.status_code == 409
    assert [row.mine for row in page.context["conflict_rows"]] == ["อื่น"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_change_a_thing_is_told_so(
    village: Any, client_of: Any, typed: dict[str, str], method: str
) -> None:
    for name in ("observer", "stranger"):
        assert getattr(client_of(name), method)(address(village), typed).status_code == 403
    assert again(village).revision == 1


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(
    village: Any, client: Client, typed: dict[str, str]
) -> None:
    response = client.get(address(village))
    assert response.status_code == 302
    assert response["Location"].startswith("/signin/?next=%2Fcommunities%2F")
    assert client.post(address(village), typed).status_code == 403


def test_what_an_action_refuses_is_said_at_its_field_or_above_them_all() -> None:
    from django import forms
    from django.core.exceptions import ValidationError

    from khlong.chain.editing import blame

    class Form(forms.Form):
        name = forms.CharField()

    form = Form({"name": "x"})
    blame(form, ValidationError({"name": ["taken"], "city": ["missing"], "__all__": ["twice"]}))
    blame(form, ValidationError("whole"))
    assert form.errors == {"name": ["taken"], "__all__": ["missing", "twice", "whole"]}
