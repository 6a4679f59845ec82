"""The logframe of a programme in a period, with what each value was made of, for programmes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from khlong.chain.api import Ref, node_of
from khlong.network.counts import is_few
from khlong.people.actor import Actor
from khlong.people.policy import Verb, can
from khlong.pilots.models import Value
from khlong.pilots.queries import works_here
from khlong.pilots.rules import PEOPLE
from khlong.record.api import ANSWERS, ONE_OR_NONE, Asked, Paged, found, page_of, reader
from khlong.reports.models import Logframe, Period, ResultLevel
from khlong.reports.queries import Chapter, Frame, Row, frame_of, period_of, seen_logframes

router = Router(tags=["reports"])


class PeriodOut(Schema):
    """A reporting period; frozen, its values stand as they were."""

    id: int
    name_th: str
    name_en: str
    begins: date
    ends: date
    frozen_at: datetime | None


class LogframeOut(Schema):
    """The logframe of a programme, and its reporting periods."""

    ref: str = Field(examples=["X-STT-0001"])
    programme: str = Field(description="the reference of its programme")
    name_th: str
    name_en: str
    periods: list[PeriodOut]
    example: bool
    page: str


class LogframesOut(Paged):
    items: list[LogframeOut]


class PartOut(Schema):
    """A kept value that went into one of the logframe."""

    ref: str
    value: float | None = Field(description="null where it counts fewer than five people")
    period_from: date
    period_to: date


class MadeOut(Schema):
    """A value and what it was made of."""

    value: float | None = Field(
        description="null without a record, or where it would tell of fewer than five or of what is not published"
    )
    few: bool = Field(description="kept back, since a part of it counts fewer than five people")
    rule: str
    made_of: list[PartOut] = Field(description="as far as the reader may see them")
    more: int = Field(description="how many besides, which the reader may not open")


class FrameLineOut(Schema):
    """An indicator of a result: what was frozen, and what the records give now."""

    indicator: str
    name_th: str
    name_en: str
    unit_th: str
    unit_en: str
    how: str
    frozen: MadeOut | None = Field(description="null where the period is not frozen, or the line is newer")
    now: MadeOut


class ResultOut(Schema):
    """A result of the results chain."""

    level: str = Field(description="impact, outcome or output")
    code: str
    text_th: str
    text_en: str
    assumptions_th: str
    assumptions_en: str
    lines: list[FrameLineOut]


class FrameOut(LogframeOut):
    """A logframe in one of its periods."""

    period: PeriodOut | None = Field(description="null where no period is entered yet")
    results: list[ResultOut]


# --- as it is sent -----------------------------------------------------------------------------------


def plain_period(row: Period) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "name_th", "name_en", "begins", "ends", "frozen_at")}


def plain_logframe(row: Logframe) -> dict[str, Any]:
    return {
        "ref": row.ref,
        "programme": row.programme.ref,
        "name_th": row.name_th,
        "name_en": row.name_en,
        "periods": [plain_period(one) for one in row.periods.all()],
        "example": row.node.is_example,
        "page": row.get_absolute_url(),
    }


class Plain:
    """Writes a frame down for one reader: refs of what the reader may open, no number of fewer than five people."""

    def __init__(self, actor: Actor, frame: Frame) -> None:
        self.actor, self.frame = actor, frame
        self.kept = _kept(frame.rows)

    def results(self) -> list[dict[str, Any]]:
        levels = self.frame.levels
        return [self._result(level, one) for level, chapters in levels for one in chapters]

    def _result(self, level: ResultLevel, chapter: Chapter) -> dict[str, Any]:
        names = ("code", "text_th", "text_en", "assumptions_th", "assumptions_en")
        plain = {name: getattr(chapter.result, name) for name in names}
        return plain | {"level": level.name.lower(), "lines": [self._line(row) for row in chapter.rows]}

    def _line(self, row: Row) -> dict[str, Any]:
        one, frozen = row.line.indicator, row.frozen
        names = ("name_th", "name_en", "unit_th", "unit_en")
        return {name: getattr(one, name) for name in names} | {
            "indicator": one.ref,
            "how": row.line.how,
            "frozen": self._made(frozen.value, frozen.rule, frozen.inputs) if frozen else None,
            "now": self._made(None if row.unpublished else row.now.value, row.now.rule, row.now.inputs),
        }

    def _made(self, value: Decimal | None, rule: str, inputs: dict[str, Any]) -> dict[str, Any]:
        told = inputs.get("values", [])
        few = any(self._is_few(one) for one in told)
        shown = [self._part(one) for one in told if self._opens(one)]
        return {
            "value": None if few or value is None else float(value),
            "few": few,
            "rule": rule,
            "made_of": shown,
            "more": len(told) - len(shown),
        }

    def _part(self, told: dict[str, Any]) -> dict[str, Any]:
        value = None if self._is_few(told) else float(told["value"])
        return {
            "ref": told["ref"],
            "value": value,
            "period_from": told["from"],
            "period_to": told["to"],
        }

    def _opens(self, told: dict[str, Any]) -> bool:
        kept = self.kept.get(told["ref"])
        return kept is not None and can(self.actor, Verb.VIEW, kept)

    def _is_few(self, told: dict[str, Any]) -> bool:
        """Whether this part counts so few people that only who works there may read it, alone or in a sum."""
        kept = self.kept.get(told["ref"])
        if kept is None or kept.rule not in PEOPLE or works_here(self.actor, kept.space_id):
            return False
        return is_few(int(Decimal(told["value"])))


def _kept(rows: Iterable[Row]) -> dict[str, Value]:
    """The kept values that stand behind a frame, by reference; one query for what was frozen."""
    found = {value.ref: value for row in rows for value in row.now.made_of}
    frozen = {one["ref"] for row in rows if row.frozen for one in row.frozen.inputs.get("values", [])}
    missing = frozen - set(found)
    if missing:
        others = Value.objects.filter(node__ref__in=missing).select_related("node__space")
        found |= {value.ref: value for value in others}
    return found


# --- reading -----------------------------------------------------------------------------------------


def _logframes(actor: Actor) -> QuerySet[Logframe]:
    return seen_logframes(actor).prefetch_related("periods")


class OfProgramme(Schema):
    """Of which programme logframes are asked for."""

    programme: Annotated[
        str, Field(max_length=60, description="of one programme, by its address or its reference")
    ] = ""


@router.get("/logframes", response={200: LogframesOut, **ANSWERS}, summary="Logframes of programmes")
def logframes(request: HttpRequest, asked: Asked, chosen: Annotated[OfProgramme, Query()]) -> Any:
    rows = _logframes(reader(request)).order_by("node__ref")
    if chosen.programme:
        by_address = rows.filter(programme__slug=chosen.programme)
        rows = by_address | rows.filter(programme__node__ref=chosen.programme.upper())
    return page_of(rows, asked, plain_logframe)


class InPeriod(Schema):
    """In which period."""

    period: Annotated[str, Field(max_length=200, description="by its id or its name; else the latest")] = ""


@router.get("/logframes/{ref}", response={200: FrameOut, **ONE_OR_NONE}, summary="A logframe in a period")
def logframe(request: HttpRequest, ref: Ref, chosen: Annotated[InPeriod, Query()]) -> Any:
    """Each value as it was frozen, as the records give it now, and what both were made of."""
    actor = reader(request)
    row = found(_logframes(actor).filter(node=node_of(actor, ref)).first(), ref)
    period = period_of(row, chosen.period)
    if chosen.period and period is None:
        raise Http404(chosen.period)
    results = Plain(actor, frame_of(actor, row, period)).results()
    return plain_logframe(row) | {"period": plain_period(period) if period else None, "results": results}
