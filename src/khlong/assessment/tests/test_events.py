from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from khlong.assessment.actions import save_event
from khlong.assessment.models import Event
from khlong.assessment.panels import events_panel
from khlong.assessment.queries import MOST_TABLES, CityEvents, events_of_city, with_figures
from khlong.chain.models import Kind, Node
from khlong.chain.things import new_thing
from khlong.network.models import Programme
from khlong.network.tests.makers import SYSTEM, hide, make_figure, make_statement, page, words
from khlong.people.actor import ANONYMOUS
from khlong.people.models import User
from khlong.places.models import City, Source
from khlong.places.queries import facts_about
from khlong.thai.dates import Span

LIST = "/events/"


def make_event(space: Node, name: str = "น้ำท่วมใหญ่หาดใหญ่", iso: str | None = "2025-11", **more: Any) -> Event:
    links = {"cities": more.pop("cities", [])}
    values = {"name_th": name, "hazard": "flood", "date": Span.from_iso(iso) if iso else None} | more
    return save_event(SYSTEM, new_thing(Event, Kind.EVENT, space=space), values, links=links)


@pytest.fixture
def event(programme: Programme, city: City) -> Event:
    return make_event(programme.node, name_en="Great flood of Hat Yai", area_th="อำเภอหาดใหญ่", cities=[city])


def disagree(event: Event, source: Source, topic: str = "deaths", *figures: int) -> None:
    for value in figures or (25, 33):
        make_figure(event.node, source, value, topic)


def test_the_list_is_newest_first_with_the_undated_last_and_paged(
    client: Client, programme: Programme
) -> None:
    for number in range(1, 21):
        make_event(programme.node, f"เหตุการณ์ที่ {number:02d}", f"20{number:02d}")
    make_event(programme.node, "ไม่รู้ปี", None)
    first, second = words(client, LIST), words(client, f"{LIST}?page=2")
    assert first.index("เหตุการณ์ที่ 20") < first.index("เหตุการณ์ที่ 01")
    assert "ไม่รู้ปี" not in first
    assert "ไม่รู้ปี" in second
    assert "ไม่ระบุวันที่" in second


def test_an_empty_list_says_so(client: Client, programme: Programme) -> None:
    assert "ยังไม่มีเหตุการณ์ในระบบ" in page(client, LIST)


def test_figures_that_differ_stand_side_by_side_and_none_is_chosen(
    client: Client, event: Event, source: Source
) -> None:
    disagree(event, source, "deaths", 25, 33, 110)
    make_figure(event.node, source, 11, "districts_hit", scope_th="จังหวัดสงขลา")
    make_statement(event.node, source, "ขาดการเตรียมพร้อม")
    text = page(client, event.get_absolute_url())
    table = text[text.index('class="tbl stack dots"') :]
    table = table[: table.index("</table>")]
    assert [f">{value}</a>" in table for value in (25, 33, 110, 11)] == [True, True, True, False]
    assert "หน้านี้ไม่ตัดสินว่าใครถูก" in text
    assert "จังหวัดสงขลา" in text
    assert "ขาดการเตรียมพร้อม" in text
    assert 'href="/cities/phatong/"' in text
    assert text.count('href="/sources/S10/"') == 5
    assert "Great flood of Hat Yai" in page(client, event.get_absolute_url(), "en")


def test_an_event_of_which_nothing_is_published_says_so(client: Client, event: Event) -> None:
    assert "ตัวเลขของเหตุการณ์นี้: ยังไม่เผยแพร่" in words(client, event.get_absolute_url())


def test_what_only_the_working_group_sees_is_not_found_by_others(
    client_of: Callable[[str], Client], city: City, programme: Programme
) -> None:
    hidden = make_event(city.node, "เหตุการณ์ในร่าง", cities=[city])
    hide(hidden)
    for name, status in {"anonymous": 404, "stranger": 404, "observer": 200, "member": 200}.items():
        page(client_of(name), hidden.get_absolute_url(), status=status)
        assert ("เหตุการณ์ในร่าง" in page(client_of(name), LIST)) is (status == 200)


def values(**more: Any) -> dict[str, Any]:
    return {"name_th": "น้ำแล้ง", "hazard": "drought", "date": "เม.ย. 2566"} | more


def test_a_member_adds_an_event_of_the_city_and_a_coordinator_one_of_the_region(
    client_of: Callable[[str], Client], programme: Programme, coordinator: User, city: City
) -> None:
    client = client_of("member")
    assert f"{LIST}add/?space=C-PTG" in page(client, LIST)
    assert client.post(f"{LIST}add/?space=C-PTG", values(cities=[city.pk])).status_code == 302
    assert client.post(f"{LIST}add/", values()).status_code == 403
    client.force_login(coordinator)
    assert client.post(f"{LIST}add/", values()).status_code == 302
    assert set(Event.objects.values_list("node__ref", flat=True)) == {"E-PTG-0001", "E-SCS-0001"}
    made = Event.objects.get(node__ref="E-PTG-0001")
    assert made.date == Span.from_iso("2023-04")
    assert list(made.cities.all()) == [city]


def test_nobody_else_adds_or_edits_an_event(client_of: Callable[[str], Client], event: Event) -> None:
    edit = f"{event.get_absolute_url()}edit/"
    for name in ("stranger", "observer", "member"):
        assert client_of(name).get(edit).status_code == 403
        assert edit not in page(client_of(name), event.get_absolute_url())
    for name in ("stranger", "observer"):
        assert client_of(name).post(f"{LIST}add/?space=C-PTG", values()).status_code == 403
    assert client_of("anonymous").get(edit).headers["Location"].startswith("/signin/")
    assert client_of("anonymous").post(edit, values()).status_code == 403
    assert edit in page(client_of("steward"), event.get_absolute_url())


def test_a_refused_form_keeps_what_was_typed(
    client_of: Callable[[str], Client], programme: Programme, city: City
) -> None:
    typed = values(hazard="dragons", date="31 ก.พ. 2566", area_th="ทั้งตำบล", cities=[city.pk])
    answer = client_of("steward").post(f"{LIST}add/", typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    for kept in ('value="31 ก.พ. 2566"', 'value="ทั้งตำบล"', "checked"):
        assert kept in text
    assert not Event.objects.exists()


def test_a_second_saver_sees_both_texts(client_of: Callable[[str], Client], event: Event) -> None:
    url, client = f"{event.get_absolute_url()}edit/", client_of("steward")
    assert client.post(url, values(area_th="ของคนแรก", base=1)).status_code == 302
    late = client.post(url, values(area_th="ของคนที่สอง", base=1))
    assert late.status_code == 409
    assert "ของคนแรก" in late.content.decode()
    assert "ของคนที่สอง" in late.content.decode()
    event.refresh_from_db()
    assert event.area_th == "ของคนแรก"


def shown_of(city: City) -> CityEvents:
    """The events as a city's page shows them to everybody."""
    events = events_of_city(ANONYMOUS, city)
    return with_figures(events, facts_about(ANONYMOUS, [event.pk for event in events]))


def test_a_city_shows_its_newest_events_whose_figures_differ_and_names_the_rest(
    programme: Programme, city: City, source: Source
) -> None:
    made = {
        year: make_event(programme.node, f"น้ำท่วม {year}", str(year), cities=[city])
        for year in range(2020, 2025)
    }
    for year in (2020, 2021, 2023):
        disagree(made[year], source)
    disagree(made[2024], source, "deaths", 7, 7)
    found = shown_of(city)
    assert [item.event.name_th for item in found.shown] == ["น้ำท่วม 2023"]
    assert [event.name_th for event in found.others] == [f"น้ำท่วม {year}" for year in (2024, 2022, 2021, 2020)]


def test_a_city_shows_the_figures_that_most_bodies_gave_and_counts_the_rest(
    event: Event, city: City, source: Source
) -> None:
    for number in range(MOST_TABLES + 2):
        disagree(event, source, f"topic{number}")
    disagree(event, source, "reported_most", 1, 2, 3)
    (shown,) = shown_of(city).shown
    assert len(shown.tables) == MOST_TABLES
    assert shown.tables[0][0].label == "reported_most"
    assert shown.more == 3


def test_the_panel_asks_one_question_and_puts_dated_events_on_the_timeline(
    event: Event, programme: Programme, city: City, source: Source, django_assert_num_queries: Any
) -> None:
    disagree(event, source)
    make_event(programme.node, "ไม่รู้ปี", None, cities=[city])
    with django_assert_num_queries(1):
        (panel,) = events_panel(ANONYMOUS, city)
    assert [moment.text for moment in panel.moments] == [event.name_th]
    assert panel.moments[0].note == "น้ำท่วม · อำเภอหาดใหญ่"


def test_a_city_without_events_has_no_panel(event: Event, other_city: City) -> None:
    assert list(events_panel(ANONYMOUS, other_city)) == []


def test_the_panel_shows_no_event_or_figure_that_the_reader_may_not_see(
    event: Event, city: City, source: Source
) -> None:
    disagree(event, source)
    make_figure(event.node, source, 99)
    hide(event.node.facts.get(value=99))
    (shown,) = shown_of(city).shown
    assert len(shown.tables[0][1]) == 2
    hide(make_event(city.node, "ลับ", cities=[city]))
    assert len(events_of_city(ANONYMOUS, city)) == 1


def test_the_page_of_a_city_says_that_the_figures_are_not_the_citys_own(
    client: Client, event: Event, city: City, source: Source
) -> None:
    disagree(event, source)
    assert "ไม่ใช่ของเมืองพะตงโดยเฉพาะ" in words(client, "/cities/phatong/")
    assert event.get_absolute_url() in page(client, "/cities/phatong/")
    assert "not of Phatong alone" in words(client, "/cities/phatong/", "en")


def test_the_pages_ask_at_most_twelve_questions_of_the_database(
    client_of: Callable[[str], Client],
    event: Event,
    programme: Programme,
    city: City,
    source: Source,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(3):
        disagree(event, source, f"topic{number}")
        make_statement(event.node, source, f"เรื่อง {number}")
        make_event(programme.node, f"เหตุการณ์ {number}", cities=[city])
    client = client_of("member")
    for url in (LIST, event.get_absolute_url(), f"{LIST}add/?space=C-PTG"):
        with django_assert_max_num_queries(12):
            page(client, url)
