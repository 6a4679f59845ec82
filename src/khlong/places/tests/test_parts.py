"""Groups, authorities and words: what a city's page needs and has no page of its own."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from khlong.places import actions
from khlong.places.models import Authority, City, FactTopic, Group, Source, Unit
from khlong.record.models import AuditEntry

ClientOf = Callable[[str], Client]
EVERYBODY = ("anonymous", "observer", "member", "owner", "stranger", "steward")
OF_THE_CITY = ("member", "owner", "steward")
WHO_WRITES_ANYWHERE = (*OF_THE_CITY, "stranger")


@pytest.fixture
def group(city: City, source: Source) -> Group:
    from khlong.people.actor import system_actor

    values = {"name_th": "ชาวเรือ", "name_en": "boat people", "source": source}
    return actions.save_group(system_actor("test"), Group(city=city), values)


def typed(source: Source, **more: str) -> dict[str, str]:
    return {"name_th": "แรงงานข้ามชาติ", "source": source.key, "mark": "A"} | more


def expected(name: str, readers: tuple[str, ...]) -> int:
    return 200 if name in readers else 302 if name == "anonymous" else 403


@pytest.mark.parametrize(
    ("path", "readers"),
    [
        ("/cities/phatong/groups/add/", OF_THE_CITY),
        ("/cities/phatong/authorities/add/", WHO_WRITES_ANYWHERE),
        ("/words/topics/", EVERYBODY),
        ("/words/units/", EVERYBODY),
        ("/words/topics/add/", WHO_WRITES_ANYWHERE),
        ("/words/units/add/", WHO_WRITES_ANYWHERE),
        ("/words/units/people_test/edit/", ("steward",)),
    ],
)
def test_a_page_is_shown_to_those_who_may_and_to_nobody_else(
    path: str, readers: tuple[str, ...], city: City, client_of: ClientOf
) -> None:
    Unit.objects.create(key="people_test", label_th="คน", label_en="people")
    for name in EVERYBODY:
        assert client_of(name).get(path).status_code == expected(name, readers), name


def test_a_group_is_added_and_corrected_by_the_city_and_by_nobody_else(
    city: City, source: Source, group: Group, client_of: ClientOf
) -> None:
    add = reverse("places:add_group", args=["phatong"])
    edit = reverse("places:edit_group", args=["phatong", group.pk])
    for name in ("anonymous", "observer", "stranger"):
        assert client_of(name).post(add, typed(source)).status_code == 403
        assert client_of(name).post(edit, typed(source)).status_code == 403
    assert client_of("member").post(add, typed(source, words_of_source="ต่างด้าว")).status_code == 302
    assert [row.name_th for row in city.groups.all()] == ["ชาวเรือ", "แรงงานข้ามชาติ"]
    assert client_of("member").post(edit, typed(source, name_th="ชาวประมง")).status_code == 302
    group.refresh_from_db()
    assert (group.name_th, group.order) == ("ชาวประมง", 0)
    assert AuditEntry.objects.filter(action="places.group.save", actor="member").count() == 2


def test_a_group_of_another_city_is_not_reached_through_this_one(
    city: City, other_city: City, group: Group, client_of: ClientOf
) -> None:
    path = reverse("places:edit_group", args=[other_city.slug, group.pk])
    assert client_of("steward").get(path).status_code == 404


def test_a_new_authority_stands_in_the_province_and_can_be_joined(
    city: City, source: Source, client_of: ClientOf
) -> None:
    path = reverse("places:add_authority", args=["phatong"])
    sent = {"kind": "sao", "name_th": "อบต.ใหม่", "source": source.key, "mark": "B"}
    assert client_of("member").post(path, sent).status_code == 302
    made = Authority.objects.get(name_th="อบต.ใหม่")
    assert made.province_id == city.province_id
    assert (
        "อบต.ใหม่" in client_of("member").get(reverse("places:edit_city", args=["phatong"])).content.decode()
    )


def test_a_refused_form_keeps_what_was_typed(city: City, source: Source, client_of: ClientOf) -> None:
    answer = client_of("member").post(
        reverse("places:add_group", args=["phatong"]), typed(source, name_th="", words_of_source="คำในข่าว")
    )
    assert answer.status_code == 422
    assert 'value="คำในข่าว"' in answer.content.decode()
    assert not Group.objects.exists()


def test_a_new_word_gets_a_key_from_its_english_that_no_other_has(city: City, client_of: ClientOf) -> None:
    for _round in range(2):
        sent = {"label_th": "ถังน้ำ", "label_en": "Water tanks"}
        assert client_of("member").post(reverse("places:add_word", args=["units"]), sent).status_code == 302
    assert set(Unit.objects.filter(label_th="ถังน้ำ").values_list("key", flat=True)) == {
        "water_tanks",
        "water_tanks_2",
    }


def test_a_word_without_latin_letters_gets_a_key_too(city: City, client_of: ClientOf) -> None:
    sent = {"label_th": "เรื่องใหม่", "label_en": "เรื่องใหม่"}
    assert client_of("member").post(reverse("places:add_word", args=["topics"]), sent).status_code == 302
    assert FactTopic.objects.get(label_th="เรื่องใหม่").key == "word"


def test_a_steward_corrects_a_word_and_its_key_stays(city: City, client_of: ClientOf) -> None:
    Unit.objects.create(key="tanks", label_th="ถังน้ำา", label_en="tanks")
    path = reverse("places:edit_word", args=["units", "tanks"])
    assert client_of("steward").post(path, {"label_th": "ถังน้ำ", "label_en": "tanks"}).status_code == 302
    assert Unit.objects.get(key="tanks").label_th == "ถังน้ำ"


def test_there_are_topics_and_units_and_no_third_kind_of_word(client: Client) -> None:
    assert client.get("/words/verbs/").status_code == 404


def base_of(html: str) -> str:
    found = re.search(r'name="base" value="([0-9a-f]{64})"', html)
    assert found is not None
    return found[1]


def test_the_second_of_two_who_edit_a_group_sees_what_stands_and_loses_nothing(
    city: City, source: Source, group: Group, client_of: ClientOf
) -> None:
    path = reverse("places:edit_group", args=["phatong", group.pk])
    base = base_of(client_of("owner").get(path).content.decode())
    assert client_of("member").post(path, typed(source, name_th="ชาวประมง", base=base)).status_code == 302
    answer = client_of("owner").post(path, typed(source, name_th="ชาวเล", base=base))
    assert answer.status_code == 409
    (row,) = [row for row in answer.context["conflict_rows"] if row.mine == "ชาวเล"]
    assert (row.now, answer.context["conflict"]["by"]) == ("ชาวประมง", "member")
    html = answer.content.decode()
    assert 'value="ชาวเล"' in html
    group.refresh_from_db()
    assert group.name_th == "ชาวประมง"
    again = client_of("owner").post(path, typed(source, name_th="ชาวเล", base=base_of(html)))
    assert again.status_code == 302
    group.refresh_from_db()
    assert group.name_th == "ชาวเล"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_the_address_of_a_source_is_one_of_the_web(source: Source, client_of: ClientOf, url: str) -> None:
    sent = {"publisher_th": "ผู้เผยแพร่", "url": url}
    answer = client_of("steward").post(reverse("places:edit_source", args=["S10"]), sent)
    assert answer.status_code == 422
    assert "url" in answer.context["form"].errors
    source.refresh_from_db()
    assert source.url == "https://example.org/success"
