"""Things, what they rest on and what came of them, and the search, for programmes."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Field, Path, Query, Router, Schema, Status
from pydantic import field_validator

from khlong.chain.actions import exact_ref, link
from khlong.chain.models import EdgeKind, Kind, Node
from khlong.chain.policies import node_filter
from khlong.chain.queries import Step, trace_both
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope
from khlong.record import search
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

router = Router(tags=["chain"])
MOST_STEPS = 500

Ref = Annotated[str, Path(max_length=24, description="such as D-PTG-0012", examples=["C-PTG"])]


class ThingOut(Schema):
    """One thing of the chain."""

    ref: str = Field(description="permanent, such as D-PTG-0012", examples=["C-PTG"])
    kind: str = Field(description="a word such as fact, city, measure")
    title_th: str
    title_en: str
    space: str | None = Field(description="the reference of the city or programme that it belongs to")
    public: bool
    example: bool = Field(description="invented for the training city; never a fact")
    page: str = Field(description="its page for people, on this host")


class ThingsOut(Paged):
    items: list[ThingOut]


class StepOut(Schema):
    """A thing on the way and how many links away it is."""

    depth: int
    thing: ThingOut


class TraceOut(Schema):
    """Upstream what a thing rests on, downstream what came of it; nearest first."""

    thing: ThingOut
    upstream: list[StepOut]
    downstream: list[StepOut]


def plain_thing(node: Node) -> dict[str, Any]:
    """A node as it is sent; its space must have been selected with it."""
    return {
        "ref": node.ref,
        "kind": Kind(node.kind).name.lower(),
        "title_th": node.title_th,
        "title_en": node.title_en,
        "space": node.space.ref if node.space is not None else None,
        "public": node.visibility == "public",
        "example": node.is_example,
        "page": node.get_absolute_url(),
    }


def node_of(actor: Actor, typed: str) -> Node:
    """The node of a reference as it was typed, if the reader may see it; Http404 otherwise."""
    try:
        ref = exact_ref(typed)
    except ValueError as error:
        raise Http404(typed) from error
    return found(scope(actor, Node.objects.select_related("space")).filter(ref=ref).first(), ref)


KINDS = [kind.name.lower() for kind in Kind]


class ChosenThings(Schema):
    """Which things are asked for."""

    kind: Annotated[
        str, Field(description="one kind only", json_schema_extra={"enum": ["", *KINDS], "default": ""})
    ] = ""
    space: Annotated[str, Field(max_length=24, description="of one city, by its reference")] = ""

    @field_validator("kind")
    @classmethod
    def known(cls, value: str) -> str:
        if value and value not in KINDS:
            raise ValueError(f"there is no such kind; choose from: {', '.join(KINDS)}")
        return value


@router.get("/things", response={200: ThingsOut, **ANSWERS}, summary="All things, by reference")
def things(request: HttpRequest, asked: Asked, chosen: Annotated[ChosenThings, Query()]) -> Any:
    rows = scope(reader(request), Node.objects.select_related("space")).order_by("ref")
    if chosen.kind:
        rows = rows.filter(kind=Kind[chosen.kind.upper()])
    if chosen.space:
        rows = rows.filter(space__ref=chosen.space.upper())
    return page_of(rows, asked, plain_thing)


@router.get("/things/{ref}", response={200: ThingOut, **ONE_OR_NONE}, summary="One thing")
def thing(request: HttpRequest, ref: Ref) -> Any:
    return plain_thing(node_of(reader(request), ref))


@router.get("/things/{ref}/trace", response={200: TraceOut, **ONE_OR_NONE}, summary="Follow the chain")
def trace(request: HttpRequest, ref: Ref) -> Any:
    """What it rests on and what came of it, at most 500 things in all, as far as the reader may see."""
    actor = reader(request)
    node = node_of(actor, ref)
    up, down = trace_both(node, actor, limit=MOST_STEPS)
    return {"thing": plain_thing(node), "upstream": _steps(up), "downstream": _steps(down)}


def _steps(steps: list[Step]) -> list[dict[str, Any]]:
    return [{"depth": step.depth, "thing": plain_thing(step.node)} for step in steps]


class LinkIn(Sent):
    """A link of the chain, from evidence to result."""

    model_config = example({"up": "F-STT-0012", "down": "M-STT-0002", "kind": "rests_on"})

    up: Annotated[str, Field(max_length=24, description="the evidence", examples=["F-STT-0012"])]
    down: Annotated[str, Field(max_length=24, description="what rests on it", examples=["M-STT-0002"])]
    kind: EdgeKind = EdgeKind.RESTS_ON
    across: Annotated[bool, Field(description="it goes across cities, and that is meant")] = False


class LinkOut(Schema):
    """A link as it stands."""

    up: str
    down: str
    kind: str
    across: bool


@router.post("/links", response={201: LinkOut, **WRITES}, auth=TOKEN, summary="Link two things")
def add_link(request: HttpRequest, sent: LinkIn) -> Any:
    """The same link a second time is the one that stands."""
    actor = writer(request)
    up, down = node_of(actor, sent.up), node_of(actor, sent.down)
    made = link(actor, up, down, EdgeKind(sent.kind), across=sent.across)
    return Status(201, {"up": up.ref, "down": down.ref, "kind": made.kind, "across": made.across})


class Sought(Schema):
    """What is searched for."""

    q: Annotated[str, Field(min_length=1, max_length=200, description="all words must be there")]


@router.get("/search", response={200: ThingsOut, **ANSWERS}, summary="Search everything")
def find(request: HttpRequest, sought: Annotated[Sought, Query()], asked: Asked) -> Any:
    """Things that hold all the words, best first. Any run of letters is found; Thai and Arabic digits are one."""
    actor = reader(request)
    seen = node_filter(actor, Verb.VIEW)
    answers = search.find(search.words_of(sought.q), seen, offset=asked.offset, limit=asked.per_page)
    keys = [entry.node for entry in answers.entries]
    nodes = scope(actor, Node.objects.select_related("space")).in_bulk(keys) if keys else {}
    return envelope((plain_thing(nodes[key]) for key in keys if key in nodes), answers.total, asked)
