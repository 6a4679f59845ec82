"""Measures and indicators of the cities' plans, for programmes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from khlong.chain.api import Ref, node_of
from khlong.chain.models import Kind, Node
from khlong.network.models import Organisation
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.api import ByCity, city_of, in_city
from khlong.places.models import Source
from khlong.record.api import (
    ANSWERS,
    ONE_OR_NONE,
    TOKEN,
    WRITES,
    Asked,
    Paged,
    Sent,
    example,
    found,
    page_of,
    reader,
    writer,
)
from khlong.strategy.actions import add_item
from khlong.strategy.indicators import new_indicator, save_indicator
from khlong.strategy.measures import detail_of, save_measure
from khlong.strategy.models import Indicator, Item, ItemKind, MeasureKind, Plan

router = Router(tags=["strategy"])
PLAIN = (
    "kind",
    "system",
    "land_use",
    "drainage_path",
    "landowner",
    "permission",
    "gains",
    "loses",
    "beyond",
    "cost_note",
    "from_year",
    "to_year",
)
Year = Annotated[int, Field(ge=2400, le=2700, description="Buddhist era")]
Short = Annotated[str, Field(max_length=200)]
Long = Annotated[str, Field(max_length=4000)]


class MeasureOut(Schema):
    """A measure of a plan, and what it is beyond its words."""

    ref: str = Field(examples=["M-STT-0002"])
    city: str = Field(description="the reference of its city")
    title_th: str
    title_en: str
    revision: int = Field(description="of the details; 0 where nobody wrote any. Send it as base")
    kind: str
    system: str
    land_use: str
    drainage_path: str
    landowner: str
    permission: str
    gains: str
    loses: str
    beyond: str
    groups: list[str] = Field(description="whom it is for, as the groups call themselves")
    responsible: str | None = Field(description="the reference of an organisation")
    from_year: int | None
    to_year: int | None
    cost_satang: int | None
    cost_source: str | None
    cost_note: str
    example: bool
    page: str


class MeasuresOut(Paged):
    items: list[MeasureOut]


class IndicatorOut(Schema):
    """By what a goal, a measure or a programme is known to be reached."""

    ref: str = Field(examples=["I-STT-0001"])
    city: str | None = Field(description="the reference of its city; null where it is a programme's")
    part: str | None = Field(description="the goal or measure that it belongs to")
    name_th: str
    name_en: str
    unit_th: str
    unit_en: str
    baseline: float | None
    baseline_year: int | None
    target: float | None
    target_year: int | None
    means_th: str
    means_en: str
    rule: str = Field(description="the function that computes its values; empty where they are entered")
    revision: int
    example: bool


class IndicatorsOut(Paged):
    items: list[IndicatorOut]


def plain_measure(item: Item) -> dict[str, Any]:
    detail = getattr(item, "measure", None)
    made = {name: getattr(detail, name) if detail else None for name in PLAIN}
    made |= {name: made[name] or "" for name in PLAIN if not name.endswith("_year")}
    return made | {
        "ref": item.ref,
        "city": item.node.space.ref if item.node.space else "",
        "title_th": item.node.title_th,
        "title_en": item.node.title_en,
        "revision": detail.revision if detail else 0,
        "groups": sorted(group.name_th for group in detail.groups.all()) if detail else [],
        "responsible": detail.responsible.node.ref if detail and detail.responsible else None,
        "cost_satang": detail.cost_satang if detail else None,
        "cost_source": detail.cost_source_id if detail else None,
        "example": item.node.is_example,
        "page": item.get_absolute_url(),
    }


def plain_indicator(row: Indicator) -> dict[str, Any]:
    texts = ("name_th", "name_en", "unit_th", "unit_en", "means_th", "means_en", "rule", "revision")
    years = ("baseline_year", "target_year")
    return {name: getattr(row, name) for name in (*texts, *years)} | {
        "ref": row.ref,
        "city": row.city.ref if row.city else None,
        "part": row.item.ref if row.item else None,
        "baseline": _number(row.baseline),
        "target": _number(row.target),
        "example": row.node.is_example,
    }


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _measures(actor: Actor) -> QuerySet[Item]:
    rows = Item.objects.filter(kind=ItemKind.MEASURE, removed=False)
    rows = rows.select_related("node__space", "plan", "measure__responsible__node")
    return scope(actor, rows.prefetch_related("measure__groups"))


def _indicators(actor: Actor) -> QuerySet[Indicator]:
    return scope(actor, Indicator.objects.select_related("node__space", "city__node", "item__node"))


@router.get("/measures", response={200: MeasuresOut, **ANSWERS}, summary="Measures of the plans")
def measures(request: HttpRequest, asked: Asked, chosen: Annotated[ByCity, Query()]) -> Any:
    rows = in_city(_measures(reader(request)).order_by("node__ref"), chosen)
    return page_of(rows, asked, plain_measure)


@router.get("/measures/{ref}", response={200: MeasureOut, **ONE_OR_NONE}, summary="One measure")
def measure(request: HttpRequest, ref: Ref) -> Any:
    actor = reader(request)
    return plain_measure(found(_measures(actor).filter(node=node_of(actor, ref)).first(), ref))


@router.get("/indicators", response={200: IndicatorsOut, **ANSWERS}, summary="Indicators")
def indicators(request: HttpRequest, asked: Asked, chosen: Annotated[ByCity, Query()]) -> Any:
    rows = in_city(_indicators(reader(request)).order_by("node__ref"), chosen)
    return page_of(rows, asked, plain_indicator)


@router.get("/indicators/{ref}", response={200: IndicatorOut, **ONE_OR_NONE}, summary="One indicator")
def indicator(request: HttpRequest, ref: Ref) -> Any:
    actor = reader(request)
    return plain_indicator(found(_indicators(actor).filter(node=node_of(actor, ref)).first(), ref))


# --- writing -----------------------------------------------------------------------------------------


class MeasureIn(Sent):
    """A new measure in the working text of a city's plan; readers see it with the next version."""

    model_config = example({"city": "satit", "text_th": "เปิดคลองไส้ไก่หลังตลาดให้น้ำเดินได้อีกครั้ง"})

    city: Annotated[str, Field(max_length=60, examples=["satit"])]
    text_th: Annotated[str, Field(min_length=1, max_length=4000)]
    text_en: Long = ""
    below: Annotated[str, Field(max_length=24, description="the part of the plan it stands under")] = ""


class DetailIn(Sent):
    """What a measure is. What is left out stays as it is; `base` is the revision that was read."""

    model_config = example(
        {
            "base": 1,
            "kind": "ecosystem",
            "gains": "บ้านหลังตลาด",
            "from_year": 2570,
            "to_year": 2572,
        }
    )

    base: Annotated[int, Field(ge=0, le=10**6)]
    kind: MeasureKind | None = None
    system: Short | None = None
    land_use: Short | None = None
    drainage_path: Short | None = None
    landowner: Short | None = None
    permission: Short | None = None
    gains: Long | None = None
    loses: Long | None = None
    beyond: Long | None = None
    from_year: Year | None = None
    to_year: Year | None = None
    cost_satang: Annotated[int, Field(ge=0, le=10**15)] | None = None
    cost_note: Short | None = None
    cost_source: Annotated[str, Field(max_length=60, description="key of a source")] | None = None
    responsible: Annotated[str, Field(max_length=24)] | None = None
    findings: Annotated[list[str], Field(max_length=50, description="all that it answers")] | None = None
    why: Annotated[str, Field(max_length=300)] = ""


class IndicatorIn(Sent):
    """A new indicator of a goal or a measure."""

    model_config = example(
        {
            "part": "M-STT-0002",
            "name_th": "ชั่วโมงที่น้ำขังหลังฝนหนัก",
            "unit_th": "ชั่วโมง",
            "baseline": 19,
            "baseline_year": 2568,
            "target": 6,
            "target_year": 2572,
        }
    )

    part: Annotated[str, Field(max_length=24, description="the goal or measure", examples=["M-STT-0002"])]
    name_th: Annotated[str, Field(min_length=1, max_length=200)]
    name_en: Short = ""
    unit_th: Annotated[str, Field(min_length=1, max_length=80)]
    unit_en: Annotated[str, Field(max_length=80)] = ""
    baseline: Annotated[float, Field(ge=-(10**11), le=10**11)] | None = None
    baseline_year: Year | None = None
    target: Annotated[float, Field(ge=-(10**11), le=10**11)] | None = None
    target_year: Year | None = None
    means_th: Annotated[str, Field(max_length=400)] = ""
    means_en: Annotated[str, Field(max_length=400)] = ""


@router.post("/measures", response={201: MeasureOut, **WRITES}, auth=TOKEN, summary="Add a measure")
def add_measure(request: HttpRequest, sent: MeasureIn) -> Any:
    actor = writer(request)
    city = city_of(actor, sent.city)
    plans = scope(actor, Plan.objects.select_related("node__space", "city")).filter(city=city)
    plan = found(plans.order_by("node__ref").first(), sent.city)
    above = _part(actor, sent.below) if sent.below else None
    item = add_item(actor, plan, ItemKind.MEASURE, text_th=sent.text_th, text_en=sent.text_en, parent=above)
    return Status(201, plain_measure(_measures(actor).get(pk=item.pk)))


@router.patch(
    "/measures/{ref}", response={200: MeasureOut, **WRITES}, auth=TOKEN, summary="Say what a measure is"
)
def change_measure(request: HttpRequest, ref: Ref, sent: DetailIn) -> Any:
    actor = writer(request)
    item = found(_measures(actor).filter(node=node_of(actor, ref)).first(), ref)
    values = sent.model_dump(exclude_unset=True, exclude={"base", "why", "findings"})
    values = {name: "" if value is None and name in PLAIN[:10] else value for name, value in values.items()}
    if values.get("responsible"):
        rows = scope(actor, Organisation.objects.select_related("node"))
        values["responsible"] = found(rows.filter(node__ref=values["responsible"]).first(), "responsible")
    if values.get("cost_source"):
        values["cost_source"] = found(Source.objects.filter(pk=values["cost_source"]).first(), "cost_source")
    findings = None if sent.findings is None else [_finding(actor, one) for one in sent.findings]
    save_measure(actor, detail_of(item), values, findings=findings, base=sent.base, why=sent.why)
    return Status(200, plain_measure(_measures(actor).get(pk=item.pk)))


@router.post("/indicators", response={201: IndicatorOut, **WRITES}, auth=TOKEN, summary="Add an indicator")
def add_indicator(request: HttpRequest, sent: IndicatorIn) -> Any:
    actor = writer(request)
    item = _part(actor, sent.part)
    assert item.node.space is not None
    values = sent.model_dump(exclude={"part", "baseline", "target"})
    values |= {name: _decimal(getattr(sent, name)) for name in ("baseline", "target")}
    values |= {"item": item, "city": item.plan.city}
    made = save_indicator(actor, new_indicator(item.node.space, item), values)
    return Status(201, plain_indicator(_indicators(actor).get(pk=made.pk)))


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, 4)))


def _part(actor: Actor, ref: str) -> Item:
    rows = scope(actor, Item.objects.select_related("node__space", "plan__city__node", "plan__node"))
    return found(rows.filter(node=node_of(actor, ref)).first(), ref)


def _finding(actor: Actor, ref: str) -> Node:
    node = node_of(actor, ref)
    return found(node if node.kind == Kind.FINDING else None, ref)
