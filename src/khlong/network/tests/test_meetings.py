from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from khlong.network.models import Meeting, Organisation, Programme
from khlong.network.panels import meetings_of_city
from khlong.network.tests.makers import (
    hide,
    make_figure,
    make_meeting,
    make_organisation,
    make_statement,
    page,
    words,
)
from khlong.people.actor import ANONYMOUS
from khlong.places.models import City, Source

LIST = "/meetings/"


def test_the_list_is_newest_first_with_the_undated_last_and_paged(
    client: Client, programme: Programme, source: Source
) -> None:
    for number in range(1, 20):
        make_meeting(programme.node, source, f"2021-01-{number:02d}", name_th=f"ประชุมวันที่ {number:02d}")
    make_meeting(programme.node, source, "2023", name_th="ล่าสุด")
    make_meeting(programme.node, source, None, name_th="ไม่รู้วัน")
    first, second = words(client, LIST), words(client, f"{LIST}?page=2")
    assert first.index("ล่าสุด") < first.index("ประชุมวันที่ 19") < first.index("ประชุมวันที่ 01")
    assert "ไม่รู้วัน" not in first
    assert "ไม่รู้วัน" in second
    assert "ไม่ระบุวันที่" in second


def test_an_empty_list_says_so(client: Client, programme: Programme) -> None:
    assert "ยังไม่มีการประชุมในระบบ" in page(client, LIST)


def test_the_page_says_when_where_who_and_what(client: Client, meeting: Meeting) -> None:
    read, text = words(client, meeting.get_absolute_url()), page(client, meeting.get_absolute_url())
    for expected in ("3–4 กันยายน 2565", "โรงแรมโกลว์รัตนาเพลส", "2.1-2.3, 3.1", "ร่างแผนยุทธศาสตร์ของหกเมือง"):
        assert expected in read
    for url in ("/organisations/O-SCS-0001/", "/cities/phatong/", "/sources/S10/"):
        assert f'href="{url}"' in text
    assert "3–4 September 2022" in page(client, meeting.get_absolute_url(), "en")


def test_advice_stands_as_a_quotation_with_who_gave_it_apart_from_other_facts(
    client: Client, meeting: Meeting, source: Source
) -> None:
    words = "หันมาใช้ระบบนิเวศในการรับมือให้มากขึ้น"
    make_statement(
        meeting.node,
        source,
        words,
        "advice",
        is_quote=True,
        reporter_th="ผู้บรรยาย",
        statement_en="Use ecosystems",
    )
    make_statement(meeting.node, source, "มีผู้เข้าร่วมจากหกเมือง", "attendance")
    text = page(client, meeting.get_absolute_url())
    quoted = text[text.index("<blockquote") : text.index("</blockquote>")]
    assert "ระบบนิเวศ" in quoted
    assert "“" in quoted
    assert "ผู้บรรยาย" in quoted
    assert "หกเมือง" not in quoted
    assert "our translation" in page(client, meeting.get_absolute_url(), "en")


def test_what_is_not_published_of_a_meeting_is_hatched(
    client: Client, programme: Programme, source: Source
) -> None:
    bare = make_meeting(programme.node, source)
    text = page(client, bare.get_absolute_url())
    assert "เนื้อหาการประชุม: ยังไม่เผยแพร่" in text
    assert text.count('class="unpub"') >= 3


def test_a_meeting_for_the_working_group_is_not_found_by_others(
    client_of: Callable[[str], Client], city: City, source: Source, programme: Programme
) -> None:
    hidden = make_meeting(city.node, source, name_th="ประชุมภายใน", cities=[city])
    hide(hidden)
    for name, status in {"anonymous": 404, "stranger": 404, "observer": 200, "owner": 200}.items():
        page(client_of(name), hidden.get_absolute_url(), status=status)
        assert ("ประชุมภายใน" in page(client_of(name), LIST)) is (status == 200)


def test_a_page_does_not_name_an_organisation_that_the_reader_may_not_see(
    client_of: Callable[[str], Client], city: City, programme: Programme, source: Source
) -> None:
    secret = make_organisation(city.node, "กลุ่มลับ")
    hide(secret)
    found = make_meeting(programme.node, source, organisers=[secret], took_part=[secret])
    assert "กลุ่มลับ" not in page(client_of("stranger"), found.get_absolute_url())
    assert page(client_of("member"), found.get_absolute_url()).count("กลุ่มลับ") == 2


def values(source: Source, **more: Any) -> dict[str, Any]:
    return {"name_th": "เวทีคืนข้อมูล", "date": "3-4 ก.ย. 2565", "source": source.pk, "mark": "A"} | more


def test_a_member_adds_a_meeting_of_the_city_with_its_links(
    client_of: Callable[[str], Client], city: City, organisation: Organisation, source: Source
) -> None:
    client, url = client_of("member"), f"{LIST}add/?space=C-PTG"
    assert url in page(client, LIST)
    form = page(client, url)
    assert f'value="{city.pk}"' in form
    assert form.count("checked") == 1
    links = {"organisers": [organisation.pk], "took_part": [], "cities": [city.pk]}
    assert client.post(url, values(source, **links)).status_code == 302
    made = Meeting.objects.get()
    assert made.ref == "W-PTG-0001"
    assert made.date is not None
    assert made.date.iso() == "2022-09-03/2022-09-04"
    assert list(made.organisers.all()) == [organisation]
    assert list(made.cities.all()) == [city]


def test_nobody_adds_a_meeting_where_they_do_not_write(
    client_of: Callable[[str], Client], programme: Programme, source: Source
) -> None:
    url = f"{LIST}add/?space=C-PTG"
    for name in ("stranger", "observer", "anonymous"):
        assert client_of(name).post(url, values(source)).status_code == 403
    assert client_of("anonymous").get(url).status_code == 302
    assert not Meeting.objects.exists()


def test_a_date_that_cannot_be_read_keeps_the_whole_form(
    client_of: Callable[[str], Client], organisation: Organisation, source: Source
) -> None:
    typed = values(source, date="เมื่อวานซืน", text_th="ข้อความยาวที่พิมพ์ไว้", organisers=[organisation.pk])
    answer = client_of("steward").post(f"{LIST}add/", typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="เมื่อวานซืน"' in text
    assert "ข้อความยาวที่พิมพ์ไว้" in text
    assert text.count("checked") == 1
    assert not Meeting.objects.exists()


def test_a_second_saver_sees_both_texts(
    client_of: Callable[[str], Client], meeting: Meeting, source: Source
) -> None:
    url, client = f"{meeting.get_absolute_url()}edit/", client_of("steward")
    assert client.post(url, values(source, text_th="ของคนแรก", base=1)).status_code == 302
    late = client.post(url, values(source, text_th="ของคนที่สอง", base=1))
    assert late.status_code == 409
    assert "ของคนแรก" in late.content.decode()
    assert "ของคนที่สอง" in late.content.decode()
    meeting.refresh_from_db()
    assert meeting.text_th == "ของคนแรก"


def test_only_who_writes_for_the_programme_edits_its_meetings(
    client_of: Callable[[str], Client], meeting: Meeting
) -> None:
    url = f"{meeting.get_absolute_url()}edit/"
    assert url not in page(client_of("member"), meeting.get_absolute_url())
    assert url in page(client_of("steward"), meeting.get_absolute_url())
    page(client_of("member"), url, status=403)


def test_the_form_offers_no_organisation_that_the_writer_may_not_see(
    client_of: Callable[[str], Client], other_city: City, programme: Programme, city: City
) -> None:
    hide(make_organisation(other_city.node, "ของเมืองอื่น"))
    hide(make_organisation(city.node, "ของเมืองเรา"))
    text = page(client_of("member"), f"{LIST}add/?space=C-PTG")
    assert "ของเมืองเรา" in text
    assert "ของเมืองอื่น" not in text


def test_meetings_join_the_timeline_of_their_city_in_one_query(
    meeting: Meeting, city: City, other_city: City, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        panels = list(meetings_of_city(ANONYMOUS, city))
    assert [moment.text for panel in panels for moment in panel.moments] == [meeting.name_th]
    assert panels[0].moments[0].note == "กิจกรรม 2.1-2.3, 3.1 · โรงแรมโกลว์รัตนาเพลส"
    assert [panel.moments for panel in meetings_of_city(ANONYMOUS, other_city)] == [()]


def test_what_many_cities_did_together_is_folded_away_as_the_programmes_own(
    meeting: Meeting, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("khlong.network.panels.MANY", 1)
    (panel,) = meetings_of_city(ANONYMOUS, city)
    assert (panel.moments, [moment.text for moment in panel.shared]) == ((), [meeting.name_th])


def test_the_pages_ask_at_most_twelve_questions_of_the_database(
    client_of: Callable[[str], Client],
    meeting: Meeting,
    organisation: Organisation,
    source: Source,
    city: City,
    other_city: City,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(3):
        make_statement(meeting.node, source, f"ข้อเสนอ {number}", "advice")
        make_figure(meeting.node, source, number)
        make_meeting(city.node, source, cities=[city, other_city], organisers=[organisation])
    client = client_of("member")
    for url in (LIST, meeting.get_absolute_url(), f"{LIST}add/?space=C-PTG"):
        with django_assert_max_num_queries(12):
            page(client, url)
