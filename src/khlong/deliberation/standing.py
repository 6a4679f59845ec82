"""How suggestions stand: owed an answer, answered, sent back by who made them, late and carried on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from khlong.deliberation.models import Answer, Outcome, Round, Suggestion, Verdict, Voice
from khlong.strategy.models import Item, Language, PassageRevision, Plan

DAYS_TO_ANSWER = 14
"""After a round has closed, its suggestions are to be answered within so many days."""
CHANGING = (Outcome.ACCEPTED, Outcome.PART)


def asking() -> Q:
    """Suggestions that are owed an answer: all that are shown, but support without words asks for nothing."""
    return Q(hidden_on=None) & ~Q(voice=Voice.SUPPORT, words="", instead="")


def answered() -> Exists:
    return Exists(Answer.objects.filter(suggestion=OuterRef("pk")))


def owed(rows: QuerySet[Suggestion] | None = None) -> QuerySet[Suggestion]:
    """Suggestions that nobody has answered yet."""
    rows = Suggestion.objects.all() if rows is None else rows
    return rows.filter(asking(), ~answered())


def returned(rows: QuerySet[Suggestion] | None = None) -> QuerySet[Suggestion]:
    """Suggestions whose last answer does not answer, as who made them says, with what is missing."""
    rows = Suggestion.objects.all() if rows is None else rows
    later = Answer.objects.filter(
        suggestion=OuterRef("answer__suggestion"), number__gt=OuterRef("answer__number")
    )
    verdicts = Verdict.objects.filter(~Exists(later), answers=False).exclude(words="")
    return rows.filter(asking(), pk__in=verdicts.order_by().values("answer__suggestion"))


def counted(rows: QuerySet[Suggestion]) -> QuerySet[Suggestion]:
    """Those that bind: made in time, or late and carried into a round that opened afterwards."""
    next_one = Round.objects.filter(plan=OuterRef("round__plan"), opens_on__gt=OuterRef("round__opens_on"))
    return rows.filter(Q(in_time=True) | Exists(next_one))


def owed_of_plan(plan: Plan) -> QuerySet[Suggestion]:
    """What must be answered before a version of the plan is adopted."""
    return owed(counted(Suggestion.objects.filter(round__plan=plan)))


def on_the_table(found: Round) -> QuerySet[Suggestion]:
    """What a round's working group answers: its own suggestions, and the late ones of the round before it."""
    between = Round.objects.filter(
        plan=found.plan_id, opens_on__gt=OuterRef("round__opens_on"), opens_on__lt=found.opens_on
    )
    late = Q(in_time=False, round__plan=found.plan_id, round__opens_on__lt=found.opens_on)
    return Suggestion.objects.filter(Q(round=found) | (late & ~Exists(between)), hidden_on=None)


def due(found: Round) -> date:
    """Until when the suggestions of a round are to be answered."""
    return (found.closed_early_on or found.closes_on) + timedelta(days=DAYS_TO_ANSWER)


def with_answers(rows: QuerySet[Suggestion]) -> QuerySet[Suggestion]:
    """With what a page shows of each: two queries, however many there are."""
    together = Answer.objects.filter(shared=OuterRef("shared")).order_by().values("shared")
    answers = (
        Answer.objects.annotate(together=Subquery(together.annotate(n=Count("pk")).values("n")))
        .select_related("changed", "with_other__node__space", "verdict", "decision__minutes__meeting__node")
        .order_by("-number")
    )
    return rows.select_related(
        "node__space", "round__node__space", "item__node__space", "revision__made_from"
    ).prefetch_related(Prefetch("answers", queryset=answers))


def accepted_of(item: Item) -> QuerySet[Suggestion]:
    """Suggestions at a part of a plan whose last answer accepts them, whole or in part."""
    later = Answer.objects.filter(suggestion=OuterRef("suggestion"), number__gt=OuterRef("number"))
    last = Answer.objects.filter(suggestion=OuterRef("pk"), outcome__in=CHANGING).filter(~Exists(later))
    return Suggestion.objects.filter(Exists(last), item=item, hidden_on=None).select_related("node")


@dataclass(frozen=True)
class TableFigures:
    """How a round stands in numbers of suggestions, all of them public."""

    made: int
    asking: int
    owed: int
    late: int
    returned: int

    @property
    def answered(self) -> int:
        return self.asking - self.owed


@dataclass(frozen=True)
class Figures(TableFigures):
    """And what came of the answers: those that changed words, were settled in a meeting, were judged, and answer."""

    changed: int
    settled: int
    judged: int
    answers: int


def table_figures(found: Round, rows: QuerySet[Suggestion]) -> tuple[TableFigures, int]:
    """Counts of a round's table, and how many of these rows are on it; one query."""
    shown = {"shown": Count("pk", filter=Q(pk__in=rows.order_by().values("pk")))}
    numbers = on_the_table(found).aggregate(**_counts(), **shown)
    number = numbers.pop("shown")
    return TableFigures(**numbers), number


def figures(found: Round) -> Figures:
    """Counts of a round's table and of its answers in two queries."""
    return figures_with(found, {})[0]


def figures_with(found: Round, more: dict[str, Count]) -> tuple[Figures, dict[str, int]]:
    """The same, and what else is counted of the table's rows at once."""
    rows = on_the_table(found)
    numbers = rows.aggregate(**_counts(), **more)
    told = {name: numbers.pop(name) for name in more}
    return Figures(**numbers, **_counts_of_answers(_last_answers(rows))), told


def _counts() -> dict[str, Count]:
    back = returned().values("pk")
    return {
        "made": Count("pk"),
        "asking": Count("pk", filter=asking()),
        "owed": Count("pk", filter=asking() & Q(~answered())),
        "late": Count("pk", filter=Q(in_time=False)),
        "returned": Count("pk", filter=Q(pk__in=back)),
    }


def _counts_of_answers(last: QuerySet[Answer]) -> dict[str, int]:
    return last.aggregate(
        changed=Count("pk", filter=Q(changed__isnull=False)),
        settled=Count("pk", filter=Q(decision__isnull=False)),
        judged=Count("verdict"),
        answers=Count("verdict", filter=Q(verdict__answers=True)),
    )


def _last_answers(rows: QuerySet[Suggestion]) -> QuerySet[Answer]:
    later = Answer.objects.filter(suggestion=OuterRef("suggestion"), number__gt=OuterRef("number"))
    return Answer.objects.filter(~Exists(later), suggestion__in=rows.values("pk"))


def last_answer(suggestion: Suggestion) -> Answer | None:
    """The answer that counts now, without a query where the answers were fetched."""
    rows: Iterable[Answer] = suggestion.answers.all()
    return max(rows, key=lambda answer: answer.number, default=None)


def outcome_of(suggestion: Suggestion, steps: int = 20) -> tuple[Suggestion, Answer | None]:
    """What a suggestion came to in the end: of a merged one the suggestion it went into, with that one's answer."""
    answer = last_answer(suggestion)
    while steps and answer is not None and answer.with_other is not None:
        suggestion, steps = answer.with_other, steps - 1
        answer = last_answer(suggestion)
    return suggestion, answer


def thai_words(suggestion: Suggestion) -> PassageRevision | None:
    """The Thai words at which something was said, also where somebody read a translation of them."""
    read = suggestion.revision
    return read if read.lang == Language.THAI else read.made_from


def merged_into(suggestion: Suggestion) -> set[Any]:
    """The suggestions that this one has been merged into, one after another."""
    seen: set[Any] = set()
    answer = last_answer(suggestion)
    while answer is not None and answer.with_other is not None and answer.with_other_id not in seen:
        seen.add(answer.with_other_id)
        answer = last_answer(answer.with_other)
    return seen
