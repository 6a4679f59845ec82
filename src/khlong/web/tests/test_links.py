"""Linking in the browser: by reference, with the reason for each refusal beside the field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from khlong.chain.models import Edge, Node
from khlong.network.tests.makers import hide, make_statement
from khlong.places.models import City, Fact, Source
from khlong.record.models import AuditEntry

ClientOf = Callable[[str], Client]


@pytest.fixture
def evidence(city: City, source: Source) -> Fact:
    return make_statement(city.node, source, "น้ำเข้าบ้านก่อนคลองล้น")


@pytest.fixture
def result(city: City, source: Source) -> Fact:
    return make_statement(city.node, source, "ถนนปิดทางน้ำ")


def sent(ref: str, **more: str) -> dict[str, str]:
    return {"ref": ref, "kind": "rests_on"} | more


def test_a_member_links_by_reference_and_takes_the_link_away(
    evidence: Fact, result: Fact, client_of: ClientOf
) -> None:
    page = f"/links/{result.ref}/"
    assert client_of("member").post(page, sent(evidence.ref.lower())).status_code == 302
    edge = Edge.objects.get()
    assert (edge.up_id, edge.down_id, edge.by) == (evidence.pk, result.pk, "member")
    assert evidence.ref in client_of("member").get(page).content.decode()
    assert client_of("member").post(f"{page}{edge.pk}/unlink/").status_code == 302
    assert not Edge.objects.exists()
    assert Node.objects.filter(pk__in=[evidence.pk, result.pk]).count() == 2
    assert set(AuditEntry.objects.filter(actor="member").values_list("action", flat=True)) == {
        "chain.edge.link",
        "chain.edge.unlink",
    }


@pytest.mark.parametrize("ref", ["", "สวัสดี", "D-PTG-9999"])
def test_what_is_no_reference_comes_back_with_a_word_at_the_field(
    ref: str, result: Fact, client_of: ClientOf
) -> None:
    answer = client_of("member").post(f"/links/{result.ref}/", sent(ref))
    assert answer.status_code == 422
    assert answer.context["form"].errors["ref"]
    assert f'value="{ref}"' in answer.content.decode() or not ref
    assert not Edge.objects.exists()


def test_a_thing_is_not_linked_to_itself(result: Fact, client_of: ClientOf) -> None:
    answer = client_of("member").post(f"/links/{result.ref}/", sent(result.ref))
    assert answer.status_code == 422
    assert not Edge.objects.exists()


def test_another_city_is_linked_only_when_that_is_said(
    result: Fact, other_city: City, source: Source, client_of: ClientOf
) -> None:
    abroad = make_statement(other_city.node, source, "น้ำจากสะเดา")
    page = f"/links/{result.ref}/"
    assert client_of("member").post(page, sent(abroad.ref)).status_code == 422
    assert client_of("member").post(page, sent(abroad.ref, across="on")).status_code == 302
    assert Edge.objects.get().across


def test_a_hidden_thing_of_another_city_is_as_unknown_as_none(
    result: Fact, other_city: City, source: Source, client_of: ClientOf
) -> None:
    hidden = make_statement(other_city.node, source, "ลับ")
    hide(hidden)
    answer = client_of("member").post(f"/links/{result.ref}/", sent(hidden.ref, across="on"))
    unknown = client_of("member").post(f"/links/{result.ref}/", sent("D-BYG-9999", across="on"))
    assert answer.context["form"].errors == unknown.context["form"].errors


@pytest.mark.parametrize("name", ["anonymous", "observer", "stranger"])
def test_nobody_else_links_or_takes_away(
    name: str, evidence: Fact, result: Fact, client_of: ClientOf
) -> None:
    page = f"/links/{result.ref}/"
    client_of("member").post(page, sent(evidence.ref))
    edge: Any = Edge.objects.get()
    assert client_of(name).get(page).status_code == (302 if name == "anonymous" else 403)
    assert client_of(name).post(page, sent(evidence.ref)).status_code == 403
    assert client_of(name).post(f"{page}{edge.pk}/unlink/").status_code == 403
    assert Edge.objects.count() == 1


def test_the_sheet_of_a_city_is_there_for_everybody_in_each_format(city: City, client: Client) -> None:
    for kind in ("docx", "pdf", "xlsx"):
        answer = client.get(f"/cities/phatong/sheet.{kind}?lang=en")
        assert answer.status_code == 200
        assert f"sheet-en.{kind}" in answer["Content-Disposition"]
    assert client.get("/cities/phatong/sheet.odt").status_code == 404
    assert client.get("/cities/nowhere/sheet.pdf").status_code == 404


def test_an_authority_is_corrected_by_a_steward_from_the_page_of_its_city(
    city: City, source: Source, client_of: ClientOf
) -> None:
    from khlong.places.models import Authority

    authority = Authority.objects.create(
        name_th="ทต.พะตง", kind="subdistrict_municipality", province=city.province, source=source
    )
    city.authorities.add(authority)
    path = f"/cities/phatong/authorities/{authority.pk}/edit/"
    assert path in client_of("steward").get("/cities/phatong/edit/").content.decode()
    assert path not in client_of("member").get("/cities/phatong/edit/").content.decode()
    assert client_of("member").get(path).status_code == 403
    form = client_of("steward").get(path)
    typed = {
        "name_th": "เทศบาลตำบลพะตง",
        "kind": "subdistrict_municipality",
        "source": source.key,
        "mark": "A",
    }
    answer = client_of("steward").post(path, typed | {"base": form.context["base"]})
    assert answer.status_code == 302
    authority.refresh_from_db()
    assert authority.name_th == "เทศบาลตำบลพะตง"
