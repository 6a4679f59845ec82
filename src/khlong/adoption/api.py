"""Proposals to organisations, how far each came, and where it was adopted, for programmes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from khlong.adoption.actions import save_adoption, save_proposal, save_step
from khlong.adoption.models import (
    AdoptedIn,
    Adoption,
    Channel,
    Edition,
    Form,
    PlanPeriod,
    Proposal,
    State,
    Step,
)
from khlong.chain.api import Ref, node_of
from khlong.chain.models import Kind, Visibility
from khlong.chain.things import new_thing
from khlong.network.models import Organisation
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.api import ByCity, in_city
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
from khlong.strategy.models import Item

router = Router(tags=["adoption"])


class ProposalStepOut(Schema):
    """One step: the state that it came to, on which day, by which paper."""

    number: int
    state: str
    on: date
    letter_no: str
    resolution: str
    note: str
    informal: bool = Field(description="words of an official without a letter or a resolution")


class AdoptionOut(Schema):
    """Where it stands now: the page of a plan, or a policy with its number and date."""

    kind: str
    title: str
    edition: str
    round: str
    year: int | None
    page: str
    order: str
    number: str
    on: date | None
    signatory: str
    citation: str = Field(description="the sentence by which budget papers cite it, in Thai")


class ProposalOut(Schema):
    """What a city asks of an organisation."""

    ref: str = Field(examples=["P-STT-0007"])
    city: str
    measure: str
    organisation: str
    name_th: str
    name_en: str
    channel: str
    form: str
    state: str
    plan_from: int = Field(description="first year (Buddhist era) of the local development plan")
    objective: str
    budget: dict[int, int] = Field(description="satang by fiscal year (Buddhist era)")
    reply_due: date | None
    revision: int
    steps: list[ProposalStepOut]
    adoptions: list[AdoptionOut]
    example: bool
    page: str


class ProposalsOut(Paged):
    items: list[ProposalOut]


def plain_step(row: Step) -> dict[str, Any]:
    names = ("number", "state", "on", "letter_no", "resolution", "note")
    return {name: getattr(row, name) for name in names} | {"informal": row.is_informal}


def plain_adoption(row: Adoption) -> dict[str, Any]:
    names = (
        "kind", "title", "edition", "round", "year", "page", "order", "number", "on", "signatory", "citation",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}


def plain_proposal(row: Proposal) -> dict[str, Any]:
    names = ("name_th", "name_en", "channel", "form", "state", "plan_from", "objective", "reply_due")
    return {name: getattr(row, name) for name in (*names, "revision")} | {
        "ref": row.ref,
        "city": row.city.ref,
        "measure": row.measure.node.ref,
        "organisation": row.organisation.node.ref,
        "budget": row.years,
        "steps": [plain_step(one) for one in row.steps.all()],
        "adoptions": [plain_adoption(one) for one in row.adoptions.all()],
        "example": row.node.is_example,
        "page": row.get_absolute_url(),
    }


def _proposals(actor: Actor) -> QuerySet[Proposal]:
    rows = Proposal.objects.select_related("node__space", "city__node", "measure__node", "organisation__node")
    return scope(actor, rows.prefetch_related("steps__proposal__node", "adoptions__proposal__node"))


class ChosenProposals(ByCity):
    """Which proposals are asked for."""

    state: Annotated[State | None, Field(description="in one state")] = None


@router.get("/proposals", response={200: ProposalsOut, **ANSWERS}, summary="Proposals, and how far they came")
def proposals(request: HttpRequest, asked: Asked, chosen: Annotated[ChosenProposals, Query()]) -> Any:
    rows = in_city(_proposals(reader(request)).order_by("node__ref"), chosen)
    return page_of(rows.filter(state=chosen.state) if chosen.state else rows, asked, plain_proposal)


@router.get("/proposals/{ref}", response={200: ProposalOut, **ONE_OR_NONE}, summary="One proposal")
def proposal(request: HttpRequest, ref: Ref) -> Any:
    actor = reader(request)
    return plain_proposal(_proposal(actor, ref))


def _proposal(actor: Actor, ref: str) -> Proposal:
    return found(_proposals(actor).filter(node=node_of(actor, ref)).first(), ref)


# --- writing -----------------------------------------------------------------------------------------

Text = Annotated[str, Field(max_length=4000)]
Words = Annotated[str, Field(max_length=200)]


class ProposalIn(Sent):
    """A new proposal, made from a measure; the working group sees it until somebody publishes it."""

    model_config = example(
        {
            "measure": "M-STT-0002",
            "organisation": "O-STT-0001",
            "name_th": "โครงการเปิดคลองไส้ไก่",
            "channel": "supplement",
        }
    )

    measure: Annotated[str, Field(max_length=24, examples=["M-STT-0002"])]
    organisation: Annotated[str, Field(max_length=24, examples=["O-STT-0001"])]
    name_th: Annotated[str, Field(min_length=1, max_length=200)]
    name_en: Words = ""
    channel: Channel
    form: Form = Form.P02
    plan_from: PlanPeriod = PlanPeriod.FROM_2571
    objective: Text = ""
    outputs: Text = ""
    kpi: Text = ""
    outcome: Text = ""
    lead_unit: Words = ""
    reply_due: date | None = None
    suggestions: Annotated[list[str], Field(max_length=50, description="accepted, that it follows")] = []


class StepIn(Sent):
    """A step that a proposal came to."""

    model_config = example(
        {"state": "submitted", "on": "2026-08-05", "letter_no": "สธ 12/2569", "note": "ยื่นที่กองช่าง"}
    )

    state: State
    on: date
    letter_no: Annotated[str, Field(max_length=100)] = ""
    letter_on: date | None = None
    received_no: Annotated[str, Field(max_length=100)] = ""
    resolution: Annotated[str, Field(max_length=300)] = ""
    note: Text = ""
    other: Annotated[str, Field(max_length=300, description="line, area or organisation it went to")] = ""


class AdoptionIn(Sent):
    """In which plan or policy a proposal stands now."""

    model_config = example(
        {
            "kind": "plan",
            "title": "แผนพัฒนาท้องถิ่น (พ.ศ. 2571-2575)",
            "page": "12",
            "order": "3",
        }
    )

    kind: AdoptedIn
    title: Annotated[str, Field(min_length=1, max_length=300)]
    edition: Edition | None = None
    round: Annotated[str, Field(max_length=40)] = ""
    year: Annotated[int, Field(ge=2400, le=2700, description="Buddhist era")] | None = None
    page: Annotated[str, Field(max_length=20)] = ""
    order: Annotated[str, Field(max_length=20)] = ""
    number: Annotated[str, Field(max_length=100)] = ""
    on: date | None = None
    signatory: Words = ""


@router.post("/proposals", response={201: ProposalOut, **WRITES}, auth=TOKEN, summary="Make a proposal")
def add_proposal(request: HttpRequest, sent: ProposalIn) -> Any:
    actor = writer(request)
    items = scope(actor, Item.objects.select_related("node__space", "plan__city__node"))
    measure = found(items.filter(node=node_of(actor, sent.measure)).first(), sent.measure)
    organisations = scope(actor, Organisation.objects.select_related("node"))
    whom = found(organisations.filter(node=node_of(actor, sent.organisation)).first(), sent.organisation)
    space = measure.node.space
    unsaved = new_thing(
        Proposal,
        Kind.PROPOSAL,
        space=space,
        is_example=measure.node.is_example,
        visibility=Visibility.MEMBERS,
    )
    values = sent.model_dump(exclude={"measure", "organisation", "suggestions"})
    values |= {"measure": measure, "organisation": whom, "city": measure.plan.city}
    follows = [_suggestion(actor, ref) for ref in sent.suggestions]
    made = save_proposal(actor, unsaved, values, suggestions=follows)
    return Status(201, plain_proposal(_proposals(actor).get(pk=made.pk)))


def _suggestion(actor: Actor, ref: str) -> Any:
    node = node_of(actor, ref)
    return found(node if node.kind == Kind.SUGGESTION else None, ref)


@router.post(
    "/proposals/{ref}/steps", response={201: ProposalOut, **WRITES}, auth=TOKEN, summary="Note a step"
)
def add_step(request: HttpRequest, ref: Ref, sent: StepIn) -> Any:
    actor = writer(request)
    row = _proposal(actor, ref)
    save_step(actor, Step(proposal=row), sent.model_dump())
    return Status(201, plain_proposal(_proposals(actor).get(pk=row.pk)))


@router.post(
    "/proposals/{ref}/adoptions",
    response={201: ProposalOut, **WRITES},
    auth=TOKEN,
    summary="Note where it was adopted",
)
def add_adoption(request: HttpRequest, ref: Ref, sent: AdoptionIn) -> Any:
    actor = writer(request)
    row = _proposal(actor, ref)
    values = sent.model_dump() | {"edition": sent.edition or ""}
    save_adoption(actor, Adoption(proposal=row), values)
    return Status(201, plain_proposal(_proposals(actor).get(pk=row.pk)))
