"""Published plans from data files: taken in once, and then the working group's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from khlong.chain.load import load_all
from khlong.chain.tests.folder import CITY, make_folder, model, spoil
from khlong.chain.yamlfile import LoadFailed
from khlong.people.actor import Actor, account_actor
from khlong.people.models import User
from khlong.strategy.actions import add_item, make_version, move_item, save_passage
from khlong.strategy.models import Item, ItemKind, Language, Plan
from khlong.strategy.queries import unversioned, working_book
from khlong.strategy.tests.makers import VISION, passage_of, words_of

FILE = "cities/phatong.yaml"
PLAN = f"""\
plan:
  ref: Y-PTG-0001
  title: {{th: แผนยุทธศาสตร์เมืองพะตง, en: Strategy of Phatong}}
  horizon_years: 3
  status: draft
  drafted: 2022-09-03/2022-09-04
  source: S1
  mark: A
  items:
    - ref: T-PTG-0001
      kind: vision
      th: {VISION}
      en: Phatong, my home
    - ref: T-PTG-0002
      kind: strategy
      th: จัดการน้ำร่วมกัน
      items:
        - ref: M-PTG-0001
          kind: measure
          th: ขุดลอกคลองตง
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Path:
    monkeypatch.setattr("khlong.places.load.load_reference", dict)
    model("places.Province").objects.create(code="90", name_th="สงขลา", name_en="Songkhla")
    root = make_folder(tmp_path)
    (root / FILE).write_text(CITY + PLAN, encoding="utf-8")
    return root


@pytest.fixture
def plan(folder: Path) -> Plan:
    load_all(folder)
    return Plan.objects.get()


@pytest.fixture
def steward(db: None) -> Actor:
    return account_actor(User.objects.create_user("somying", is_steward=True))


def item(ref: str) -> Item:
    return Item.objects.select_related("plan__node__space").get(node__ref=ref)


def writes(folder: Path) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        load_all(folder)
    words = ("INSERT", "UPDATE", "DELETE", "REPLACE")
    return [row["sql"] for row in queries.captured_queries if row["sql"].startswith(words)]


def test_a_plan_is_taken_in_with_its_parts_words_and_a_first_version(plan: Plan) -> None:
    assert (plan.ref, plan.horizon_years, plan.start_year, plan.status) == ("Y-PTG-0001", 3, None, "draft")
    found = [(leaf.item.ref, leaf.number, leaf.text, leaf.english) for leaf in working_book(plan).all()]
    assert found == [
        ("T-PTG-0001", "", VISION, "Phatong, my home"),
        ("T-PTG-0002", "1", "จัดการน้ำร่วมกัน", ""),
        ("M-PTG-0001", "1.1", "ขุดลอกคลองตง", ""),
    ]
    version = plan.versions.get()
    assert (version.number, version.by, unversioned(plan, version)) == (1, "loader", 0)


def test_a_second_run_writes_nothing(plan: Plan, folder: Path) -> None:
    assert writes(folder) == []


def test_new_words_in_a_file_make_a_new_version(plan: Plan, folder: Path) -> None:
    spoil(folder, FILE, "th: จัดการน้ำร่วมกัน", "th: จัดการน้ำทั้งสาย")
    assert load_all(folder).changed == {"T-PTG-0002": "changed"}
    assert words_of(item("T-PTG-0002")) == ["จัดการน้ำร่วมกัน", "จัดการน้ำทั้งสาย"]
    assert [version.number for version in plan.versions.all()] == [2, 1]
    assert writes(folder) == []


def test_words_that_people_changed_stand_and_the_report_keeps_saying_so(
    plan: Plan, folder: Path, steward: Actor
) -> None:
    save_passage(steward, passage_of(item("T-PTG-0002")), Language.THAI, "คำของคณะทำงาน", base=1)
    assert load_all(folder).kept == []
    spoil(folder, FILE, "th: จัดการน้ำร่วมกัน", "th: คำของไฟล์")
    for _run in range(2):
        assert load_all(folder).kept == ["T-PTG-0002"]
    assert words_of(item("T-PTG-0002")) == ["จัดการน้ำร่วมกัน", "คำของคณะทำงาน"]


WORK: dict[str, Callable[[Actor], Any]] = {
    "words": lambda who: save_passage(who, passage_of(item("T-PTG-0002")), Language.THAI, "ร่างที่ยังไม่ออก"),
    "a part": lambda who: add_item(who, item("T-PTG-0002").plan, ItemKind.STRATEGY, "ร่างที่ยังไม่ออก"),
    "an order": lambda who: move_item(who, item("T-PTG-0002"), up=True),
}


@pytest.mark.parametrize("work", WORK)
def test_a_run_never_publishes_what_people_have_not_made_a_version_of(
    plan: Plan, folder: Path, steward: Actor, work: str
) -> None:
    WORK[work](steward)
    assert writes(folder) == []
    spoil(folder, FILE, "th: ขุดลอกคลองตง", "th: ขุดลอกคลองทุกปี")
    load_all(folder)
    assert plan.versions.count() == 1
    assert make_version(steward, plan).number == 2


BADS: list[tuple[str, str, str]] = [
    ("kind: vision", "kind: dream", "'dream' is not known"),
    (f"      th: {VISION}\n", "", "th is missing"),
    ("ref: M-PTG-0001", "ref: T-PTG-0009", "is not a reference of this kind"),
    ("status: draft", "status: final", "'final' is not known"),
    ("horizon_years: 3", "horizon_years: 3.5", "must be a whole number"),
    ("ref: T-PTG-0002", "ref: T-PTG-0001", "stands already"),
]


@pytest.mark.parametrize(("old", "new", "says"), BADS)
def test_a_bad_plan_changes_nothing_and_is_named_with_its_line(
    folder: Path, old: str, new: str, says: str
) -> None:
    spoil(folder, FILE, old, new)
    with pytest.raises(LoadFailed) as caught:
        load_all(folder)
    problems: list[Any] = [problem for problem in caught.value.problems if says in problem.message]
    assert problems
    assert problems[0].file == FILE
    assert problems[0].line > CITY.count("\n")
    assert not Plan.objects.exists()
