"""The training city is made in parts: broken off it is taken away or begun again, and nobody sees half of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.apps import apps
from django.test import Client
from django.utils.translation import override

from khlong.chain.models import Kind, Node, RefCounter, Visibility
from khlong.people import keystore
from khlong.people.actor import ANONYMOUS, system_actor
from khlong.people.models import User
from khlong.people.policy import scope
from khlong.places.models import City
from khlong.record.errors import Refused
from khlong.record.jobs import Cancelled
from khlong.record.jobs.step import Step
from khlong.record.models import Job
from khlong.training.jobs import NAME, make
from khlong.training.make import make_city, rows_of, unmake
from khlong.training.making import Parts, is_whole, mark
from khlong.training.tests.test_seeds import contents, made

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("training")
DAY = date(2026, 11, 22)
STAYS = {
    "record.AuditEntry",
    "record.Contribution",
    "record.ActionUse",
    "record.Stamp",
    "people.User",
    "places.Province",
    "training.Making",
}
"""What a city leaves behind that was taken away: lines of the audit, counts of limits, bare accounts, its mark."""


class BrokenOff(Exception):  # noqa: N818
    pass


def breaking_at(stage: str, number: int = 1) -> Callable[[str, int], None]:
    """A teller that breaks off at the so-manieth part of a stage."""
    left = [number]

    def told(now: str, _more: int) -> None:
        left[0] -= now == stage
        if now == stage and left[0] <= 0:
            raise BrokenOff

    return told


def counts() -> dict[str, int]:
    models = apps.get_models(include_auto_created=True)
    rows = {model._meta.label: model._base_manager.count() for model in models}
    return {label: number for label, number in rows.items() if label not in STAYS}


def half(stage: str, number: int = 1) -> None:
    with pytest.raises(BrokenOff):
        make_city(SYSTEM, number=60, day=DAY, told=breaking_at(stage, number))


def test_a_city_that_was_broken_off_is_hidden_and_not_whole(client: Client) -> None:
    half("works", 3)
    city = City.objects.select_related("node").get(slug="satit")
    assert city.node.visibility == Visibility.MEMBERS
    assert not scope(ANONYMOUS, City.objects.all()).exists()
    assert not is_whole()
    assert "satit" not in client.get("/cities/").content.decode()


@pytest.mark.parametrize(
    ("stage", "number"), [("ground", 9), ("households", 1), ("plan", 20), ("suggestions", 25), ("works", 9)]
)
def test_what_was_broken_off_is_taken_away_without_a_rest(stage: str, number: int) -> None:
    before, keys = counts(), keystore.holds()
    half(stage, number)
    assert counts() != before
    unmake()
    assert {label: n for label, n in counts().items() if n != before[label]} == {}
    assert keystore.holds() == keys
    assert not RefCounter.objects.filter(prefix__endswith="-STT").exists()


def test_after_a_run_that_was_broken_off_the_same_seed_makes_the_same_city() -> None:
    whole = made(7)
    half("works", 12)
    make_city(SYSTEM, number=60, seed=7, day=DAY)
    assert contents() == whole
    assert is_whole()
    assert User.objects.filter(username__startswith="สาธิต").count() == 5


def test_a_city_that_is_whole_is_not_taken_away() -> None:
    make_city(SYSTEM, number=36, day=DAY)
    unmake()
    assert City.objects.filter(slug="satit").exists()
    with pytest.raises(Refused):
        make_city(SYSTEM, number=36, day=DAY)
    assert is_whole()


def test_a_run_that_was_overtaken_writes_nothing_more() -> None:
    runs: list[str] = []

    def told(stage: str, _more: int) -> None:
        if stage == "findings" and stage not in runs:
            mark(seed=8, households=36, day=DAY)
        runs.append(stage)

    with override("en"), pytest.raises(Refused, match="Somebody else"):
        make_city(SYSTEM, number=36, day=DAY, told=told)
    assert runs[-1] == "findings"
    assert not Node.objects.filter(kind=Kind.FINDING).exists()


def test_a_part_that_fails_leaves_nothing_of_itself() -> None:
    part = Parts(mark(seed=7, households=36, day=DAY))
    with pytest.raises(BrokenOff), part():  # noqa: PT012
        RefCounter.objects.create(prefix="M-STT")
        raise BrokenOff
    assert not RefCounter.objects.exists()


@pytest.mark.parametrize("households", [60, 240, 400])
def test_progress_ends_where_it_was_said_to_end(households: int) -> None:
    rows = 0

    def told(_stage: str, more: int) -> None:
        nonlocal rows
        rows += more

    make_city(SYSTEM, number=households, day=DAY, told=told)
    assert rows <= rows_of(households) <= rows + rows // 20


def test_a_job_that_is_cancelled_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = counts()
    seen: list[str] = []

    def advance(_step: Step, _k: int = 1, note: str = "") -> None:
        seen.append(note)
        if note == "plan":
            raise Cancelled

    monkeypatch.setattr(Step, "advance", advance)
    monkeypatch.setattr(Step, "total", lambda _step, _number: None)
    with pytest.raises(Cancelled):
        make(Step(Job(name=NAME)), households=60)
    assert {"ground", "households", "findings", "plan"} <= set(seen)
    assert {label: n for label, n in counts().items() if n != before[label]} == {}


def test_no_part_holds_the_database_while_all_others_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 1,000 households no transaction writes more than a part of the rows."""
    written: list[int] = []
    at = Node.objects.count()

    def told(_stage: str, _more: int) -> None:
        written.append(Node.objects.count())

    make_city(SYSTEM, number=1000, day=DAY, told=told)
    steps = [after - before for before, after in zip([at, *written], written, strict=False)]
    assert sum(steps) > 600
    assert max(steps) <= 250
