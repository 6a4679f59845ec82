"""Who was at a meeting, in numbers that name nobody; its minutes, decisions and their approval."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils.html import strip_tags

from khlong.chain.models import Node
from khlong.network import counts, minutes
from khlong.network.models import AgendaItem, Attendance, Decision, Meeting, Minutes
from khlong.network.paper import AGENDA, minutes_document, written
from khlong.network.tests.makers import SYSTEM, make_meeting, make_organisation, page, words
from khlong.people.actor import ANONYMOUS
from khlong.people.policy import Verb, can
from khlong.places.actions import save_group
from khlong.places.models import City, Group, Source
from khlong.record.errors import Refused


@pytest.fixture
def held(city: City, source: Source) -> Meeting:
    more = {"cities": [city], "place_th": "ศาลาหมู่ 4", "name_th": "ประชุมคณะทำงานครั้งที่ 3"}
    return make_meeting(city.node, source, "2026-03-04", **more)


@pytest.fixture
def group(city: City, source: Source) -> Group:
    return save_group(SYSTEM, Group(city=city), {"name_th": "แรงงานข้ามชาติ", "source": source})


@pytest.fixture
def taken(held: Meeting) -> Minutes:
    head = {"body": "คณะทำงานเมืองพะตง", "number": 3, "year": 2569, "begun": time(9, 30), "ended": time(12, 0)}
    return minutes.save_minutes(SYSTEM, Minutes(meeting=held), head)


def came(meeting: Meeting, **values: Any) -> Attendance:
    return minutes.save_attendance(SYSTEM, Attendance(meeting=meeting), values)


# --- numbers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "public", "whole"),
    [
        (None, "ไม่ทราบจำนวน", "ไม่ทราบจำนวน"),
        (0, "0 คน", "0 คน"),
        (1, "น้อยกว่า 5", "1 คน"),
        (4, "น้อยกว่า 5", "4 คน"),
        (5, "5 คน", "5 คน"),
        (1200, "1,200 คน", "1,200 คน"),
    ],
)
def test_the_public_reads_no_number_under_five(number: int | None, public: str, whole: str) -> None:
    assert counts.in_words(number, whole=False) == public
    assert counts.in_words(number, whole=True) == whole


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ({"attended": 20, "women": 12, "men": 8}, {"women": 12, "men": 8}),
        ({"attended": 20, "women": 17, "men": 3}, {}),
        ({"attended": 20, "women": 17}, {}),
        ({"attended": 20, "women": 20}, {"women": 20}),
        ({"attended": 4, "women": 0, "men": 4}, {}),
    ],
)
def test_no_small_number_can_be_reckoned_from_the_others(
    numbers: dict[str, int], shown: dict[str, int]
) -> None:
    row = Attendance(**numbers)
    assert counts.shown_parts(row, whole=False) == shown
    assert counts.shown_parts(row, whole=True) == {k: v for k, v in numbers.items() if k != "attended"}


def test_the_sum_says_at_least_where_a_number_is_unknown_or_hidden() -> None:
    rows = [Attendance(attended=20), Attendance(attended=3), Attendance(attended=None)]
    assert counts.total_words(rows[:1], whole=False) == "20 คน"
    assert counts.total_words(rows[:2], whole=False) == "อย่างน้อย 20 คน"
    assert counts.total_words(rows[:2], whole=True) == "23 คน"
    assert counts.total_words(rows, whole=True) == "อย่างน้อย 23 คน"
    assert counts.total_words(rows[2:], whole=True) == ""


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "__all__"),
        ({"others_th": "สื่อ", "attended": 5, "women": 6}, "attended"),
        ({"others_th": "สื่อ", "women": 6}, "attended"),
        ({"others_th": "สื่อ", "presence": "apologies", "attended": 6}, "__all__"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(held: Meeting, values: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        came(held, **values)
    assert field in refused.value.message_dict
    assert not Attendance.objects.exists()


def test_a_line_names_one_company_and_only_once(held: Meeting, group: Group, city: City) -> None:
    body = make_organisation(city.node)
    came(held, group=group, attended=12)
    with pytest.raises(ValidationError):
        came(held, group=group, attended=13)
    with pytest.raises(ValidationError):
        came(held, group=group, organisation=body)
    assert came(held, organisation=body).name == body.name


def test_the_page_says_to_the_public_no_small_number_and_to_the_working_group_all(
    held: Meeting, group: Group, client_of: Any
) -> None:
    came(held, group=group, invited=30, attended=3, women=2, men=1)
    came(held, others_th="ประชาชนทั่วไป", attended=25)
    came(held, others_th="อบต.", presence="apologies", reason="ติดราชการ")
    url = held.get_absolute_url()
    public, own = words(client_of("anonymous"), url), words(client_of("member"), url)
    assert "น้อยกว่า 5" in public
    assert "หญิง 2" not in public
    assert "อย่างน้อย 25 คน" in public
    assert "ลาประชุม" in public
    assert "ติดราชการ" in public
    assert "3 คน" in own
    assert "หญิง 2, ชาย 1" in own
    assert "28 คน" in own


def test_a_member_adds_a_line_with_thai_digits_in_the_browser_and_takes_it_away(
    held: Meeting, group: Group, client_of: Any
) -> None:
    client, url = client_of("member"), f"/meetings/{held.ref}/attendance/add/"
    page(client, url)
    bad = client.post(url, {"group": group.pk, "presence": "came", "attended": "หลายคน"})
    assert bad.status_code == 422
    assert "หลายคน" in bad.content.decode()
    good = client.post(url, {"group": group.pk, "presence": "came", "attended": "๑๒", "women": "7"})
    assert good["Location"] == held.get_absolute_url()
    row = Attendance.objects.get()
    assert (row.attended, row.women, row.men) == (12, 7, None)
    page(client, f"/meetings/{held.ref}/attendance/{row.pk}/edit/")
    client.post(f"/meetings/{held.ref}/attendance/{row.pk}/remove/")
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("name", ["anonymous", "stranger", "observer"])
def test_nobody_else_writes_there(held: Meeting, taken: Minutes, client_of: Any, name: str) -> None:
    client = client_of(name)
    for path in ("attendance/add/", "minutes/edit/", "minutes/items/add/", "minutes/decisions/add/"):
        assert client.get(f"/meetings/{held.ref}/{path}").status_code in {302, 403, 404}, path
        assert client.post(f"/meetings/{held.ref}/{path}", {"text": "x"}).status_code in {302, 403, 404}, path
    assert not AgendaItem.objects.exists()


# --- minutes -----------------------------------------------------------------------------------------


def test_minutes_are_the_working_groups_until_a_later_meeting_approves_them(
    held: Meeting, taken: Minutes, city: City, source: Source, client_of: Any
) -> None:
    minutes.save_item(SYSTEM, AgendaItem(minutes=taken), {"section": 4, "text": "ระดับน้ำปีนี้สูงกว่าปีก่อน"})
    url = f"/meetings/{held.ref}/minutes/"
    assert [client_of(name).get(url).status_code for name in ("anonymous", "stranger")] == [404, 404]
    assert "ระดับน้ำ" in words(client_of("observer"), url)
    assert "รายงานการประชุม" not in words(client_of("anonymous"), held.get_absolute_url())
    later = make_meeting(city.node, source, "2026-04-01")
    response = client_of("member").post(f"{url}approve/", {"meeting": str(later.pk)})
    assert response["Location"] == url
    assert "ระดับน้ำ" in words(client_of("anonymous"), url)
    with pytest.raises(Refused, match="รับรองแล้ว"):
        minutes.save_item(SYSTEM, AgendaItem(minutes=Minutes.objects.get()), {"section": 4, "text": "x"})


def test_minutes_may_be_open_early(taken: Minutes) -> None:
    assert not can(ANONYMOUS, Verb.VIEW, taken)
    opened = minutes.save_minutes(SYSTEM, taken, {"open_early": True})
    assert can(ANONYMOUS, Verb.VIEW, opened)


def test_minutes_of_a_meeting_that_nobody_sees_are_seen_by_nobody(taken: Minutes, client_of: Any) -> None:
    minutes.save_minutes(SYSTEM, taken, {"open_early": True})
    Node.objects.filter(pk=taken.meeting_id).update(visibility="members")
    assert client_of("anonymous").get(f"/meetings/{taken.meeting.ref}/minutes/").status_code == 404


@pytest.mark.parametrize("which", ["earlier", "itself", "elsewhere"])
def test_only_a_later_meeting_of_the_same_city_approves(
    which: str, held: Meeting, taken: Minutes, city: City, other_city: City, source: Source
) -> None:
    by = {
        "earlier": lambda: make_meeting(city.node, source, "2026-01-01"),
        "itself": lambda: held,
        "elsewhere": lambda: make_meeting(other_city.node, source, "2026-05-01"),
    }[which]()
    with pytest.raises(Refused, match="ครั้งหลังของเมืองเดียวกัน"):
        minutes.approve_minutes(SYSTEM, taken, by)


def test_decisions_are_numbered_within_their_meeting(taken: Minutes, city: City) -> None:
    body = make_organisation(city.node)
    first = minutes.save_decision(SYSTEM, Decision(minutes=taken), {"text": "ขุดลอก", "organisation": body})
    second = minutes.save_decision(SYSTEM, Decision(minutes=taken), {"text": "นัดใหม่", "who": "ทุกชุมชน"})
    assert [first.number, second.number] == [1, 2]
    assert [first.responsible, second.responsible] == [body.name, "ทุกชุมชน"]


def test_a_member_writes_minutes_and_decisions_in_the_browser(held: Meeting, client_of: Any) -> None:
    client, base = client_of("member"), f"/meetings/{held.ref}/minutes/"
    assert "ประชุมคณะทำงานครั้งที่ 3" in page(client, f"{base}edit/")
    head = {"body": "คณะทำงานเมืองพะตง", "number": "3", "year": "2569", "begun": "9.30", "ended": "12:00"}
    assert client.post(f"{base}edit/", head)["Location"] == base
    said = {"section": "5", "title": "ขุดลอกคลอง", "text": "เทศบาลเสนอแผน", "resolution": "เห็นชอบ"}
    assert client.post(f"{base}items/add/", said)["Location"] == base
    decided = {"text": "ให้ขุดลอกก่อนฤดูฝน", "who": "เทศบาล", "due": "31 ส.ค. 2569"}
    assert client.post(f"{base}decisions/add/", decided)["Location"] == base
    decision = Decision.objects.get()
    assert decision.due == date(2026, 8, 31)
    text = words(client, base)
    for part in ("ระเบียบวาระที่ 5", "เทศบาลเสนอแผน", "มติที่ประชุม เห็นชอบ", "1. ให้ขุดลอก", "31 ส.ค. 2569", "09.30"):
        assert part in text.replace("\xa0", " "), part
    vague = client.post(f"{base}decisions/add/", decided | {"due": "ส.ค. 2569"})
    assert vague.status_code == 422
    assert "ระบุวันเดียว" in words_of(vague)
    page(client, f"{base}decisions/{decision.pk}/edit/")
    page(client, f"{base}items/{AgendaItem.objects.get().pk}/edit/")
    client.post(f"{base}decisions/{decision.pk}/remove/")
    client.post(f"{base}items/{AgendaItem.objects.get().pk}/remove/")
    assert not Decision.objects.exists()
    assert not AgendaItem.objects.exists()


def words_of(response: Any) -> str:
    return strip_tags(response.content.decode())


def test_somebody_who_was_faster_is_shown_and_nothing_is_lost(taken: Minutes, client_of: Any) -> None:
    item = minutes.save_item(SYSTEM, AgendaItem(minutes=taken), {"section": 4, "text": "เดิม"})
    client, url = client_of("member"), f"/meetings/{taken.meeting.ref}/minutes/items/{item.pk}/edit/"
    html = client.get(url).content.decode()
    base = html.split('name="base" value="')[1].split('"')[0]
    minutes.save_item(SYSTEM, item, {"text": "ของคนอื่น"})
    answer = client.post(url, {"section": "4", "text": "ของฉัน", "base": base})
    assert answer.status_code == 409
    assert "ของคนอื่น" in words_of(answer)
    assert "ของฉัน" in answer.content.decode()
    assert AgendaItem.objects.get().text == "ของคนอื่น"


# --- on paper ----------------------------------------------------------------------------------------


INVISIBLE = {0x2060: "", 0x200B: "", 0xA0: " "}


def docx_text(data: bytes) -> str:
    xml = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()
    return re.sub(r"<[^>]+>", "", re.sub(r"</w:p>", "\n", xml)).translate(INVISIBLE)


def test_the_printed_minutes_have_the_headings_of_the_official_form_in_their_order(
    taken: Minutes, group: Group
) -> None:
    came(taken.meeting, group=group, attended=3)
    came(taken.meeting, others_th="อบต.", presence="apologies")
    minutes.save_decision(SYSTEM, Decision(minutes=taken), {"text": "ให้ขุดลอก", "due": date(2026, 8, 31)})
    text = docx_text(written(minutes_document(taken, ANONYMOUS), "docx"))
    heads = (
        "รายงานการประชุมคณะทำงานเมืองพะตง",
        "ครั้งที่ 3/2569",
        "เมื่อวันที่ 4 มีนาคม 2569 เวลา 09.30 น.",
        "ณ ศาลาหมู่ 4",
        "ผู้มาประชุม",
        "ผู้ไม่มาประชุม (ถ้ามี)",
        "ผู้เข้าร่วมประชุม (ถ้ามี)",
        "เริ่มประชุมเวลา 09.30 น.",
        *(f"ระเบียบวาระที่ {number} {head}" for number, head in enumerate(AGENDA, start=1)),
        "เลิกประชุมเวลา 12.00 น.",
        "ผู้จดรายงานการประชุม",
        "ผู้ตรวจรายงานการประชุม",
    )
    places = [text.find(head) for head in heads]
    assert -1 not in places, [head for head, at in zip(heads, places, strict=True) if at < 0]
    assert places == sorted(places)
    assert "แรงงานข้ามชาติ: น้อยกว่า 5" in text
    assert "มติที่ประชุม (1) ให้ขุดลอก ภายในวันที่ 31 สิงหาคม 2569" in text


def test_both_files_are_given_to_who_may_read_them(taken: Minutes, client_of: Any) -> None:
    url = f"/meetings/{taken.meeting.ref}/minutes."
    for kind, start in (("docx", b"PK"), ("pdf", b"%PDF")):
        response = client_of("member").get(f"{url}{kind}?digits=thai")
        assert (response.status_code, response.content[: len(start)]) == (200, start)
        assert client_of("anonymous").get(f"{url}{kind}").status_code == 404
    assert client_of("member").get(f"{url}xlsx").status_code == 404
