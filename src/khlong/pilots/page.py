"""All that stands on the page of a pilot, in few questions to the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
)
from django.db.models import Value as Plain
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from khlong.chain.models import Visibility
from khlong.network.counts import is_few
from khlong.people.actor import Actor
from khlong.people.policy import Verb, can
from khlong.pilots.models import Change, ExpenseState, Lesson, MoneyLine, Pilot, PilotActivity, WorkStep
from khlong.pilots.queries import Came, activities_of, came, works_here
from khlong.pilots.rules import PEOPLE
from khlong.places.models.base import in_language
from khlong.record.filed import File
from khlong.strategy.models import Indicator
from khlong.ui.figures import FigureRow, per_cent, scale_end

ACTIVITIES = 6
MOST_TOLD = 60


def with_sums(rows: QuerySet[Pilot]) -> QuerySet[Pilot]:
    """Pilots with `planned_satang` of their budget and `spent_satang`, approved."""
    planned = MoneyLine.objects.filter(pilot=OuterRef("pk")).order_by().values("pilot")
    approved = Q(expenses__state=ExpenseState.APPROVED)
    return rows.annotate(
        planned_satang=_one(planned.annotate(n=Sum("satang"))),
        spent_satang=_one(planned.annotate(n=Sum("expenses__satang", filter=approved))),
    ).select_related("community__node", "run_by__node")


def _one(rows: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(rows.values("n"), output_field=BigIntegerField()), 0)


# --- steps, changes and lessons ---------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A step, a change or a lesson, as it is read."""

    kind: str
    pk: UUID
    text_th: str
    text_en: str
    why: str
    first: date | None
    last: date | None
    done: date | None
    good: bool
    place: int

    @property
    def text(self) -> str:
        return in_language(self.text_th, self.text_en)


def _row(model: type[Any], kind: str, pilot: Pilot, **columns: Any) -> QuerySet[Any]:
    empty = Cast(Plain(None), DateField())
    found: dict[str, Any] = {
        "t_kind": Plain(kind, output_field=CharField()),
        "t_th": F("text_th") if hasattr(model, "text_th") else F("what"),
        "t_en": F("text_en") if hasattr(model, "text_en") else Plain(""),
        "t_why": Plain(""),
        "t_first": empty,
        "t_last": empty,
        "t_done": empty,
        "t_good": Plain(True, output_field=BooleanField()),
        "t_place": Plain(0, output_field=BigIntegerField()),
    } | columns
    texts = {name: Cast(found[name], TextField()) for name in ("t_kind", "t_th", "t_en", "t_why")}
    found |= texts | {"t_place": Cast(found["t_place"], BigIntegerField())}
    rows = model.objects.filter(pilot=pilot).order_by().annotate(**found)
    return rows.values_list("t_kind", "pk", *list(found)[1:])  # type: ignore[no-any-return]


def told_of(pilot: Pilot) -> list[Told]:
    """The steps, changes and lessons of a pilot; one query."""
    steps = _row(
        WorkStep, "step", pilot, t_first=F("begins"), t_last=F("due"), t_done=F("done_on"), t_place=F("order")
    )
    changes = _row(Change, "change", pilot, t_why=F("why"), t_last=F("on"))
    lessons = _row(Lesson, "lesson", pilot, t_good=F("worked"), t_last=F("on"))
    return [Told(*row) for row in steps.union(changes, lessons, all=True)]


@dataclass(frozen=True)
class Bar:
    """A step drawn on the scale of the whole work: where it begins and how long it is, in per cent; the day it was
    done, and today.
    """

    step: Told
    start: float | None
    length: float
    done: float | None
    late: bool


@dataclass(frozen=True)
class Scale:
    """The days from the first to the last of the work."""

    first: date
    last: date

    def at(self, day: date | None) -> float | None:
        if day is None:
            return None
        whole = max((self.last - self.first).days, 1)
        return round(min(max((day - self.first).days / whole, 0), 1) * 100, 1)


@dataclass(frozen=True)
class Work:
    """The steps of a pilot as bars below each other; `today` is in per cent, None where it lies outside."""

    bars: list[Bar]
    scale: Scale | None
    today: float | None

    @property
    def done(self) -> int:
        return sum(bar.step.done is not None for bar in self.bars)


def work_of(pilot: Pilot, steps: Iterable[Told], today: date) -> Work:
    """Bars of the steps. One that has no beginning begins with the pilot, or where the one before it ends."""
    rows = sorted(steps, key=lambda row: (row.place, row.last or date.max, str(row.pk)))
    days = [day for row in rows for day in (row.first, row.last, row.done)]
    days += [pilot.starts_on, pilot.ends_on]
    known = [day for day in days if day is not None]
    scale = Scale(min(known), max(known)) if len(set(known)) > 1 else None
    bars, before = [], pilot.starts_on
    for row in rows:
        bars.append(_bar(row, scale, before, today))
        before = row.last or before
    inside = scale is not None and scale.first <= today <= scale.last
    return Work(bars, scale, scale.at(today) if scale and inside else None)


def _bar(row: Told, scale: Scale | None, before: date | None, today: date) -> Bar:
    late = row.done is None and row.last is not None and row.last < today
    if scale is None or (row.last is None and row.first is None):
        return Bar(row, None, 0.0, scale.at(row.done) if scale else None, late)
    begins = row.first or (before if before and row.last and before <= row.last else row.last)
    start = scale.at(begins) or 0.0
    end = scale.at(row.last or begins) or 0.0
    return Bar(row, start, max(round(end - start, 1), 1.0), scale.at(row.done), late)


# --- values -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """A value in a series: in which period, and how far along the scale it lies, in per cent."""

    value: Decimal
    begins: date
    ends: date
    ref: str
    at: float | None = None
    few: bool = False


@dataclass
class Series:
    """An indicator with the values of a pilot on one scale with its baseline and target."""

    title: str
    ref: str
    unit: str
    baseline: Decimal | None
    target: Decimal | None
    baseline_year: int | None
    target_year: int | None
    points: list[Point] = field(default_factory=list)

    @cached_property
    def end(self) -> Decimal:
        numbers = [*(point.value for point in self.points if not point.few), self.baseline, self.target]
        return scale_end(FigureRow(number, self.unit, "") for number in numbers if number is not None)

    @property
    def baseline_at(self) -> float | None:
        return per_cent(self.baseline, self.end)

    @property
    def target_at(self) -> float | None:
        return per_cent(self.target, self.end)

    @property
    def placed(self) -> list[Point]:
        return [
            Point(p.value, p.begins, p.ends, p.ref, None if p.few else per_cent(p.value, self.end), p.few)
            for p in self.points
        ]


class PilotPage:
    """All that stands on a pilot's page."""

    def __init__(self, actor: Actor, pilot: Pilot) -> None:
        self.actor, self.pilot = actor, pilot

    @cached_property
    def whole(self) -> bool:
        return works_here(self.actor, self.pilot.space_id)

    @cached_property
    def may_change(self) -> bool:
        return can(self.actor, Verb.CHANGE, self.pilot)

    @cached_property
    def _told(self) -> list[Told]:
        return told_of(self.pilot)

    @cached_property
    def work(self) -> Work:
        steps = [row for row in self._told if row.kind == "step"]
        return work_of(self.pilot, steps, timezone.localdate())

    @cached_property
    def changes(self) -> list[Told]:
        return self._newest("change")

    @cached_property
    def lessons(self) -> list[Told]:
        return self._newest("lesson")

    def _newest(self, kind: str) -> list[Told]:
        rows = [row for row in self._told if row.kind == kind]
        return sorted(rows, key=lambda row: (row.last or date.min, str(row.pk)), reverse=True)[:MOST_TOLD]

    @property
    def money(self) -> dict[str, int]:
        planned, spent = self.pilot.planned_satang, self.pilot.spent_satang  # type: ignore[attr-defined]
        percent = min(100, round(100 * spent / planned)) if planned else 0
        return {"planned": planned, "spent": spent, "left": planned - spent, "percent": percent}

    @cached_property
    def activities(self) -> list[Done]:
        """The newest activities with who came and their photos; two queries."""
        rows = list(activities_of(self.pilot)[: ACTIVITIES + 1])
        return [Done(row, came(self.actor, row), whole=self.whole) for row in rows[:ACTIVITIES]]

    @property
    def series(self) -> list[Series]:
        return series_of(self.actor, self.pilot)


@dataclass(frozen=True)
class Photo:
    """One of the two photos of an activity."""

    label: str
    file: File
    alt: str

    @property
    def size(self) -> tuple[int, int]:
        return self.file.shown_size(1000)

    @property
    def sources(self) -> str:
        return ", ".join(f"{self.file.url_of(wide)} {self.file.shown_size(wide)[0]}w" for wide in (400, 1000))

    @property
    def address(self) -> str:
        return self.file.url_of(1000)


@dataclass(frozen=True)
class Done:
    """An activity as a page shows it."""

    row: PilotActivity
    came: Came | None
    whole: bool

    @property
    def photos(self) -> list[Photo]:
        """The photos that this reader may see, the one before first."""
        row = self.row
        if not (self.whole or row.shown_agree):
            return []
        both = ((_("Before"), row.before, row.before_alt), (_("After"), row.after, row.after_alt))
        return [Photo(label, file, alt) for label, file, alt in both if file is not None]


COLUMNS = (
    *("pk", "name_th", "name_en", "node__ref", "node__visibility", "unit_th", "unit_en"),
    *("baseline", "target", "baseline_year", "target_year"),
    *("kept__value", "kept__period_from", "kept__period_to", "kept__rule"),
    *("kept__node__ref", "kept__node__visibility"),
)


def series_of(actor: Actor, pilot: Pilot) -> list[Series]:
    """The indicators that a pilot moves, with its values in them, oldest first; one query."""
    rows = Indicator.objects.filter(pilots=pilot).annotate(
        kept=FilteredRelation("values", condition=Q(values__pilot=pilot))
    )
    whole = works_here(actor, pilot.space_id) or pilot.space_id in actor.read_by_link
    found: dict[Any, Series] = {}
    for row in rows.order_by("sort_key", "kept__period_to", "kept__period_from").values(*COLUMNS):
        if not whole and row["node__visibility"] != Visibility.PUBLIC:
            continue
        one = found.setdefault(row["pk"], _series(row))
        if row["kept__value"] is not None and (whole or row["kept__node__visibility"] == Visibility.PUBLIC):
            one.points.append(_point(row, whole=whole))
    return list(found.values())


def _series(row: dict[str, Any]) -> Series:
    title, unit = (in_language(row[f"{name}_th"], row[f"{name}_en"]) for name in ("name", "unit"))
    numbers = (row["baseline"], row["target"], row["baseline_year"], row["target_year"])
    return Series(title, row["node__ref"], unit, *numbers)


def _point(row: dict[str, Any], *, whole: bool) -> Point:
    few = not whole and row["kept__rule"] in PEOPLE and is_few(int(row["kept__value"]))
    days = row["kept__period_from"], row["kept__period_to"]
    return Point(row["kept__value"], *days, row["kept__node__ref"], few=few)
