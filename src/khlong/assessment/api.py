"""Findings with their why, for programmes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from khlong.assessment.actions import Ground, save_finding
from khlong.assessment.models import Confidence, Finding, Hazard
from khlong.chain.api import Ref, node_of
from khlong.chain.models import Kind, Visibility
from khlong.chain.things import new_thing
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.api import ByCity, city_of, in_city
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

router = Router(tags=["assessment"])


class CauseOut(Schema):
    """One step of the why."""

    th: str
    en: str
    explains: int | None = Field(
        description="the place of the step that it explains; null is the finding itself"
    )
    underlying: bool


class FindingOut(Schema):
    """What was found out of a city's vulnerability. What it rests on is its trace upstream."""

    ref: str = Field(examples=["F-STT-0012"])
    city: str
    statement_th: str
    statement_en: str
    hazard: str
    groups: list[str] = Field(description="whom it concerns, as the groups call themselves")
    community: str | None = Field(description="the reference of a community")
    confidence: str
    why: list[CauseOut]
    checked_on: date | None = Field(description="by the people whom it concerns; null where nobody has")
    revision: int
    example: bool
    page: str


class FindingsOut(Paged):
    items: list[FindingOut]


def plain_finding(row: Finding) -> dict[str, Any]:
    names = ("statement_th", "statement_en", "hazard", "confidence", "revision")
    why = [{name: step[name] for name in ("th", "en", "explains", "underlying")} for step in row.chain]
    return {name: getattr(row, name) for name in names} | {
        "ref": row.ref,
        "city": row.city.ref,
        "groups": sorted(group.name_th for group in row.groups.all()),
        "community": row.community.node.ref if row.community else None,
        "why": why,
        "checked_on": row.validated_on,
        "example": row.node.is_example,
        "page": row.get_absolute_url(),
    }


def _findings(actor: Actor) -> QuerySet[Finding]:
    rows = Finding.objects.select_related("node__space", "city__node", "community__node")
    return scope(actor, rows.prefetch_related("groups", "causes"))


class ChosenFindings(ByCity):
    """Which findings are asked for."""

    hazard: Annotated[Hazard | None, Field(description="of one hazard")] = None


@router.get("/findings", response={200: FindingsOut, **ANSWERS}, summary="Findings with their why")
def findings(request: HttpRequest, asked: Asked, chosen: Annotated[ChosenFindings, Query()]) -> Any:
    rows = in_city(_findings(reader(request)).order_by("node__ref"), chosen)
    return page_of(rows.filter(hazard=chosen.hazard) if chosen.hazard else rows, asked, plain_finding)


@router.get("/findings/{ref}", response={200: FindingOut, **ONE_OR_NONE}, summary="One finding")
def finding(request: HttpRequest, ref: Ref) -> Any:
    actor = reader(request)
    return plain_finding(found(_findings(actor).filter(node=node_of(actor, ref)).first(), ref))


class CauseIn(Sent):
    """One step of the why."""

    th: Annotated[str, Field(min_length=1, max_length=500)]
    en: Annotated[str, Field(max_length=500)] = ""
    explains: Annotated[int, Field(ge=0, le=29)] | None = None
    underlying: bool = False


class FindingIn(Sent):
    """A new finding; the working group sees it until somebody publishes it."""

    model_config = example(
        {
            "city": "satit",
            "statement_th": "บ้านหลังตลาด 38 หลัง น้ำเข้าก่อนคลองล้นตลิ่ง",
            "hazard": "flood",
            "confidence": "medium",
            "why": [{"th": "ปากท่อต่ำกว่าระดับน้ำในคลอง", "underlying": True}],
            "evidence": ["D-STT-0001"],
        }
    )

    city: Annotated[str, Field(max_length=60)]
    statement_th: Annotated[str, Field(min_length=1, max_length=4000)]
    statement_en: Annotated[str, Field(max_length=4000)] = ""
    hazard: Hazard | None = None
    confidence: Confidence
    why: Annotated[list[CauseIn], Field(max_length=30)] = []
    evidence: Annotated[list[str], Field(max_length=50, description="references of what it rests on")] = []


@router.post("/findings", response={201: FindingOut, **WRITES}, auth=TOKEN, summary="Add a finding")
def add_finding(request: HttpRequest, sent: FindingIn) -> Any:
    actor = writer(request)
    city = city_of(actor, sent.city)
    evidence = [node_of(actor, ref) for ref in sent.evidence]
    unsaved = new_thing(
        Finding,
        Kind.FINDING,
        space=city.node,
        is_example=city.node.is_example,
        visibility=Visibility.MEMBERS,
    )
    values = {
        "city": city,
        "statement_th": sent.statement_th,
        "statement_en": sent.statement_en,
        "hazard": sent.hazard or "",
        "confidence": sent.confidence,
        "chain": [step.model_dump() for step in sent.why],
    }
    made = save_finding(actor, unsaved, values, ground=Ground(evidence))
    return Status(201, plain_finding(_findings(actor).get(pk=made.pk)))
