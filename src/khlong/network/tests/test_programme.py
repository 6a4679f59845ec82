from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from khlong.network.models import Meeting, Organisation, Programme
from khlong.network.queries import ProgrammePage
from khlong.network.tests.makers import (
    hide,
    make_figure,
    make_meeting,
    make_organisation,
    make_part,
    make_statement,
    page,
    words,
)
from khlong.people.actor import ANONYMOUS
from khlong.people.models import User
from khlong.places.models import City, Source
from khlong.thai.dates import Span

HOME = "/programme/"


@pytest.mark.django_db
def test_without_a_programme_the_page_says_so_and_leads_to_the_cities(client: Client) -> None:
    text = page(client, HOME)
    assert "ยังไม่มีข้อมูลโครงการ" in text
    assert 'href="/cities/"' in text


def test_the_menu_leads_to_the_first_programme(client: Client, programme: Programme) -> None:
    text = page(client, HOME)
    assert "โครงการประชาสังคมร่วมแรงเพื่อเปลี่ยนแปลงเมือง" in text
    assert page(client, "/programme/R-SCS/").count(programme.name_th) >= 1
    assert '<a href="/programme/" aria-current="page"' in text


def test_a_programme_that_does_not_exist_is_not_found(client: Client, programme: Programme) -> None:
    page(client, "/programme/R-XYZ/", status=404)


def test_what_is_not_known_is_named_and_hatched_and_has_no_value(
    client: Client, programme: Programme
) -> None:
    text = page(client, HOME)
    for label in ("วงเงินสนับสนุน", "เลขที่สัญญา", "วันเริ่มต้น", "วันสิ้นสุด"):
        assert f'<span class="unpub"><span>{label}' in text


def test_a_published_grant_is_no_longer_missing(programme: Programme, source: Source) -> None:
    before = [str(name) for name in ProgrammePage(ANONYMOUS, programme).missing]
    make_figure(programme.node, source, 1000, topic="funding")
    after = [str(name) for name in ProgrammePage(ANONYMOUS, programme).missing]
    assert len(before) == len(after) + 1
    assert set(after) < set(before)


def test_who_pays_and_who_leads_are_the_parts_that_name_the_programme(
    programme: Programme, organisation: Organisation, source: Source, city: City
) -> None:
    lead = make_part(organisation, source, "องค์กรหลักของโครงการ SUCCESS")
    make_part(organisation, source, "ผู้ประสานงานภาคใต้")
    make_part(organisation, source, "ทีมโครงการ SUCCESS ในเมือง", city=city)
    assert ProgrammePage(ANONYMOUS, programme).carried_by == [lead]


def test_partners_stand_by_kind_with_all_their_parts(
    programme: Programme, organisation: Organisation, source: Source
) -> None:
    make_part(organisation, source, "ผู้ประสานงานภาคใต้")
    make_part(organisation, source, "ร่วมวิจัย")
    make_part(make_organisation(programme.node, "กรมชลประทาน", kind="state"), source, "เจ้าของสถานี")
    make_organisation(programme.node, "ไม่มีบทบาท", kind="fund")
    found = ProgrammePage(ANONYMOUS, programme).partners
    assert [str(label) for label, _bodies in found] == ["มูลนิธิ", "หน่วยงานของรัฐ"]
    assert [len(parts) for _label, bodies in found for _body, parts in bodies] == [2, 1]


def test_the_timeline_joins_meetings_and_the_dated_log_oldest_first(
    programme: Programme, meeting: Meeting, source: Source
) -> None:
    time = Span.from_iso("2021")
    make_statement(programme.node, source, "ประชุมออนไลน์รายเดือน", "log", time=time)
    make_meeting(programme.node, source, None, name_th="ไม่ระบุวัน")
    texts = [moment.text for moment in ProgrammePage(ANONYMOUS, programme).timeline]
    assert texts == ["ประชุมออนไลน์รายเดือน", meeting.name_th, "ไม่ระบุวัน"]


def test_facts_are_shown_by_what_the_programme_does_what_was_learned_and_the_region(
    programme: Programme, source: Source
) -> None:
    for topic in ("lesson", "erosion", "activity", "goal", "method"):
        make_statement(programme.node, source, f"เรื่อง {topic}", topic)
    make_figure(programme.node, source, 30, topic="heat")
    found = ProgrammePage(ANONYMOUS, programme)
    assert [label for label, _facts in found.does] == ["goal", "activity"]
    assert [label for label, _facts in found.learned] == ["method", "lesson"]
    assert [label for label, _facts in found.region] == ["erosion"]
    assert [label for label, _rows in found.figures] == ["heat"]
    assert found.figure_count == 1


def test_the_list_of_cities_counts_only_facts_that_everybody_sees(
    client: Client, programme: Programme, city: City, other_city: City, source: Source
) -> None:
    make_statement(city.node, source, "น้ำท่วมซ้ำ")
    hide(make_statement(city.node, source, "ยังไม่เผยแพร่"))
    rows = {row["city"].slug: row["city"].published for row in ProgrammePage(ANONYMOUS, programme).cities}
    assert rows == {"phatong": 1, "bo-yang": 0}
    text = page(client, HOME)
    assert '<a href="/cities/phatong/facts/">1</a>' in text
    assert "/cities/bo-yang/facts/" not in text


def test_the_page_reads_in_english_and_says_what_is_thai(
    client: Client, programme: Programme, meeting: Meeting, organisation: Organisation, source: Source
) -> None:
    make_part(organisation, source, "ผู้ประสานงานภาคใต้", role_en="Coordinator in the South")
    text = words(client, HOME, "en")
    assert "Strengthening urban climate governance" in text
    assert "Workshop drafting the city strategies" in text
    assert "3–4 Sep 2022" in text
    assert "Coordinator in the South" in text
    assert "grant amount" in text


def test_the_page_leads_on_to_topics_canals_and_events(client: Client, programme: Programme) -> None:
    text = page(client, HOME)
    further = text[text.index("อ่านต่อ") :]
    places = [further.index(f'href="{url}"') for url in ("/topics/", "/canals/", "/events/")]
    assert places == sorted(places)


def test_only_those_who_write_for_the_programme_edit_it(
    client_of: Callable[[str], Client], programme: Programme, coordinator: User
) -> None:
    url = "/programme/R-SCS/edit/"
    assert (
        client_of("anonymous").get(url).headers["Location"] == "/signin/?next=%2Fprogramme%2FR-SCS%2Fedit%2F"
    )
    for name in ("member", "stranger"):
        assert client_of(name).get(url).status_code == 403
        assert url not in page(client_of(name), HOME)
    client = client_of("steward")
    assert url in page(client, HOME)
    values = {"name_th": "โครงการ SUCCESS", "full_name_th": "ชื่อเต็มใหม่", "base": 1}
    assert client.post(url, values).headers["Location"] == "/programme/R-SCS/"
    programme.refresh_from_db()
    assert programme.full_name_th == "ชื่อเต็มใหม่"
    assert "ประวัติการแก้ไข 2 ครั้ง" in page(client, HOME)


def test_the_page_asks_at_most_twelve_questions_of_the_database(
    client_of: Callable[[str], Client],
    programme: Programme,
    meeting: Meeting,
    organisation: Organisation,
    source: Source,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(3):
        make_statement(programme.node, source, f"บทเรียน {number}")
        make_part(organisation, source, f"บทบาท {number}")
        make_meeting(programme.node, source, name_th=f"ประชุม {number}")
        make_part(make_organisation(programme.node, f"องค์กร {number}"), source, "ร่วมงาน")
    client = client_of("member")
    with django_assert_max_num_queries(12):
        page(client, HOME)
