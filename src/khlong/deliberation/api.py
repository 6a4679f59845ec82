"""Rounds of review, what people said at which words, and what was answered, for programmes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from khlong.chain.api import Ref, node_of
from khlong.deliberation.answering import Reply
from khlong.deliberation.answering import answer as answer_suggestion
from khlong.deliberation.models import Answer, Outcome, Round, Suggestion, Voice
from khlong.deliberation.suggesting import Anchor, Said, make_suggestion
from khlong.deliberation.tongues import LANGUAGES
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.people.pseudonyms import contributing
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
from khlong.strategy.models import PassageRevision

router = Router(tags=["deliberation"])


class RoundOut(Schema):
    """A version of a plan before people, from a day to a day."""

    ref: str = Field(examples=["N-STT-0001"])
    city: str
    plan: str
    version: int
    name_th: str
    name_en: str
    summary_th: str
    summary_en: str
    opens_on: date
    closes_on: date
    open: bool = Field(description="whether something can be said today")
    level: str = Field(description="of participation that was promised")
    example: bool
    page: str


class RoundsOut(Paged):
    items: list[RoundOut]


class AnswerOut(Schema):
    """What the working group decided, and why; never who decided."""

    outcome: str
    reason_th: str
    reason_en: str
    on: date
    merged_with: str | None


class SuggestionOut(Schema):
    """What somebody said at some words. Who said it stands nowhere."""

    ref: str = Field(examples=["S-STT-10000001"])
    round: str
    part: str = Field(description="the part of the plan that it speaks to")
    quote: str = Field(description="the words that it speaks to")
    voice: str
    words: str
    instead: str
    language: str
    said_on: date
    in_time: bool
    answers: list[AnswerOut] = Field(description="newest first; empty while an answer is owed")
    example: bool
    page: str


class SuggestionsOut(Paged):
    items: list[SuggestionOut]


def plain_round(row: Round) -> dict[str, Any]:
    texts = ("name_th", "name_en", "summary_th", "summary_en", "opens_on", "closes_on", "level")
    return {name: getattr(row, name) for name in texts} | {
        "ref": row.ref,
        "city": row.node.space.ref if row.node.space else "",
        "plan": row.plan.node.ref,
        "version": row.version.number,
        "open": row.is_open(),
        "example": row.node.is_example,
        "page": row.get_absolute_url(),
    }


def plain_answer(row: Answer) -> dict[str, Any]:
    return {
        "outcome": row.outcome,
        "reason_th": row.reason_th,
        "reason_en": row.reason_en,
        "on": row.on,
        "merged_with": row.with_other.node.ref if row.with_other else None,
    }


def plain_suggestion(row: Suggestion) -> dict[str, Any]:
    texts = ("quote", "voice", "words", "instead", "language", "said_on", "in_time")
    return {name: getattr(row, name) for name in texts} | {
        "ref": row.ref,
        "round": row.round.node.ref,
        "part": row.item.node.ref,
        "answers": [plain_answer(one) for one in row.answers.all()],
        "example": row.node.is_example,
        "page": row.get_absolute_url(),
    }


def _rounds(actor: Actor) -> QuerySet[Round]:
    return scope(actor, Round.objects.select_related("node__space", "plan__node", "version"))


def _suggestions(actor: Actor) -> QuerySet[Suggestion]:
    """What is not hidden, with its answers; one query more for all the answers of a page."""
    answers = scope(actor, Answer.objects.select_related("with_other__node").order_by("-number"))
    rows = Suggestion.objects.filter(hidden_on=None).select_related(
        "node__space", "round__node", "item__node"
    )
    return scope(actor, rows.prefetch_related(Prefetch("answers", answers)))


class Chosen(ByCity):
    """Which suggestions are asked for."""

    round: Annotated[str, Field(max_length=24, description="of one round, by its reference")] = ""
    part: Annotated[str, Field(max_length=24, description="at one part of a plan, by its reference")] = ""


@router.get("/rounds", response={200: RoundsOut, **ANSWERS}, summary="Rounds of review")
def rounds(request: HttpRequest, asked: Asked, chosen: Annotated[ByCity, Query()]) -> Any:
    return page_of(in_city(_rounds(reader(request)).order_by("node__ref"), chosen), asked, plain_round)


@router.get("/rounds/{ref}", response={200: RoundOut, **ONE_OR_NONE}, summary="One round of review")
def one_round(request: HttpRequest, ref: Ref) -> Any:
    actor = reader(request)
    return plain_round(found(_rounds(actor).filter(node=node_of(actor, ref)).first(), ref))


@router.get(
    "/suggestions", response={200: SuggestionsOut, **ANSWERS}, summary="Suggestions with their answers"
)
def suggestions(request: HttpRequest, asked: Asked, chosen: Annotated[Chosen, Query()]) -> Any:
    """By reference, which is drawn at random: the order tells nothing of when something was said."""
    rows = in_city(_suggestions(reader(request)).order_by("node__ref"), chosen)
    if chosen.round:
        rows = rows.filter(round__node__ref=chosen.round.upper())
    if chosen.part:
        rows = rows.filter(item__node__ref=chosen.part.upper())
    return page_of(rows, asked, plain_suggestion)


@router.get("/suggestions/{ref}", response={200: SuggestionOut, **ONE_OR_NONE}, summary="One suggestion")
def suggestion(request: HttpRequest, ref: Ref) -> Any:
    actor = reader(request)
    return plain_suggestion(found(_suggestions(actor).filter(node=node_of(actor, ref)).first(), ref))


# --- writing -----------------------------------------------------------------------------------------


class SuggestionIn(Sent):
    """What is said at some words. The words are found by the quote; a quote that stands there twice needs `start`."""

    model_config = example(
        {
            "round": "N-STT-0001",
            "part": "M-STT-0002",
            "voice": "suggest",
            "instead": "เว้นหน้าท่าเรือ 25 เมตร",
            "key": "drawn-by-you-0001",
        }
    )

    round: Annotated[str, Field(max_length=24, examples=["N-STT-0001"])]
    part: Annotated[str, Field(max_length=24, examples=["M-STT-0002"])]
    quote: Annotated[str, Field(max_length=4000, description="empty: all the words of the part")] = ""
    start: Annotated[int, Field(ge=0, le=10**6, description="code points before the quote")] | None = None
    voice: Voice
    words: Annotated[str, Field(max_length=4000)] = ""
    instead: Annotated[str, Field(max_length=4000)] = ""
    language: Annotated[str, Field(json_schema_extra={"enum": list(LANGUAGES)}, max_length=3)] = "th"
    key: Annotated[
        str,
        Field(min_length=16, max_length=80, description="drawn by you, so that sending twice counts once"),
    ]


class SaidOut(Schema):
    """What was said, and the receipt with which its answer is found."""

    receipt: str
    suggestion: SuggestionOut


class AnswerIn(Sent):
    """An answer. `after` is how many answers you saw; `text` writes the part anew when the outcome accepts."""

    model_config = example({"outcome": "part", "reason_th": "เว้น 25 เมตร ซึ่งวัดแล้วเรือกลับลำได้"})

    outcome: Outcome
    reason_th: Annotated[str, Field(min_length=1, max_length=4000)]
    reason_en: Annotated[str, Field(max_length=4000)] = ""
    merged_with: Annotated[str, Field(max_length=24)] | None = None
    text: Annotated[str, Field(max_length=8000)] = ""
    base: Annotated[int, Field(ge=0, le=10**6, description="the revision of the words")] | None = None
    after: Annotated[int, Field(ge=0, le=1000)] | None = None


@router.post("/suggestions", response={201: SaidOut, **WRITES}, auth=TOKEN, summary="Say something")
def suggest(request: HttpRequest, sent: SuggestionIn) -> Any:
    """Under the pseudonym that the account has in this city, which nobody can trace to it."""
    actor = writer(request)
    held = found(_rounds(actor).filter(node=node_of(actor, sent.round)).first(), sent.round)
    revision = _words_at(held, sent.part)
    said = Said(_anchor(revision, sent), sent.voice, sent.words, sent.instead, sent.language)
    assert held.space_id is not None
    made, receipt = make_suggestion(contributing(actor, held.space_id), held, said, key=sent.key)
    return Status(
        201, {"receipt": receipt, "suggestion": plain_suggestion(_suggestions(actor).get(pk=made.pk))}
    )


def _words_at(held: Round, part: str) -> PassageRevision:
    entries = held.version.entries.select_related("revision__passage__item__node")
    entry = found(entries.filter(item__node__ref=part.upper()).first(), part)
    return entry.revision


def _anchor(revision: PassageRevision, sent: SuggestionIn) -> Anchor:
    if not sent.quote:
        return Anchor.whole(revision)
    start = revision.text.find(sent.quote) if sent.start is None else sent.start
    return Anchor(revision, max(start, 0), max(start, 0) + len(sent.quote), sent.quote)


@router.post(
    "/suggestions/{ref}/answers",
    response={201: SuggestionOut, **WRITES},
    auth=TOKEN,
    summary="Answer a suggestion",
)
def answer(request: HttpRequest, ref: Ref, sent: AnswerIn) -> Any:
    actor = writer(request)
    row = found(_suggestions(actor).filter(node=node_of(actor, ref)).first(), ref)
    other = None
    if sent.merged_with:
        rows = _suggestions(actor).filter(node=node_of(actor, sent.merged_with))
        other = found(rows.first(), sent.merged_with)
    reply = Reply(
        sent.outcome, sent.reason_th, sent.reason_en, with_other=other, text=sent.text, base=sent.base
    )
    answer_suggestion(actor, row, reply, after=sent.after)
    return Status(201, plain_suggestion(_suggestions(actor).get(pk=row.pk)))
