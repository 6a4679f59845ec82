"""Pilots with their money in sums, values of indicators with what they rest on, and single expenses, for programmes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from ninja import Field, Path, Query, Router, Schema, Status

from khlong.chain.api import Ref, node_of
from khlong.chain.models import Kind, Node, Visibility
from khlong.chain.things import new_thing
from khlong.people.actor import Actor
from khlong.people.policy import Verb, can, scope
from khlong.pilots.actions import save_pilot
from khlong.pilots.models import Expense, MoneyLine, Pilot, PilotState, Value
from khlong.pilots.money import approve_expense, save_expense, stamp
from khlong.pilots.queries import expenses_of, hides_small, seen_pilots, seen_values, with_spent
from khlong.pilots.values import new_value, save_value
from khlong.places.api import ByCity, in_city
from khlong.record.api import (
    ANSWERS,
    ONE_OR_NONE,
    TOKEN,
    WRITES,
    Asked,
    Paged,
    Sent,
    envelope,
    example,
    found,
    page_of,
    reader,
    writer,
)
from khlong.strategy.models import Indicator, Item

router = Router(tags=["pilots"])


class BudgetLineOut(Schema):
    """One line of the budget, and what of it is approved as spent."""

    id: UUID = Field(description="to be named where an expense is entered")
    text_th: str
    text_en: str
    planned_satang: int
    spent_satang: int


class PilotOut(Schema):
    """A project that a city runs itself, with its money in sums."""

    ref: str = Field(examples=["L-STT-0001"])
    city: str
    measures: list[str] = Field(description="that it tries, as far as the reader may see them")
    indicators: list[str] = Field(description="that it moves, as far as the reader may see them")
    name_th: str
    name_en: str
    aim_th: str
    aim_en: str
    state: str
    community: str | None
    run_by: str | None = Field(description="the reference of an organisation")
    starts_on: date | None
    ends_on: date | None
    planned_satang: int
    spent_satang: int = Field(description="approved expenses only")
    lines: list[BudgetLineOut]
    revision: int
    example: bool
    page: str


class PilotsOut(Paged):
    items: list[PilotOut]


class ValueOut(Schema):
    """A value of an indicator in a period, computed from records by a rule or entered with its evidence."""

    ref: str = Field(examples=["V-STT-0001"])
    indicator: str
    pilot: str | None = Field(description="null where it is of the whole city, or its pilot is not open")
    period_from: date
    period_to: date
    value: float | None = Field(description="null where it counts fewer than five people")
    few: bool = Field(description="it counts fewer than five people and is told to its working group only")
    rule: str = Field(description="empty where it was entered")
    evidence: list[str] = Field(description="what it rests on, as far as the reader may see it")
    more: int = Field(description="how many records besides were counted")
    evidence_note: str
    evidence_file: bool = Field(description="a file that shows it is kept with it")
    revision: int
    example: bool
    page: str


class ValuesOut(Paged):
    items: list[ValueOut]


class ExpenseOut(Schema):
    """A single expense, for who works in the city. Another account than who entered it approves it."""

    id: UUID
    pilot: str
    line: UUID
    text: str
    satang: int
    paid_on: date
    receipt_no: str
    receipt: bool = Field(description="a photo of the receipt is kept with it")
    state: str
    over_why: str
    returned_why: str
    seen: str = Field(description="what it says, as a mark; sent with the approval")


class ExpensesOut(Paged):
    items: list[ExpenseOut]


# --- as it is sent -----------------------------------------------------------------------------------


def plain_pilot(row: Pilot) -> dict[str, Any]:
    names = ("name_th", "name_en", "aim_th", "aim_en", "state", "starts_on", "ends_on", "revision")
    lines: list[Any] = list(row.moneylines.all())
    return {name: getattr(row, name) for name in names} | {
        "ref": row.ref,
        "city": row.city.ref,
        "measures": [one.node.ref for one in row.measures.all()],
        "indicators": [one.node.ref for one in row.indicators.all()],
        "community": row.community.node.ref if row.community else None,
        "run_by": row.run_by.node.ref if row.run_by else None,
        "planned_satang": sum(line.satang for line in lines),
        "spent_satang": sum(line.spent for line in lines),
        "lines": [plain_line(line) for line in lines],
        "example": row.node.is_example,
        "page": row.get_absolute_url(),
    }


def plain_line(line: Any) -> dict[str, Any]:
    return {
        "id": line.pk,
        "text_th": line.text_th,
        "text_en": line.text_en,
        "planned_satang": line.satang,
        "spent_satang": line.spent,
    }


def plain_value(actor: Actor, row: Value, seen: Mapping[str, Node]) -> dict[str, Any]:
    """A value with what it rests on; `seen` are the nodes that the reader may open, by reference."""
    few, node = hides_small(actor, row), row.evidence_node
    refs = [str(ref) for ref in row.inputs.get("refs", [])]
    shown = [ref for ref in refs if ref in seen]
    own = [node.ref] if node is not None and can(actor, Verb.VIEW, node) else []
    texts = ("period_from", "period_to", "rule", "evidence_note", "revision")
    return {name: getattr(row, name) for name in texts} | {
        "ref": row.ref,
        "indicator": row.indicator.ref,
        "pilot": row.pilot.ref if row.pilot is not None and can(actor, Verb.VIEW, row.pilot) else None,
        "value": None if few else float(row.value),
        "few": few,
        "evidence": [] if few else [*own, *shown],
        "more": 0 if few else len(refs) - len(shown) + int(row.inputs.get("more", 0)),
        "evidence_file": row.evidence_file_id is not None,
        "example": row.node.is_example,
        "page": row.get_absolute_url(),
    }


def plain_values(actor: Actor, rows: Iterable[Value]) -> list[dict[str, Any]]:
    """Values with what they rest on; one query for all of it."""
    values = list(rows)
    refs = {str(ref) for row in values for ref in row.inputs.get("refs", [])}
    nodes = scope(actor, Node.objects.filter(ref__in=refs)) if refs else ()
    seen = {node.ref: node for node in nodes}
    return [plain_value(actor, row, seen) for row in values]


def plain_expense(row: Expense) -> dict[str, Any]:
    names = ("text", "satang", "paid_on", "receipt_no", "state", "over_why", "returned_why")
    return {name: getattr(row, name) for name in names} | {
        "id": row.pk,
        "pilot": row.pilot.ref,
        "line": row.line_id,
        "receipt": row.receipt_id is not None,
        "seen": stamp(row),
    }


# --- reading -----------------------------------------------------------------------------------------


def _pilots(actor: Actor) -> QuerySet[Pilot]:
    rows = seen_pilots(actor).select_related("community__node", "run_by__node")
    items = scope(actor, Item.objects.select_related("node")).order_by("node__ref")
    indicators = scope(actor, Indicator.objects.select_related("node")).order_by("node__ref")
    lines = with_spent(MoneyLine.objects.all())
    return rows.prefetch_related(
        Prefetch("measures", items), Prefetch("indicators", indicators), Prefetch("moneylines", lines)
    )


def _pilot(actor: Actor, ref: str) -> Pilot:
    return found(_pilots(actor).filter(node=node_of(actor, ref)).first(), ref)


class ChosenPilots(ByCity):
    """Which pilots are asked for."""

    state: Annotated[PilotState | None, Field(description="in one state")] = None


@router.get("/pilots", response={200: PilotsOut, **ANSWERS}, summary="Pilots, with their money in sums")
def pilots(request: HttpRequest, asked: Asked, chosen: Annotated[ChosenPilots, Query()]) -> Any:
    rows = in_city(_pilots(reader(request)).order_by("node__ref"), chosen)
    return page_of(rows.filter(state=chosen.state) if chosen.state else rows, asked, plain_pilot)


@router.get("/pilots/{ref}", response={200: PilotOut, **ONE_OR_NONE}, summary="One pilot")
def pilot(request: HttpRequest, ref: Ref) -> Any:
    return plain_pilot(_pilot(reader(request), ref))


@router.get(
    "/pilots/{ref}/expenses", response={200: ExpensesOut, **ONE_OR_NONE}, summary="Single expenses of a pilot"
)
def expenses(request: HttpRequest, ref: Ref, asked: Asked) -> Any:
    """For who works in the city; everybody else reads an empty list, and the sums with the pilot."""
    actor = reader(request)
    rows = expenses_of(actor, _pilot(actor, ref)).select_related("pilot__node")
    return page_of(rows.order_by("-paid_on", "pk"), asked, plain_expense)


class ChosenValues(ByCity):
    """Which values are asked for."""

    indicator: Annotated[str, Field(max_length=24, description="of one indicator, by its reference")] = ""
    pilot: Annotated[str, Field(max_length=24, description="of one pilot, by its reference")] = ""


def _values(actor: Actor) -> QuerySet[Value]:
    return seen_values(actor).select_related("pilot__node__space", "evidence_node__space")


@router.get("/values", response={200: ValuesOut, **ANSWERS}, summary="Values of indicators, with evidence")
def values(request: HttpRequest, asked: Asked, chosen: Annotated[ChosenValues, Query()]) -> Any:
    actor = reader(request)
    rows = in_city(_values(actor).order_by("node__ref"), chosen)
    if chosen.indicator:
        rows = rows.filter(indicator__node__ref=chosen.indicator.upper())
    if chosen.pilot:
        seen = scope(actor, Pilot.objects.filter(node__ref=chosen.pilot.upper()))
        rows = rows.filter(pilot__in=seen)
    items = rows[asked.offset : asked.offset + asked.per_page]
    return envelope(plain_values(actor, items), rows.count(), asked)


@router.get("/values/{ref}", response={200: ValueOut, **ONE_OR_NONE}, summary="One value")
def value(request: HttpRequest, ref: Ref) -> Any:
    actor = reader(request)
    row = found(_values(actor).filter(node=node_of(actor, ref)).first(), ref)
    return plain_values(actor, [row])[0]


# --- writing -----------------------------------------------------------------------------------------

Text = Annotated[str, Field(max_length=4000)]
Words = Annotated[str, Field(max_length=200)]


class PilotIn(Sent):
    """A new pilot, made from measures of one city; the working group sees it until somebody publishes it."""

    model_config = example(
        {
            "measures": ["M-STT-0002"],
            "name_th": "เวรเฝ้าระวังน้ำตลาดสาธิต",
            "aim_th": "ให้ร้านริมตลาดขนของขึ้นที่สูงทันก่อนน้ำมา",
            "starts_on": "2026-01-05",
            "ends_on": "2026-12-31",
        }
    )

    measures: Annotated[list[str], Field(min_length=1, max_length=50, description="that it tries")]
    indicators: Annotated[list[str], Field(max_length=50, description="that it moves")] = []
    name_th: Annotated[str, Field(min_length=1, max_length=200)]
    name_en: Words = ""
    aim_th: Annotated[str, Field(min_length=1, max_length=4000)]
    aim_en: Text = ""
    state: PilotState = PilotState.PLANNED
    starts_on: date | None = None
    ends_on: date | None = None


class ValueIn(Sent):
    """A value that was counted, with the meeting or the report that shows it."""

    model_config = example(
        {
            "indicator": "I-STT-0001",
            "period_from": "2026-01-01",
            "period_to": "2026-03-31",
            "value": 18,
            "evidence_note": "นับหน้าร้านด้วยกันในวันซ้อม",
            "evidence": "W-STT-0001",
        }
    )

    indicator: Annotated[str, Field(max_length=24, examples=["I-STT-0001"])]
    pilot: Annotated[str, Field(max_length=24, description="where it is of one pilot only")] = ""
    period_from: date
    period_to: date
    value: Annotated[float, Field(ge=-(10**11), le=10**11)]
    evidence_note: Annotated[str, Field(min_length=1, max_length=4000)]
    evidence: Annotated[str, Field(max_length=24, description="a meeting or a report")]


class ExpenseIn(Sent):
    """Money that was paid; it waits until another account approves it."""

    model_config = example(
        {
            "line": "0c5b9f52-6f0d-4a56-9d0c-1c6f0e6b7a11",
            "text": "ซื้อเสาไม้สิบต้น",
            "satang": 40000,
            "paid_on": "2026-02-03",
            "receipt_no": "7/2569",
        }
    )

    line: Annotated[UUID, Field(description="the line of the pilot's budget, by its id")]
    text: Annotated[str, Field(min_length=1, max_length=300)]
    satang: Annotated[int, Field(ge=1, le=10**15)]
    paid_on: date
    receipt_no: Annotated[str, Field(min_length=1, max_length=80)]


class ApprovalIn(Sent):
    """That an expense is right as it was read."""

    model_config = example({"seen": "5d1f0c9b7a3e4f6281d0c2b4a6e8f013"})

    seen: Annotated[str, Field(min_length=1, max_length=64, description="the mark that was read with it")]
    over_why: Annotated[str, Field(max_length=300, description="needed where it goes above its line")] = ""


def _part(actor: Actor, ref: str) -> Item:
    rows = scope(actor, Item.objects.select_related("node__space", "plan__city__node"))
    return found(rows.filter(node=node_of(actor, ref)).first(), ref)


def _indicator(actor: Actor, ref: str) -> Indicator:
    rows = scope(actor, Indicator.objects.select_related("node__space", "city__node"))
    return found(rows.filter(node=node_of(actor, ref)).first(), ref)


@router.post("/pilots", response={201: PilotOut, **WRITES}, auth=TOKEN, summary="Begin a pilot from measures")
def add_pilot(request: HttpRequest, sent: PilotIn) -> Any:
    actor = writer(request)
    measures = [_part(actor, ref) for ref in dict.fromkeys(sent.measures)]
    indicators = [_indicator(actor, ref) for ref in dict.fromkeys(sent.indicators)]
    space, city = measures[0].node.space, measures[0].plan.city
    unsaved = new_thing(
        Pilot,
        Kind.PILOT,
        space=space,
        is_example=measures[0].node.is_example,
        visibility=Visibility.MEMBERS,
    )
    given = sent.model_dump(exclude={"measures", "indicators"}) | {"city": city}
    made = save_pilot(actor, unsaved, given, links={"measures": measures, "indicators": indicators})
    return Status(201, plain_pilot(_pilots(actor).get(pk=made.pk)))


@router.post(
    "/values", response={201: ValueOut, **WRITES}, auth=TOKEN, summary="Enter a value with its evidence"
)
def add_value(request: HttpRequest, sent: ValueIn) -> Any:
    """Evidence that is a file is added on the page."""
    actor = writer(request)
    indicator = _indicator(actor, sent.indicator)
    of = _pilot(actor, sent.pilot) if sent.pilot else None
    given = sent.model_dump(exclude={"evidence", "value"}) | {
        "indicator": indicator,
        "pilot": of,
        "value": Decimal(str(round(sent.value, 4))),
        "evidence_node": node_of(actor, sent.evidence),
    }
    made = save_value(actor, new_value(indicator, of), given)
    return Status(201, plain_values(actor, [_values(actor).get(pk=made.pk)])[0])


Key = Annotated[UUID, Path(description="the id of an expense")]


@router.post(
    "/pilots/{ref}/expenses", response={201: ExpenseOut, **WRITES}, auth=TOKEN, summary="Enter an expense"
)
def add_expense(request: HttpRequest, ref: Ref, sent: ExpenseIn) -> Any:
    """A photo of the receipt is added on the page."""
    actor = writer(request)
    of = _pilot(actor, ref)
    line = found(of.moneylines.filter(pk=sent.line).first(), "line")
    made = save_expense(actor, Expense(pilot=of), sent.model_dump() | {"line": line})
    return Status(201, plain_expense(made))


@router.post(
    "/expenses/{key}/approval", response={201: ExpenseOut, **WRITES}, auth=TOKEN, summary="Approve an expense"
)
def add_approval(request: HttpRequest, key: Key, sent: ApprovalIn) -> Any:
    """Refused to who entered it, and where it was changed or decided since it was read."""
    actor = writer(request)
    rows = scope(actor, Expense.objects.select_related("pilot__node__space", "line", "receipt"))
    row = found(rows.filter(pk=key).first(), str(key))
    made = approve_expense(actor, row, over_why=sent.over_why, seen=sent.seen)
    return Status(201, plain_expense(made))
