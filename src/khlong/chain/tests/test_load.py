"""Taking data files in: once is enough, twice changes nothing, and what people corrected stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from khlong.chain.actions import next_ref
from khlong.chain.load import Report, dump_all, load_all
from khlong.chain.models import Kind, LoadedItem, Node, ThingRevision
from khlong.chain.tests.folder import fact, make_folder, model, spoil
from khlong.chain.yamlfile import write
from khlong.people.actor import Actor, account_actor, system_actor
from khlong.people.models import User
from khlong.record.actions import registered
from khlong.record.models import AuditEntry

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
CITY_FILE = "cities/phatong.yaml"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Path:
    """The small folder, with one province instead of the country's 8,000 names."""
    monkeypatch.setattr("khlong.places.load.load_reference", dict)
    model("places.Province").objects.create(code="90", name_th="สงขลา", name_en="Songkhla")
    return make_folder(tmp_path)


@pytest.fixture
def loaded(folder: Path) -> Path:
    load_all(folder)
    return folder


@pytest.fixture
def steward(db: None) -> Actor:
    return account_actor(User.objects.create_user("somying", is_steward=True))


def action(name: str) -> Callable[..., Any]:
    return registered()[name]


def writes(run: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        run()
    return [row["sql"] for row in queries.captured_queries if row["sql"].lstrip().upper().startswith(WRITES)]


def test_a_first_run_names_what_it_added(folder: Path) -> None:
    report = load_all(folder)
    assert report.added["city"] == report.added["community"] == report.added["canal"] == 1
    assert report.added["fact"] == 2
    assert report.changed["D-PTG-0001"] == "added"
    assert "added 2 fact" in report.lines()


def test_what_was_loaded_says_what_the_file_says(loaded: Path) -> None:
    first, second = fact("D-PTG-0001"), fact("D-PTG-0002")
    assert (first.value, first.unit_id, first.mark, first.source_id) == (10412, "people", "A", "S1")
    assert first.node.title_th == "ประชากร: 10,412 คน"
    assert (second.statement_th, second.statement_en) == ("น้ำท่วมตลาด", "The market was flooded.")
    assert second.time.iso() == "2022-09-03/2022-09-04"
    assert second.source.date is None
    assert second.entered_by == "loader"


def test_what_was_loaded_is_in_the_space_of_its_city_or_of_the_programme(loaded: Path) -> None:
    spaces = dict(Node.objects.values_list("ref", "space__ref"))
    assert spaces["C-PTG"] == spaces["B-PTG-0001"] == spaces["D-PTG-0001"] == "C-PTG"
    assert spaces["R-SCS"] == spaces["K-SCS-0001"] == "R-SCS"


def test_a_second_run_changes_nothing_and_writes_nothing(loaded: Path) -> None:
    report: list[Report] = []
    assert writes(lambda: report.append(load_all(loaded))) == []
    assert report[0].changed == {}
    assert report[0].kept == []
    assert report[0].lines() == [f"nothing changed ({report[0].unchanged} items)"]
    assert report[0].unchanged >= 9


def test_a_changed_item_is_the_only_one_that_is_written(loaded: Path) -> None:
    spoil(loaded, CITY_FILE, "figure: 10412", "figure: 10413")
    report = load_all(loaded)
    assert report.changed == {"D-PTG-0001": "changed"}
    assert fact("D-PTG-0001").value == 10413
    assert fact("D-PTG-0001").revision == 2
    assert fact("D-PTG-0002").revision == 1
    assert report.lines() == ["changed: D-PTG-0001"]


def test_a_file_written_differently_that_says_the_same_changes_no_revision(loaded: Path) -> None:
    spoil(loaded, CITY_FILE, "figure: 10412", 'figure: "10,412"')
    load_all(loaded)
    assert fact("D-PTG-0001").revision == 1


def test_comments_and_order_of_keys_are_no_change(loaded: Path) -> None:
    spoil(
        loaded,
        CITY_FILE,
        "    figure: 10412\n    unit: people\n",
        "    unit: people  # not households\n    figure: 10412\n",
    )
    assert writes(lambda: load_all(loaded)) == []


def test_changed_rows_without_a_node_are_taken_in_too(loaded: Path) -> None:
    spoil(loaded, "sources.yaml", "https://example.org/s1", "https://example.org/other")
    spoil(loaded, "vocabulary.yaml", "en: people}", "en: persons}")
    spoil(loaded, CITY_FILE, "en: long-time residents", "en: old families")
    report = load_all(loaded)
    assert set(report.changed) == {"source:S1", "unit:people", "group:C-PTG:คนดั้งเดิม"}
    assert model("places.Source").objects.get(key="S1").url == "https://example.org/other"


def test_what_people_corrected_stands_while_the_file_stays_as_it_was(loaded: Path, steward: Actor) -> None:
    action("places.fact.save")(steward, fact("D-PTG-0001"), {"value": 10400}, base=1)
    report = load_all(loaded)
    assert fact("D-PTG-0001").value == 10400
    assert (report.changed, report.kept) == ({}, [])


def test_what_people_corrected_stands_when_the_file_changes_and_the_report_says_so(
    loaded: Path, steward: Actor
) -> None:
    action("places.fact.save")(steward, fact("D-PTG-0001"), {"value": 10400}, base=1)
    spoil(loaded, CITY_FILE, "figure: 10412", "figure: 10500")
    report = load_all(loaded)
    assert fact("D-PTG-0001").value == 10400
    assert report.kept == ["D-PTG-0001"]
    assert report.lines() == ["left as people changed it: D-PTG-0001 (the file says something else)"]


def test_the_report_keeps_saying_so_until_somebody_mends_the_file(loaded: Path, steward: Actor) -> None:
    action("places.fact.save")(steward, fact("D-PTG-0001"), {"value": 10400}, base=1)
    spoil(loaded, CITY_FILE, "figure: 10412", "figure: 10500")
    assert [load_all(loaded).kept for _run in range(2)] == [["D-PTG-0001"]] * 2
    spoil(loaded, CITY_FILE, "figure: 10500", "figure: 10400")
    assert load_all(loaded).kept == []
    assert writes(lambda: load_all(loaded)) == []


def test_a_source_that_people_corrected_stands_when_the_file_changes(loaded: Path, steward: Actor) -> None:
    source = model("places.Source").objects.get(key="S1")
    action("places.source.save")(steward, source, {"publisher_en": "TEI"})
    assert load_all(loaded).kept == []
    spoil(loaded, "sources.yaml", "https://example.org/s1", "https://example.org/other")
    report = load_all(loaded)
    assert report.kept == ["source:S1"]
    assert model("places.Source").objects.get(key="S1").publisher_en == "TEI"


def test_a_city_that_people_corrected_keeps_its_links_too(loaded: Path, steward: Actor) -> None:
    city = model("places.City").objects.get(slug="phatong")
    action("places.city.save")(steward, city, {"basin_th": "ลุ่มน้ำคลองอู่ตะเภา"}, base=1)
    spoil(loaded, CITY_FILE, "name: {th: เมืองพะตง, en: Phatong}", "name: {th: เมืองพะตง, en: Pha Tong}")
    assert load_all(loaded).kept == ["C-PTG"]
    assert model("places.City").objects.get(slug="phatong").name_en == "Phatong"


def test_a_withdrawn_fact_is_not_published_again_by_a_file(loaded: Path, steward: Actor) -> None:
    action("places.fact.withdraw")(steward, fact("D-PTG-0001"))
    spoil(loaded, CITY_FILE, "figure: 10412", "figure: 10500")
    load_all(loaded)
    assert fact("D-PTG-0001").node.visibility == "members"


def test_the_numbers_of_a_file_are_never_given_again(folder: Path) -> None:
    spoil(folder, CITY_FILE, "ref: D-PTG-0002", "ref: D-PTG-0731")
    load_all(folder)
    assert next_ref(Kind.FACT, "PTG") == "D-PTG-0732"
    assert next_ref(Kind.COMMUNITY, "PTG") == "B-PTG-0002"


def test_everything_loaded_is_in_the_audit_under_the_loaders_name(loaded: Path) -> None:
    lines = AuditEntry.objects.filter(ref="D-PTG-0001")
    assert [(line.actor, line.actor_kind, line.action) for line in lines] == [
        ("loader", "system", "places.fact.save")
    ]
    assert ThingRevision.objects.filter(by="loader").count() == Node.objects.count()


def test_one_problem_and_nothing_of_all_files_is_taken_in(folder: Path) -> None:
    spoil(folder, CITY_FILE, "figure: 10412", "figure: many")
    with pytest.raises(Exception, match="not a number"):
        load_all(folder)
    assert not Node.objects.exists()
    assert not model("places.Source").objects.exists()
    assert not LoadedItem.objects.exists()


def test_a_removed_item_stands(loaded: Path) -> None:
    """A file that lost an item is no order to delete: links and histories hang on it."""
    text = (loaded / CITY_FILE).read_text(encoding="utf-8")
    (loaded / CITY_FILE).write_text(text[: text.index("  - ref: D-PTG-0002")], encoding="utf-8")
    assert load_all(loaded).changed == {}
    assert fact("D-PTG-0002").statement_th == "น้ำท่วมตลาด"


def test_what_is_written_out_loads_again_and_changes_nothing(loaded: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for name, data in dump_all().items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(write(data), encoding="utf-8")
    before = list(Node.objects.order_by("ref").values("ref", "title_th", "title_en"))
    load_all(out)
    assert list(Node.objects.order_by("ref").values("ref", "title_th", "title_en")) == before
    assert not ThingRevision.objects.filter(number__gt=1).exists()


def test_what_is_not_public_is_not_written_out(loaded: Path) -> None:
    action("places.fact.withdraw")(system_actor("test"), fact("D-PTG-0001"))
    assert "D-PTG-0001" not in str(dump_all())
    assert "D-PTG-0002" in str(dump_all())
