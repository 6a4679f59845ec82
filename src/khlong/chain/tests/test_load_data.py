"""The data files of the programme: they load whole, twice is once, and the plans are letter for letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from khlong.chain.load import Report, load_all
from khlong.chain.models import Edge, Kind, Node
from khlong.chain.tests.folder import model

DATA = Path(settings.BASE_DIR) / "data"
SEED = Path(settings.BASE_DIR).parent / "shared" / "facts" / "seed_th.txt"
FULL = {"bo-yang", "phatong", "khuan-lang", "padang-besar", "la-ngu", "tanot-duan"}
VISIONS = {
    "phatong": "พะตงบ้านฉัน ",
    "la-ngu": "ละงูเมืองแห่งการร่วมมือร่วมใจ ",
    "bo-yang": "เมืองบ่อยางมีองค์กรชุมชนที่เข้มแข็ง ",
}


@pytest.fixture(scope="module")
def report(django_db_setup: None, django_db_blocker: Any) -> Iterator[Report]:
    """The data loaded once for this file, and taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_all(DATA)
        transaction.set_rollback(True)


@pytest.fixture
def loaded(report: Report, db: None) -> Report:
    return report


def test_twelve_cities_are_loaded_and_six_of_them_in_full(loaded: Report) -> None:
    assert loaded.added["city"] == 12
    cities = model("places.City").objects
    assert set(cities.filter(is_full=True).values_list("slug", flat=True)) == FULL
    assert {(city.ref[:2], city.node.space_id == city.pk) for city in cities.select_related("node")} == {
        ("C-", True)
    }


def test_there_are_at_least_150_facts_and_no_guess_among_them(loaded: Report) -> None:
    facts = model("places.Fact").objects
    assert facts.count() >= 150
    assert set(facts.values_list("mark", flat=True).order_by().distinct()) == {"A", "B"}


def test_every_fact_has_its_source_and_is_dated_or_undated(loaded: Report) -> None:
    for fact in model("places.Fact").objects.select_related("source", "node"):
        assert fact.source.publisher_th, fact.ref
        assert fact.date is None or 1900 <= fact.date.start.year <= 2100, fact.ref
        assert bool(fact.statement_th) != (fact.unit_id is not None and fact.is_figure), fact.ref


def test_every_row_that_says_something_of_a_city_names_a_source_of_the_list(loaded: Report) -> None:
    sources = set(model("places.Source").objects.values_list("key", flat=True))
    for label in ("City", "Community", "Zone", "Group", "Authority", "Fact"):
        used = set(model(f"places.{label}").objects.order_by().values_list("source_id", flat=True))
        assert used <= sources, label


def test_every_reference_is_of_its_kind_and_in_the_space_of_its_place(loaded: Report) -> None:
    for node in Node.objects.select_related("space"):
        kind, place = node.ref.split("-")[:2]
        assert kind == node.kind, node.ref
        assert node.space is not None
        assert place == node.space.ref.split("-")[1], node.ref


def test_nothing_that_is_loaded_is_an_example_or_hidden(loaded: Report) -> None:
    assert not Node.objects.filter(is_example=True).exists()
    assert not Node.objects.exclude(visibility="public").exists()


def test_loading_twice_writes_nothing(loaded: Report) -> None:
    with CaptureQueriesContext(connection) as queries:
        again = load_all(DATA)
    words = ("INSERT", "UPDATE", "DELETE", "REPLACE")
    assert [
        row["sql"] for row in queries.captured_queries if row["sql"].lstrip().upper().startswith(words)
    ] == []
    assert (again.changed, again.kept) == ({}, [])
    assert again.unchanged > 900


def test_loading_again_asks_nothing_for_each_single_fact(loaded: Report) -> None:
    with CaptureQueriesContext(connection) as queries:
        load_all(DATA)
    assert len(queries) < model("places.Fact").objects.count()


@pytest.fixture
def seed() -> str:
    if not SEED.exists():
        pytest.skip("the text of the workshop (../shared/facts/seed_th.txt) is not beside this repository")
    return unicodedata.normalize("NFC", SEED.read_text(encoding="utf-8"))


def passages() -> list[Any]:
    revisions = model("strategy.PassageRevision").objects.filter(lang="th")
    return list(revisions.select_related("passage__item__plan__city", "passage__item__node"))


def test_every_passage_of_a_plan_stands_letter_for_letter_in_the_published_text(
    loaded: Report, seed: str
) -> None:
    rows = passages()
    assert len(rows) >= 10
    assert [row.passage.item.ref for row in rows if row.text not in seed] == []


def test_the_three_published_visions_are_held_letter_for_letter(loaded: Report, seed: str) -> None:
    visions = {
        row.passage.item.plan.city.slug: row.text for row in passages() if row.passage.item.kind == "vision"
    }
    assert set(visions) == set(VISIONS)
    for slug, text in visions.items():
        assert text.startswith(VISIONS[slug])
        assert f'"{text}"' in seed, slug


def test_a_plan_that_nobody_dated_has_no_first_year(loaded: Report) -> None:
    plans = model("strategy.Plan").objects.all()
    assert plans
    assert {plan.start_year for plan in plans} == {None}


def test_each_plan_has_one_version_made_of_what_was_published(loaded: Report) -> None:
    for plan in model("strategy.Plan").objects.all():
        version = plan.versions.get()
        assert (version.number, version.by) == (1, "loader")
        assert version.entries.count() == plan.items.count()


def test_the_only_links_are_those_that_a_file_names_from_a_workshop_to_what_came_of_it(
    loaded: Report,
) -> None:
    rows = Edge.objects.select_related("up", "down")
    assert {(edge.up.kind, edge.down.kind, edge.by) for edge in rows} == {
        ("W", "Y", "loader"),
        ("W", "A", "loader"),
    }
    assert rows.filter(down__kind="Y").count() == model("strategy.Plan").objects.count()
    assert rows.filter(down__kind="A").count() == model("journal.Report").objects.count()


WRITTEN_ON_THE_PAGES = {
    *(Kind.MEASURE, Kind.REPORT, Kind.WORKGROUP, Kind.STATEMENT, Kind.FINDING, Kind.INDICATOR, Kind.ROUND),
    *(Kind.SUGGESTION, Kind.PROPOSAL, Kind.PILOT, Kind.VALUE, Kind.LOGFRAME),
}


def test_each_kind_of_thing_that_files_hold_is_loaded(loaded: Report) -> None:
    kinds = set(Node.objects.order_by().values_list("kind", flat=True).distinct())
    assert kinds >= {kind.value for kind in set(Kind) - WRITTEN_ON_THE_PAGES}
