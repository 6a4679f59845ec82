"""Every page of the room, for everybody who may meet it, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from khlong.chain.models import Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.people.actor import Role, system_actor
from khlong.places import actions, urls
from khlong.places.models import Canal, City, Community, Fact, FactTopic, Gauge, Source, Unit, Zone

SYSTEM = system_actor("test")
ClientOf = Callable[[str], Client]
SIGN_IN = 302


@pytest.fixture
def fact(city: City, source: Source) -> Fact:
    topic = FactTopic.objects.create(key="population", label_th="ประชากร", label_en="population")
    unit = Unit.objects.create(key="people", label_th="คน", label_en="people")
    values = {"topic": topic, "unit": unit, "value": Decimal(10412), "source": source, "mark": "A"}
    return actions.save_fact(SYSTEM, actions.new_fact(city.node), values)


@pytest.fixture
def things(city: City, source: Source, programme: Any, fact: Fact) -> dict[str, Any]:
    community = actions.save_community(
        SYSTEM,
        new_thing(Community, Kind.COMMUNITY, space=city.node),
        {"city": city, "name_th": "บ้านหลบมุม", "source": source},
    )
    canal = new_thing(Canal, Kind.CANAL, space=programme.node)
    gauge = new_thing(Gauge, Kind.GAUGE, space=programme.node)
    return {
        "community": community,
        "zone": actions.save_zone(
            SYSTEM, Zone(community=community), {"name_th": "โซนตลาด", "source": source}
        ),
        "canal": actions.save_canal(SYSTEM, canal, {"name_th": "คลองตง"}, links={"cities": [city]}),
        "gauge": actions.save_gauge(SYSTEM, gauge, {"name_th": "บางศาลา", "code": "X.44"}),
        "fact": fact,
    }


@dataclass(frozen=True)
class Page:
    """An address, words of data that it shows, and who gets a page (everybody else is refused or sent away)."""

    name: str
    of: str = ""
    words: str = ""
    readers: tuple[str, ...] = ("anonymous", "observer", "member", "owner", "stranger", "steward")
    key: str = "ref"
    query: str = ""
    english: str = ""


WRITERS = ("member", "owner", "steward")
STEWARD = ("steward",)
PAGES = [
    Page("cities", words="เมืองพะตง", english="Phatong"),
    Page("city", "city", "เมืองพะตง", key="slug", english="Phatong"),
    Page("city_facts", "city", "10,412", key="slug"),
    Page("changes", "city", "", key="slug"),
    Page("edit_city", "city", "เมืองพะตง", WRITERS, key="slug"),
    Page("add_community", "city", "", WRITERS, key="slug"),
    Page("community", "community", "โซนตลาด"),
    Page("edit_community", "community", "บ้านหลบมุม", WRITERS),
    Page("add_zone", "community", "", WRITERS),
    Page("edit_zone", "zone", "โซนตลาด", WRITERS),
    Page("canals", words="คลองตง"),
    Page("add_canal", readers=STEWARD),
    Page("canal", "canal", "คลองตง"),
    Page("edit_canal", "canal", "คลองตง", STEWARD),
    Page("add_gauge", readers=STEWARD),
    Page("gauge", "gauge", "X.44"),
    Page("edit_gauge", "gauge", "X.44", STEWARD),
    Page("facts", words="10,412"),
    Page("add_fact", readers=WRITERS, query="?about=C-PTG"),
    Page("fact", "fact", "10,412"),
    Page("correct_fact", "fact", "10412", WRITERS),
    Page("sources", words="S10"),
    Page("source", "source", "10,412", key="key"),
    Page("edit_source", "source", "https://example.org/success", STEWARD, key="key"),
]
ELSEWHERE = {"map", "boundaries", "boundary_check", "city_by_ref", "withdraw_fact", "publish_fact"}
IN_TEST_PARTS = {
    "add_group",
    "edit_group",
    "add_authority",
    "edit_authority",
    "words",
    "add_word",
    "edit_word",
}


def address(page: Page, things: dict[str, Any]) -> str:
    if page.of == "zone":
        return reverse("places:edit_zone", args=[things["community"].ref, things["zone"].pk])
    kwargs = {page.key: getattr(things[page.of], page.key)} if page.of else {}
    return reverse(f"places:{page.name}", kwargs=kwargs) + page.query


def test_every_address_of_the_room_is_tried_here() -> None:
    names = {pattern.name for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)}
    assert names == {page.name for page in PAGES} | ELSEWHERE | IN_TEST_PARTS


@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_shown_to_those_who_may_and_to_nobody_else(
    page: Page, lang: str, things: dict[str, Any], city: City, source: Source, client_of: ClientOf
) -> None:
    path = address(page, things | {"city": city, "source": source})
    for name in ("anonymous", "observer", "member", "owner", "stranger", "steward"):
        client = client_of(name)
        client.cookies["khlong_language"] = lang
        response = client.get(path)
        expected = 200 if name in page.readers else SIGN_IN if name == "anonymous" else 403
        assert response.status_code == expected, name
        if expected == 200:
            html = response.content.decode()
            assert (page.english if lang == "en" and page.english else page.words) in html
            assert f'<html lang="{lang}"' in html


ABSENT = [
    ("city", "nowhere"),
    ("city_by_ref", "C-XXX"),
    ("city_facts", "nowhere"),
    ("changes", "nowhere"),
    ("edit_city", "nowhere"),
    ("add_community", "nowhere"),
    ("community", "B-PTG-0099"),
    ("edit_community", "B-PTG-0099"),
    ("add_zone", "B-PTG-0099"),
    ("canal", "K-SCS-0099"),
    ("edit_canal", "K-SCS-0099"),
    ("gauge", "G-SCS-0099"),
    ("edit_gauge", "G-SCS-0099"),
    ("fact", "D-PTG-0099"),
    ("correct_fact", "D-PTG-0099"),
    ("source", "S99"),
    ("edit_source", "S99"),
]


@pytest.mark.parametrize(("name", "key"), ABSENT)
def test_what_is_not_there_is_not_found(name: str, key: str, client_of: ClientOf) -> None:
    assert client_of("steward").get(reverse(f"places:{name}", args=[key])).status_code == 404


@pytest.mark.parametrize("query", ["", "?about=nothing", "?about=D-PTG-0099", "?like=D-PTG-0099"])
def test_a_fact_is_added_about_something(query: str, client_of: ClientOf) -> None:
    assert client_of("member").get(f"/facts/add/{query}").status_code == 404


def hide(thing: Any) -> None:
    Node.objects.filter(pk=thing.pk).update(visibility=Visibility.MEMBERS)


def test_what_is_not_published_is_not_found_by_others(
    things: dict[str, Any], city: City, client_of: ClientOf
) -> None:
    for thing in (things["fact"], things["community"], city):
        hide(thing)
        for name, status in (("anonymous", 404), ("stranger", 404), ("observer", 200), ("member", 200)):
            assert client_of(name).get(thing.get_absolute_url(), follow=True).status_code == status, (
                thing,
                name,
            )


def test_what_is_not_published_is_in_no_list_for_others(
    things: dict[str, Any], city: City, client_of: ClientOf
) -> None:
    hide(things["fact"])
    for path in ("/facts/", "/sources/S10/", "/cities/phatong/facts/", "/cities/phatong/"):
        assert "10,412" not in client_of("anonymous").get(path).content.decode(), path
        assert "10,412" in client_of("observer").get(path).content.decode(), path


def test_a_city_is_found_by_its_reference(city: City, client: Client) -> None:
    assert client.get("/cities/ref/C-PTG/")["Location"] == "/cities/phatong/"


# --- facts -----------------------------------------------------------------------------------


@pytest.fixture
def typed(fact: Fact) -> dict[str, str]:
    return {
        "topic": "population",
        "value": "๑๐,๔๑๓",
        "unit": "people",
        "source": "S10",
        "mark": "A",
        "base": "1",
    }


def test_a_fact_is_added_as_typed_with_thai_digits(
    fact: Fact, typed: dict[str, str], client_of: ClientOf
) -> None:
    response = client_of("member").post("/facts/add/?about=C-PTG", typed)
    made = Fact.objects.exclude(pk=fact.pk).get()
    assert response["Location"] == made.get_absolute_url()
    assert made.value == 10413
    assert (made.entered_by, made.ref, made.about) == ("member", "D-PTG-0002", fact.about)


def test_what_another_source_says_stands_beside_what_was_said(
    fact: Fact, typed: dict[str, str], client_of: ClientOf
) -> None:
    form = client_of("member").get(f"/facts/add/?like={fact.ref}")
    assert form.context["form"].initial["topic"] == "population"
    client_of("member").post(f"/facts/add/?like={fact.ref}", typed)
    assert {int(row.value or 0) for row in Fact.objects.all()} == {10412, 10413}
    page = client_of("anonymous").get(fact.get_absolute_url()).content.decode()
    assert "10,412" in page
    assert "10,413" in page


def test_a_fact_is_added_with_a_new_source(fact: Fact, typed: dict[str, str], client_of: ClientOf) -> None:
    new = {
        "source": "",
        "new_publisher": "กรมชลประทาน",
        "new_url": "https://example.org/rid",
        "new_date": "มิถุนายน 2564",
    }
    assert client_of("member").post("/facts/add/?about=C-PTG", typed | new).status_code == 302
    made = Source.objects.get(key="N0001")
    assert (made.publisher_th, made.date.iso() if made.date else "") == ("กรมชลประทาน", "2021-06")


@pytest.mark.parametrize("lang", ["th", "en"])
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"source": ""}, "source"),
        ({"value": "ราวหมื่น"}, "value"),
        ({"value": ""}, "statement_th"),
        ({"unit": ""}, "unit"),
        ({"statement_th": "มีคนมาก"}, "value"),
        ({"time": "เมื่อวาน"}, "time"),
        ({"value": "", "low": "9", "high": "1"}, "high"),
        ({"mark": "C"}, "mark"),
        ({"topic": "nothing"}, "topic"),
        ({"value": "1" * 30}, "value"),
    ],
)
def test_what_cannot_stand_is_said_at_its_field_and_nothing_typed_is_lost(
    fact: Fact, typed: dict[str, str], client_of: ClientOf, change: dict[str, str], field: str, lang: str
) -> None:
    client = client_of("member")
    client.cookies["khlong_language"] = lang
    sent = typed | {"reporter_th": "ผู้ใหญ่บ้าน", "scope_th": "เฉพาะในเขตเทศบาล"} | change
    page = client.post("/facts/add/?about=C-PTG", sent)
    assert page.status_code == 422
    assert field in page.context["form"].errors
    html = page.content.decode()
    for words in ("ผู้ใหญ่บ้าน", "เฉพาะในเขตเทศบาล", *filter(None, (sent["value"], change.get("time")))):
        assert words in html
    assert Fact.objects.count() == 1


def test_a_correction_that_comes_second_shows_both_and_keeps_no_new_source(
    fact: Fact, typed: dict[str, str], client_of: ClientOf
) -> None:
    actions.save_fact(SYSTEM, fact, {"value": Decimal(10500)}, base=1)
    sent = typed | {"source": "", "new_publisher": "กรมชลประทาน"}
    page = client_of("member").post(f"/facts/{fact.ref}/correct/", sent)
    assert page.status_code == 409
    html = page.content.decode()
    for words in ("10413", "10500", "10412", "กรมชลประทาน"):
        assert words in html
    assert Source.objects.count() == 1


def test_withdrawing_and_publishing_is_done_by_post_and_by_members(fact: Fact, client_of: ClientOf) -> None:
    path = f"/facts/{fact.ref}"
    assert client_of("member").get(f"{path}/withdraw/").status_code == 405
    assert client_of("observer").post(f"{path}/withdraw/").status_code == 403
    assert client_of("anonymous").post(f"{path}/withdraw/").status_code == 403
    assert client_of("member").post(f"{path}/withdraw/")["Location"] == f"{path}/"
    assert client_of("anonymous").get(f"{path}/").status_code == 404
    assert client_of("observer").post(f"{path}/publish/").status_code == 403
    assert client_of("stranger").post(f"{path}/publish/").status_code == 404
    assert client_of("member").post(f"{path}/publish/").status_code == 302
    assert client_of("anonymous").get(f"{path}/").status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=ประชากร", 1),
        ("q=น้ำท่วม", 0),
        ("kind=figure", 1),
        ("kind=statement", 0),
        ("kind=other", 1),
        ("page=99", 1),
        ("q=%25", 0),
    ],
)
def test_a_list_of_facts_is_narrowed_by_words_and_kind(
    fact: Fact, client: Client, query: str, found: int
) -> None:
    response = client.get(f"/facts/?{query}")
    assert response.status_code == 200
    assert len(response.context["page_obj"].object_list) == found


# --- rows without a node of their own --------------------------------------------------------


def test_a_zone_is_added_and_changed(things: dict[str, Any], client_of: ClientOf) -> None:
    ref = things["community"].ref
    sent = {"name_th": "โซนริมคลอง", "valid_from": "2565", "source": "S10", "mark": "A"}
    assert client_of("member").post(f"/communities/{ref}/zones/add/", sent).status_code == 302
    made = Zone.objects.get(name_th="โซนริมคลอง")
    path = f"/communities/{ref}/zones/{made.pk}/edit/"
    assert client_of("member").post(path, sent | {"name_th": "โซนริมน้ำ"}).status_code == 302
    made.refresh_from_db()
    assert (made.name_th, made.valid_from.iso() if made.valid_from else "") == ("โซนริมน้ำ", "2022")


@pytest.mark.parametrize("change", [{"name_th": ""}, {"valid_to": "2564"}, {"valid_from": "ไม่รู้"}])
def test_a_zone_that_cannot_stand_is_said_and_what_was_typed_stays(
    things: dict[str, Any], client_of: ClientOf, change: dict[str, str]
) -> None:
    sent = {"name_th": "โซนริมคลอง", "name_en": "the bank", "valid_from": "2565", "source": "S10", "mark": "A"}
    page = client_of("member").post(f"/communities/{things['community'].ref}/zones/add/", sent | change)
    assert page.status_code == 422
    assert "the bank" in page.content.decode()
    assert Zone.objects.count() == 1


def test_a_second_zone_of_one_name_and_time_is_refused_on_the_page(
    things: dict[str, Any], client_of: ClientOf
) -> None:
    sent = {"name_th": "โซนริมคลอง", "valid_from": "2565", "source": "S10", "mark": "A"}
    path = f"/communities/{things['community'].ref}/zones/add/"
    assert [client_of("member").post(path, sent).status_code for _time in range(2)] == [302, 422]
    assert Zone.objects.filter(name_th="โซนริมคลอง").count() == 1


def test_a_zone_of_another_community_is_not_found_here(
    things: dict[str, Any], city: City, source: Source, client_of: ClientOf
) -> None:
    values = {"city": city, "name_th": "บ้านกลาง", "source": source}
    other = actions.save_community(SYSTEM, new_thing(Community, Kind.COMMUNITY, space=city.node), values)
    assert (
        client_of("member").get(f"/communities/{other.ref}/zones/{things['zone'].pk}/edit/").status_code
        == 404
    )


def test_a_source_is_corrected_by_stewards(source: Source, client_of: ClientOf) -> None:
    sent = {"publisher_th": "สสท.", "date": "17 มิถุนายน 2565"}
    assert client_of("member").post("/sources/S10/edit/", sent).status_code == 403
    assert client_of("steward").post("/sources/S10/edit/", sent)["Location"] == "/sources/S10/"
    source.refresh_from_db()
    assert source.publisher_th == "สสท."


def test_water_is_kept_by_the_programmes_people(
    things: dict[str, Any], coordinator: Any, client_of: ClientOf
) -> None:
    client = Client()
    client.force_login(coordinator)
    sent = {"name_th": "คลองหวะ", "flows_into": str(things["canal"].pk), "code": "X.90"}
    assert client.post("/canals/add/", sent).status_code == 302
    made = Canal.objects.get(name_th="คลองหวะ")
    assert made.ref == "K-SCS-0002"
    assert (
        client.post(
            f"/canals/{things['canal'].ref}/edit/", {"name_th": "คลองตง", "flows_into": str(made.pk)}
        ).status_code
        == 422
    )
    assert client.post("/gauges/add/", sent).status_code == 302
    assert client_of("owner").post("/canals/add/", sent).status_code == 403


def test_a_community_is_added_to_its_city(city: City, client_of: ClientOf) -> None:
    sent = {"name_th": "บ้านม่วงก็อง", "source": "S10", "mark": "B"}
    response = client_of("member").post("/cities/phatong/communities/add/", sent)
    made = Community.objects.get()
    assert (response["Location"], made.city, made.space_id) == (f"/communities/{made.ref}/", city, city.pk)


def test_who_changed_what_is_read_by_those_who_work_there_without_values(
    fact: Fact, client_of: ClientOf
) -> None:
    del fact
    assert "places.fact.save" in client_of("member").get("/cities/phatong/changes/").content.decode()
    for name in ("anonymous", "observer", "stranger"):
        assert "places.fact.save" not in client_of(name).get("/cities/phatong/changes/").content.decode(), (
            name
        )
    assert "10,412" not in client_of("member").get("/cities/phatong/changes/").content.decode()


def test_the_pages_take_no_more_queries_for_more_facts(
    fact: Fact, city: City, source: Source, client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        values = {
            "topic": fact.topic,
            "unit": fact.unit,
            "value": Decimal(number),
            "source": source,
            "mark": "B",
        }
        actions.save_fact(SYSTEM, actions.new_fact(city.node), values)
    for path in (
        "/cities/",
        "/cities/phatong/",
        "/facts/",
        "/cities/phatong/facts/",
        "/sources/S10/",
        fact.get_absolute_url(),
    ):
        client.get(path)
        with django_assert_max_num_queries(12):
            client.get(path)


def test_a_role_given_a_moment_ago_counts(city: City, client_of: ClientOf, cast: Any) -> None:
    from django.apps import apps

    client = client_of("stranger")
    assert client.get("/cities/phatong/edit/").status_code == 403
    apps.get_model("network.Membership").objects.create(space=city.node, user=cast.stranger, role=Role.MEMBER)
    assert client.get("/cities/phatong/edit/").status_code == 200
