"""A city's page asks at most twelve questions of the database, whoever reads it, and shows all of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from khlong.assessment.tests.test_events import disagree, make_event
from khlong.chain.models import Kind
from khlong.chain.things import new_thing
from khlong.journal.models import Report
from khlong.journal.tests.makers import keep_photo, make_report, photo_of
from khlong.network.models import Programme
from khlong.network.tests.makers import SYSTEM, make_figure, make_meeting
from khlong.people.actor import ANONYMOUS
from khlong.places import actions
from khlong.places.models import City, Community, Fact, Group, Source
from khlong.places.page import CityPage
from khlong.places.queries import groups_of, with_areas
from khlong.web.bench import MOST_QUERIES

READERS = ("anonymous", "observer", "stranger", "member", "owner", "steward")
ClientOf = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _folder_of_files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"
    settings.FILES_RESERVE = 0


@pytest.fixture
def report(programme: Programme, city: City, source: Source, cast: Any) -> Report:
    """Something of all that a city's page shows; the report has a photo."""
    group = Group(city=city, former=[{"th": "คนชายคลอง", "en": "", "until": "2024-01-02"}])
    values = {"name_th": "ชาวเรือ", "name_en": "Boat people", "words_of_source": "ผู้บุกรุก"}
    actions.save_group(SYSTEM, group, values | {"source": source, "order": 1})
    actions.save_group(SYSTEM, Group(city=city), {"name_th": "ชาวสวน", "source": source, "order": 0})
    community = new_thing(Community, Kind.COMMUNITY, space=city.node)
    community.city = city
    actions.save_community(SYSTEM, community, {"name_th": "ชุมชนริมคลอง", "city": city, "source": source})
    make_figure(city.node, source, 10_412, "population")
    make_figure(community.node, source, 77, "households")
    disagree(make_event(programme.node, cities=[city]), source)
    make_meeting(city.node, source, cities=[city])
    member = cast.actors["member"]
    photos = [photo_of(keep_photo(member, city.node, (600, 800)))]
    return make_report(city.node, actor=member, photos=photos, cities=[city], shown_agree=True)


@pytest.mark.parametrize("who", READERS)
def test_nobody_reads_a_full_city_with_more_than_twelve_questions(
    report: Report, client_of: ClientOf, who: str
) -> None:
    client = client_of(who)
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        text = client.get("/cities/phatong/").content.decode()
    assert len(asked) <= MOST_QUERIES, "\n".join(query["sql"] for query in asked)
    photo = report.photos[0]["file"]
    assert f"/files/{photo}/400" in text
    assert 'width="400" height="533"' in text
    for words in ("ชาวเรือ", "ชาวสวน", "“ผู้บุกรุก”", "“คนชายคลอง”", "ชุมชนริมคลอง", "10,412", "deaths"):
        assert words in text, words


def test_more_of_everything_is_not_more_questions(
    report: Report, programme: Programme, city: City, source: Source, client_of: ClientOf, cast: Any
) -> None:
    client, asked = client_of("owner"), []
    for times in range(2):
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            client.get("/cities/phatong/")
        asked.append(len(queries))
        for number in range(4):
            disagree(make_event(programme.node, f"น้ำท่วม {number}", cities=[city]), source)
            actions.save_group(
                SYSTEM, Group(city=city), {"name_th": f"กลุ่ม {times}{number}", "source": source}
            )
            photos = [
                photo_of(keep_photo(cast.actors["member"], city.node, (800, 600 + 10 * times + number)))
            ]
            make_report(city.node, f"รายงาน {number}", cast.actors["member"], photos=photos, shown_agree=True)
    assert asked[0] == asked[1] <= MOST_QUERIES


def test_groups_that_come_with_their_city_are_those_that_are_asked_for(report: Report, city: City) -> None:
    along = with_areas(City.objects.select_related("node")).get(pk=city.pk)
    asked = groups_of(city)
    assert groups_of(along) == asked
    for told, one in zip(groups_of(along), asked, strict=True):
        for name in ("name_th", "name_en", "sort_key", "words_of_source", "mark", "order", "former_names"):
            assert getattr(told, name) == getattr(one, name), name
    assert [name.name_th for name in asked[1].former_names] == ["คนชายคลอง"]


def test_facts_of_events_stay_out_of_what_is_known_of_the_city(report: Report, city: City) -> None:
    page, alone = CityPage(ANONYMOUS, city), CityPage(ANONYMOUS, city)
    assert page.panels
    assert page.facts == alone.facts
    assert {fact.about.kind for fact in page.facts} == {Kind.CITY, Kind.COMMUNITY}
    assert Fact.objects.filter(about__kind=Kind.EVENT).exists()
