"""Findings in the browser: read by everybody, written with why and evidence without losing a word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from khlong.assessment.actions import Ground, publish_finding, save_finding
from khlong.assessment.models import Finding
from khlong.chain.actions import link
from khlong.chain.models import Edge, EdgeKind, Kind, Visibility
from khlong.chain.things import new_thing
from khlong.network.actions import save_meeting
from khlong.network.models import Meeting
from khlong.people.actor import system_actor
from khlong.places.actions import new_fact, save_fact
from khlong.places.models import City, Fact
from khlong.record.tests import drawn
from khlong.register.tests.makers import DAY, fact_values, household_of
from khlong.thai.dates import Span

SYSTEM = system_actor("test")
ClientOf = Callable[[str], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english(settings: Any) -> Any:
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


@pytest.fixture
def fact(city: City, source: Any) -> Fact:
    return save_fact(SYSTEM, new_fact(city.node), fact_values(source))


@pytest.fixture
def meeting(city: City, source: Any) -> Meeting:
    values = {"name_th": "เวทีคืนข้อมูล", "source": source, "date": Span.day(DAY)}
    return save_meeting(SYSTEM, new_thing(Meeting, Kind.MEETING, space=city.node), values)


def finding(
    city: City, *nodes: Any, hidden: bool = False, words: str = "น้ำเข้าบ้านก่อนคลองล้น", **more: Any
) -> Finding:
    chain = [
        {"th": "ปากท่อต่ำ", "en": "", "explains": None, "underlying": False},
        {"th": "ไม่มีใครขึ้นทะเบียนคลอง", "en": "", "explains": 0, "underlying": True},
    ]
    values = {"city": city, "statement_th": words, "confidence": "medium", "chain": chain} | more
    visibility = Visibility.MEMBERS if hidden else Visibility.PUBLIC
    unsaved = new_thing(Finding, Kind.FINDING, space=city.node, visibility=visibility)
    return save_finding(SYSTEM, unsaved, values, ground=Ground(nodes))


def typed(**more: Any) -> dict[str, Any]:
    values = {
        "statement_th": "บ้านหลังตลาดจมก่อน",
        "statement_en": "",
        "hazard": "flood",
        "confidence": "medium",
        "why-0-th": "ปากท่อต่ำ",
        "why-0-explains": "",
        "why-1-th": "ไม่มีใครขึ้นทะเบียนคลอง",
        "why-1-explains": "0",
        "why-1-underlying": "1",
        "why-2-th": "",
        "why-2-explains": "1",
    }
    return values | more


def add(city: City) -> str:
    return f"/cities/{city.slug}/findings/add/"


def body(response: Any) -> str:
    return str(response.content.decode())


# --- reading ------------------------------------------------------------------------------


def test_everybody_reads_a_finding_from_its_sentence_down_to_what_lies_under_it(
    client: Client, city: City, fact: Fact
) -> None:
    household = household_of(city)
    made = finding(city, household["statement"].node, fact.node)
    text = body(client.get(made.get_absolute_url()))
    assert text.index("น้ำเข้าบ้านก่อนคลองล้น") < text.index("ปากท่อต่ำ") < text.index("ไม่มีใครขึ้นทะเบียนคลอง")
    assert "Underlying cause" in text
    assert "มันย้อนขึ้นจากท่อหลังบ้าน" in text
    assert str(household["household"].pk) not in text
    assert "ใต้ถุนบ้าน" not in text


def test_evidence_that_only_the_working_group_sees_is_not_named_to_others(
    client: Client, client_of: ClientOf, city: City
) -> None:
    closed = household_of(city, "ลับ")["statement"]
    made = finding(city, closed.node)
    text = body(client.get(made.get_absolute_url()))
    assert closed.ref not in text
    assert "The working group keeps what it rests on." in text
    assert closed.ref in body(client_of("member").get(made.get_absolute_url()))


def test_a_draft_is_for_the_working_group(client: Client, client_of: ClientOf, city: City) -> None:
    made = finding(city, hidden=True)
    assert client.get(made.get_absolute_url()).status_code == 404
    assert "A draft" in body(client_of("member").get(made.get_absolute_url()))
    assert client_of("member").post(f"/findings/{made.ref}/publish/").status_code == 302
    assert client.get(made.get_absolute_url()).status_code == 200


def test_the_list_is_narrowed_by_hazard_and_by_whether_it_was_checked(client: Client, city: City) -> None:
    finding(city, words="จมก่อน", hazard="flood")
    dry = finding(city, words="แล้งนาน", hazard="drought")
    Finding.objects.filter(pk=dry.pk).update(validated_on=DAY)
    address = f"/cities/{city.slug}/findings/"
    both = body(client.get(address))
    assert "จมก่อน" in both
    assert "แล้งนาน" in both
    assert "แล้งนาน" not in body(client.get(f"{address}?hazard=flood"))
    assert "จมก่อน" not in body(client.get(f"{address}?state=checked"))
    assert "จมก่อน" not in body(client.get(f"{address}?hazard=nonsense"))


def test_a_city_without_published_findings_says_not_published(client: Client, city: City) -> None:
    assert "Not published" in body(client.get(f"/cities/{city.slug}/findings/")) or "not published" in body(
        client.get(f"/cities/{city.slug}/findings/")
    )


def test_findings_of_all_cities_stand_together(client: Client, city: City, other_city: City) -> None:
    finding(city, words="จมก่อน")
    finding(other_city, words="ทะเลกัด")
    text = body(client.get("/findings/"))
    assert "จมก่อน" in text
    assert "ทะเลกัด" in text


@pytest.mark.parametrize("number", [3, 24])
def test_a_list_asks_as_often_whether_it_is_short_or_long(
    client: Client, city: City, number: int, django_assert_max_num_queries: Any
) -> None:
    for at in range(number):
        finding(city, words=f"ข้อ {at}")
    client.get(f"/cities/{city.slug}/findings/")
    with django_assert_max_num_queries(12):
        client.get(f"/cities/{city.slug}/findings/")


def test_a_finding_with_much_evidence_is_read_within_twelve_questions(
    client_of: ClientOf, city: City, fact: Fact, meeting: Meeting, django_assert_max_num_queries: Any
) -> None:
    said = [household_of(city, f"{at}")["statement"].node for at in range(6)]
    made = finding(city, fact.node, meeting.node, *said)
    member = client_of("member")
    member.get(made.get_absolute_url())
    with django_assert_max_num_queries(12):
        member.get(made.get_absolute_url())


# --- writing ------------------------------------------------------------------------------


def test_a_finding_is_written_with_why_and_evidence_in_one_form(
    client_of: ClientOf, city: City, fact: Fact
) -> None:
    response = client_of("member").post(add(city), typed(**{"evidence-0-ref": fact.ref.lower()}))
    made = Finding.objects.get()
    assert response.status_code == 302, body(response)
    assert response["Location"] == made.get_absolute_url()
    assert [row.text_th for row in made.causes.all()] == ["ปากท่อต่ำ", "ไม่มีใครขึ้นทะเบียนคลอง"]
    assert Edge.objects.get(down=made.pk).up_id == fact.pk
    assert made.node.visibility == Visibility.MEMBERS


def test_the_address_brings_what_it_rests_on(client_of: ClientOf, city: City, fact: Fact) -> None:
    said = household_of(city)["statement"]
    text = body(client_of("member").get(f"{add(city)}?statement={said.ref}&fact={fact.ref}"))
    assert f'value="{said.ref}"' in text
    assert f'value="{fact.ref}"' in text
    assert said.title in text


@pytest.mark.parametrize("button", ["more-why", "more-evidence", "find", "put-in"])
def test_asking_for_more_saves_nothing_and_loses_nothing(
    client_of: ClientOf, city: City, fact: Fact, button: str
) -> None:
    more = {button: "1", "evidence-0-ref": fact.ref, "why-0-en": "The outlet is low"}
    response = client_of("member").post(add(city), typed(**more))
    text = body(response)
    assert response.status_code == 200
    assert not Finding.objects.exists()
    for kept in ("บ้านหลังตลาดจมก่อน", "ไม่มีใครขึ้นทะเบียนคลอง", fact.ref, "The outlet is low"):
        assert kept in text
    assert ("why-4-th" in text) is (button == "more-why")


def test_a_search_offers_evidence_of_this_city_only(
    client_of: ClientOf, city: City, other_city: City, source: Any
) -> None:
    ours = save_fact(SYSTEM, new_fact(city.node), fact_values(source))
    theirs = save_fact(SYSTEM, new_fact(other_city.node), fact_values(source))
    response = client_of("member").post(add(city), typed(find="1", **{"evidence-find": "ผู้เสียชีวิต"}))
    text = body(response)
    assert f'name="evidence-add" value="{ours.ref}"' in text
    assert theirs.ref not in text
    kept = client_of("member").post(add(city), typed(**{"evidence-add": ours.ref}))
    assert kept.status_code == 302
    assert Edge.objects.get(down__kind=Kind.FINDING).up_id == ours.pk


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"statement_th": ""}, "Fill in this field."),
        ({"why-1-underlying": ""}, "at least one step as an underlying cause"),
        ({"why-0-explains": "1"}, "in a circle"),
        ({"evidence-0-ref": "xx"}, "is not a reference"),
        ({"evidence-0-ref": "D-XXX-0009"}, "Nothing has the reference"),
        ({"evidence-0-ref": "C-PTG"}, "is no evidence"),
        ({"evidence-0-ref": "D-BYG-0001"}, "belongs to another city"),
    ],
)
def test_what_cannot_stand_is_told_and_every_word_stays(
    client_of: ClientOf, city: City, other_city: City, source: Any, more: dict[str, str], words: str
) -> None:
    save_fact(SYSTEM, new_fact(other_city.node), fact_values(source))
    response = client_of("member").post(add(city), typed(**more))
    text = body(response)
    assert response.status_code == 422
    assert words in text
    assert "ไม่มีใครขึ้นทะเบียนคลอง" in text
    assert not Finding.objects.exists()


def test_a_link_across_cities_is_made_when_it_is_meant(
    client_of: ClientOf, city: City, other_city: City, source: Any
) -> None:
    theirs = save_fact(SYSTEM, new_fact(other_city.node), fact_values(source))
    more = {"evidence-0-ref": theirs.ref, "evidence-0-across": "1"}
    assert client_of("member").post(add(city), typed(**more)).status_code == 302
    assert Edge.objects.get(up=theirs.pk).across


def test_a_photo_is_kept_at_once_and_stands_in_the_finding_with_its_words(
    client_of: ClientOf, city: City
) -> None:
    member = client_of("member")
    text = body(
        member.post(add(city), typed(**{"put-in": "1", "paper": drawn.upload(drawn.png((12, 9)), "w.png")}))
    )
    key = text.split('name="paper-0-file" value="')[1].split('"')[0]
    refused = member.post(add(city), typed(**{"paper-0-file": key}))
    assert refused.status_code == 422
    assert "what each file shows" in body(refused)
    assert (
        member.post(add(city), typed(**{"paper-0-file": key, "paper-0-caption_th": "คราบน้ำ"})).status_code
        == 302
    )
    assert Finding.objects.get().files.get().caption_th == "คราบน้ำ"


def test_the_slower_of_two_writers_sees_the_first_and_keeps_her_words(
    client_of: ClientOf, city: City
) -> None:
    made = finding(city)
    save_finding(SYSTEM, made, {"statement_th": "คนแรกเปลี่ยน"}, base=1)
    response = client_of("member").post(f"/findings/{made.ref}/edit/", typed(base="1", why=""))
    assert response.status_code == 409
    assert "บ้านหลังตลาดจมก่อน" in body(response)
    assert "คนแรกเปลี่ยน" in body(response)


def test_a_row_of_the_why_that_is_emptied_goes_and_the_others_close_up(
    client_of: ClientOf, city: City
) -> None:
    made = finding(city)
    rows = {"why-0-th": "", "why-1-explains": "0", "base": "1"}
    assert client_of("member").post(f"/findings/{made.ref}/edit/", typed(**rows)).status_code == 302
    only = made.causes.get()
    assert (only.text_th, only.explains_id) == ("ไม่มีใครขึ้นทะเบียนคลอง", None)


def test_changing_a_checked_finding_asks_first(client_of: ClientOf, city: City, fact: Fact) -> None:
    made = finding(city, fact.node)
    Finding.objects.filter(pk=made.pk).update(validated_on=DAY)
    member, address = client_of("member"), f"/findings/{made.ref}/edit/"
    response = member.post(address, typed(base="1"))
    assert response.status_code == 422
    assert 'name="sure"' in body(response)
    assert member.post(address, typed(base="1", sure="on")).status_code == 302
    assert not Finding.objects.get(pk=made.pk).is_checked


@pytest.mark.parametrize("who", ["observer", "stranger", "anonymous"])
def test_who_does_not_write_here_gets_no_form(client_of: ClientOf, city: City, who: str) -> None:
    made = finding(city)
    for address in (add(city), f"/findings/{made.ref}/edit/", f"/findings/{made.ref}/check/"):
        assert client_of(who).get(address).status_code in {302, 403}
        assert client_of(who).post(address, typed()).status_code in {302, 403}
    assert Finding.objects.count() == 1


# --- checking -----------------------------------------------------------------------------


def test_a_check_is_noted_and_taken_back_with_a_reason(
    client_of: ClientOf, city: City, fact: Fact, meeting: Meeting
) -> None:
    made, member = finding(city, fact.node), client_of("member")
    address = f"/findings/{made.ref}/check/"
    wrong = member.post(address, {"meeting": meeting.pk, "day": "15 Mar 2026"})
    assert wrong.status_code == 422
    assert "The meeting was not on this day" in body(wrong), body(wrong).split("<main")[1][:3000]
    assert member.post(address, {"meeting": meeting.pk, "day": "14 Mar 2026"}).status_code == 302
    assert "Checked together on" in body(member.get(made.get_absolute_url()))
    assert member.post(address, {"reason": ""}).status_code == 422
    assert member.post(address, {"reason": "มีคนไม่ได้มา"}).status_code == 302
    assert not Finding.objects.get(pk=made.pk).is_checked


def test_a_finding_without_evidence_is_not_checked_and_the_words_say_what_to_do(
    client_of: ClientOf, city: City, meeting: Meeting
) -> None:
    made = finding(city)
    response = client_of("member").post(
        f"/findings/{made.ref}/check/", {"meeting": meeting.pk, "day": "14 Mar 2026"}
    )
    assert response.status_code == 422
    assert "Link the evidence" in body(response)


def test_taking_back_what_public_things_rest_on_is_asked_about(
    client_of: ClientOf, city: City, fact: Fact
) -> None:
    made, member = finding(city), client_of("member")
    link(SYSTEM, made.node, fact.node, EdgeKind.RESTS_ON)
    response = member.post(f"/findings/{made.ref}/withdraw/", {})
    assert response.status_code == 200
    assert fact.ref in body(response)
    assert member.post(f"/findings/{made.ref}/withdraw/", {"sure": "1"}).status_code == 302
    assert Finding.objects.get(pk=made.pk).node.visibility == Visibility.MEMBERS
    publish_finding(SYSTEM, Finding.objects.get(pk=made.pk))


def test_who_notes_a_check_is_led_to_a_meeting_that_is_not_in_the_list(
    city: City, fact: Fact, client_of: ClientOf
) -> None:
    found = finding(city, fact.node)
    member, way = client_of("member"), "/meetings/add/?space=C-PTG"
    assert way in member.get(f"/findings/{found.ref}/check/").content.decode()
    assert member.get(way).status_code == 200
