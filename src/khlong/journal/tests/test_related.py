"""What is related to what: by words, by cities, by hand, and never more than a reader may see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from khlong.chain.load import dump_all, load_all
from khlong.chain.models import Node
from khlong.journal.actions import save_report, set_related, withdraw_report
from khlong.journal.models import Related, Report, Topic, Word
from khlong.journal.queries import related_to
from khlong.journal.similar import compare_all, counted
from khlong.journal.tests.makers import make_report
from khlong.journal.tests.test_topics import make_topic
from khlong.network.models import Programme
from khlong.network.tests.makers import SYSTEM, hide, make_statement, page
from khlong.people.actor import ANONYMOUS
from khlong.places.models import City, Source
from khlong.record.errors import Refused
from khlong.record.jobs import enqueue, work_off
from khlong.record.models import JobState

BOATS = "ซ้อมอพยพด้วยเรือท้องแบน เรือยางสองลำรับผู้ป่วยติดเตียงจากบ้านริมคลอง"
BOATS_AGAIN = "อาสาสมัครซ่อมเรือท้องแบนและเรือยาง เตรียมรับผู้ป่วยติดเตียง"
RICE = "ปลูกข้าวปลอดสารเคมีร่วมกับโรงเรียน เก็บเกี่ยวได้สามเกวียน"


@pytest.fixture
def three(city: City) -> tuple[Report, Report, Report]:
    made = [
        make_report(city.node, name, text_th=text)
        for name, text in (("ซ้อมอพยพ", BOATS), ("ซ่อมเรือ", BOATS_AGAIN), ("ข้าวโรงเรียน", RICE))
    ]
    return made[0], made[1], made[2]


def others(node: Node, actor: Any = ANONYMOUS) -> list[str]:
    return [one.other.ref for one in related_to(actor, node)]


def test_texts_that_share_rare_words_are_related_both_ways_and_say_which(
    three: tuple[Report, Report, Report],
) -> None:
    first, second, third = three
    (found,) = related_to(ANONYMOUS, first.node)
    assert found.other.ref == second.ref
    assert {"เรือยาง", "ติดเตียง"} <= set(" ".join(found.words).split()) or "เรือ" in "".join(found.words)
    assert others(second.node) == [first.ref]
    assert others(third.node) == []


def test_a_long_term_counts_with_the_words_it_is_made_of() -> None:
    words = counted(["รถรับส่งผู้ป่วย"])
    assert {"รถรับส่งผู้ป่วย", "ผู้ป่วย"} <= set(words)
    assert not {"และ", "ที่", "1", "ครั้งที่"} & set(counted(["และ ที่ 1 ครั้งที่ ของ"]))


def test_a_shared_city_brings_two_nearer_and_is_named(city: City, other_city: City) -> None:
    for number in range(4):
        make_report(city.node, f"ข้าว {number}", text_th=RICE)
    one = make_report(city.node, "ซ้อมอพยพ", text_th=BOATS, cities=[city])
    near = make_report(city.node, "ซ่อมเรือหนึ่ง", text_th=BOATS_AGAIN, cities=[city])
    far = make_report(city.node, "ซ่อมเรือสอง", text_th=BOATS_AGAIN, cities=[other_city])
    first, second = related_to(ANONYMOUS, one.node)
    assert (first.other.ref, second.other.ref) == (near.ref, far.ref)
    with override("th"):
        assert (first.shared_cities, second.shared_cities) == (["เมืองพะตง"], [])


def test_what_changed_is_compared_anew(three: tuple[Report, Report, Report]) -> None:
    first, second, third = three
    save_report(SYSTEM, second, {"name_th": "ข้าวอีก", "text_th": RICE})
    assert others(first.node) == []
    assert others(second.node) == [third.ref]
    assert others(third.node) == [second.ref]


def test_nobody_is_led_to_what_she_may_not_see(cast: Any, three: tuple[Report, Report, Report]) -> None:
    first, second, _third = three
    withdraw_report(SYSTEM, second)
    assert others(first.node) == []
    assert others(first.node, cast.actors["observer"]) == [second.ref]
    assert others(first.node, cast.actors["stranger"]) == []


def test_a_fact_that_is_not_published_lends_no_words(programme: Programme, source: Source) -> None:
    topic = make_topic(programme.node, "รถเติมสุข")
    make_statement(topic.node, source, "โรงพยาบาลออกค่าน้ำมัน")
    hide(make_statement(topic.node, source, "นายกลับใจเปลี่ยนแผน"))
    compare_all()
    words = set(Word.objects.filter(node=topic.pk).values_list("word", flat=True))
    assert "โรงพยาบาล" in words
    assert not any("แผน" in word or "กลับใจ" in word for word in words)


def test_the_weights_are_made_anew_by_a_job(cast: Any, three: tuple[Report, Report, Report]) -> None:
    Related.objects.all().delete()
    Word.objects.all().delete()
    job = enqueue(cast.actors["steward"], "journal.related.compare")
    work_off()
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert others(three[0].node) == [three[1].ref]


# --- by hand ---------------------------------------------------------------------------------------


def test_what_was_set_by_hand_stands_first_and_in_its_order(three: tuple[Report, Report, Report]) -> None:
    first, second, third = three
    set_related(SYSTEM, first, [third.node])
    assert others(first.node) == [third.ref, second.ref]
    set_related(SYSTEM, first, [second.node, third.node])
    assert others(first.node) == [second.ref, third.ref]
    save_report(SYSTEM, first, {"text_th": BOATS + " อีกครั้ง"})
    assert others(first.node) == [second.ref, third.ref]
    set_related(SYSTEM, first, [])
    assert others(first.node) == [second.ref]
    assert others(third.node) == []


def test_a_thing_is_not_related_to_itself_nor_twice(three: tuple[Report, Report, Report]) -> None:
    first, second, _third = three
    set_related(SYSTEM, first, [first.node, second.node, second.node])
    assert others(first.node) == [second.ref]


def test_a_member_sets_the_order_in_the_browser(
    client_of: Callable[[str], Client], three: tuple[Report, Report, Report], programme: Programme
) -> None:
    first, second, third = three
    topic = make_topic(programme.node, "เครือข่ายเกษตรสุขภาพ")
    near = Related.objects.get(node=first.pk, other=second.pk)
    address = f"/related/{first.ref}/"
    client = client_of("member")
    assert "เลขน้อยขึ้นก่อน" in page(client, address)
    sent = {f"place-{near.pk}": "๒", "more": f"{topic.ref.lower()}, {third.ref}"}
    assert client.post(address, sent)["Location"] == first.get_absolute_url()
    assert others(first.node) == [second.ref, topic.ref, third.ref]
    text = page(client_of("anonymous"), first.get_absolute_url())
    assert text.index(second.name_th) < text.index(topic.name_th) < text.rindex(third.name_th)
    assert "เลือกไว้เอง" in text


@pytest.mark.parametrize("typed", ["อะไรสักอย่าง", "A-PTG-9999", "C-PTG"])
def test_a_reference_that_leads_nowhere_is_named_and_what_was_typed_stays(
    client_of: Callable[[str], Client], three: tuple[Report, Report, Report], typed: str
) -> None:
    response = client_of("member").post(f"/related/{three[0].ref}/", {"more": f"{three[2].ref} {typed}"})
    text = response.content.decode()
    assert response.status_code == 422
    assert f"{three[2].ref} {typed}" in text
    assert not Related.objects.exclude(order=None).exists()


def test_others_may_not_set_it(client_of: Callable[[str], Client], cast: Any, three: Any) -> None:
    for name in ("stranger", "observer"):
        assert client_of(name).get(f"/related/{three[0].ref}/").status_code == 403
        with pytest.raises(Refused):
            set_related(cast.actors[name], three[0], [])
    assert client_of("anonymous").get("/related/A-PTG-9999/").status_code == 404


def test_a_page_asks_once_for_what_is_related(three: tuple[Report, Report, Report]) -> None:
    node = Node.objects.get(pk=three[0].pk)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert [(one.other.title, one.words, one.shared_cities) for one in related_to(ANONYMOUS, node)]
    assert len(queries) == 1


# --- the real texts --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_real_texts_lead_rides_to_rides_and_the_post_to_its_ten_topics() -> None:
    load_all(Path(settings.DATA_DIR))
    the_post_shows_its_ten_topics_in_its_order()
    each_topic_leads_to_its_like()
    a_report_on_a_ride_is_led_to_the_ride_topics()


def the_post_shows_its_ten_topics_in_its_order() -> None:
    report = Report.objects.get(node__ref="A-SCS-0001")
    assert others(report.node) == [f"J-SCS-{number:04d}" for number in range(1, 11)]
    names = [topic.name_th for topic in Topic.objects.order_by("order")]
    assert [one.other.title_th for one in related_to(ANONYMOUS, report.node)] == names
    assert dump_all()["reports.yaml"]["reports"][0]["related"] == others(report.node)
    assert load_all(Path(settings.DATA_DIR)).changed == {}


def each_topic_leads_to_its_like() -> None:
    rides, growers = {1, 2, 3, 4, 6, 7, 8}, {5, 10}
    found = {int(topic.ref[-4:]): others(topic.node) for topic in Topic.objects.all()}
    nearest = {number: int(refs[0][-4:]) for number, refs in found.items() if refs and refs[0][0] == "J"}
    assert (nearest[2], nearest[4], nearest[5], nearest[10]) == (3, 6, 10, 5)
    assert len(nearest) >= 7
    assert all((one in rides) == (near in rides) for one, near in nearest.items() if one in rides | growers)


def a_report_on_a_ride_is_led_to_the_ride_topics() -> None:
    city = City.objects.get(slug="phatong")
    text = "คุยเรื่องรถรับส่งผู้ป่วยไปพบแพทย์ที่โรงพยาบาล ใครโทรจอง ใครขับ"
    report = make_report(city.node, "ประชุมเรื่องรถรับส่งผู้ป่วย", text_th=text)
    assert set(others(report.node)[:2]) <= {f"J-SCS-{number:04d}" for number in (1, 3, 4, 6, 7, 8)}
    assert related_to(ANONYMOUS, report.node)[0].words
