"""Reading what was said: by round and passage, counted and searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from khlong.deliberation.models import Agreement, AnchorMove, Round, Suggestion, Voice
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.strategy.models import Item, PassageRevision, Plan, VersionEntry


@dataclass
class Counts:
    """How often something was said at a passage, each support once for a person."""

    suggest: int = 0
    ask: int = 0
    object: int = 0
    support: int = 0

    @property
    def total(self) -> int:
        return self.suggest + self.ask + self.object + self.support

    @property
    def words(self) -> list[tuple[Any, int]]:
        """Voice and number, where there are any."""
        rows = ((Voice.SUGGEST, self.suggest), (Voice.ASK, self.ask), (Voice.OBJECT, self.object))
        return [(voice.label, count) for voice, count in (*rows, (Voice.SUPPORT, self.support)) if count]


def counts_by_item(found: Round) -> dict[Any, Counts]:
    """What was said in a round and is not hidden, by passage; one query."""
    rows = Suggestion.objects.filter(round=found, hidden_on=None).order_by().values("item", "voice")
    rows = rows.annotate(
        number=Count("pk"),
        people=Count("by", distinct=True, filter=~Q(by="")),
        nameless=Count("pk", filter=Q(by="")),
    )
    counts: dict[Any, Counts] = {}
    for row in rows:
        once = row["people"] + row["nameless"]
        number = once if row["voice"] == Voice.SUPPORT else row["number"]
        setattr(counts.setdefault(row["item"], Counts()), row["voice"], number)
    return counts


def rounds_of(actor: Actor) -> QuerySet[Round]:
    """The rounds that somebody may read, with what their pages show."""
    rows = Round.objects.select_related("node__space", "plan__node__space", "plan__city__node", "version")
    return scope(actor, rows)


def said(
    actor: Actor, found: Round, *, item: Item | None = None, voice: str = "", words: str = ""
) -> QuerySet[Suggestion]:
    """The suggestions of a round that somebody may read: at one passage, of one voice, with some words in them.

    Ordered by their drawn references, which tell nothing of when they came.
    """
    rows = scope(actor, Suggestion.objects.filter(round=found, hidden_on=None))
    if item is not None:
        rows = rows.filter(item=item)
    if voice in Voice.values:
        rows = rows.filter(voice=voice)
    if words:
        fields = ("words", "instead", "quote", "translation_th")
        found_in = Q()
        for name in fields:
            found_in |= Q(**{f"{name}__icontains": words})
        rows = rows.filter(found_in)
    return rows.order_by("node__ref")


def with_threads(rows: QuerySet[Suggestion]) -> QuerySet[Suggestion]:
    """With their groups, answers and how many agree; a few queries, however many there are."""
    from khlong.deliberation.standing import with_answers

    moves = AnchorMove.objects.order_by("-number")
    agreeing = Agreement.objects.filter(suggestion=OuterRef("pk")).order_by().values("suggestion")
    number = agreeing.annotate(n=Count("pk")).values("n")
    return (
        with_answers(rows)
        .select_related("circle")
        .prefetch_related("groups", Prefetch("moves", queryset=moves))
        .annotate(agreed=Coalesce(Subquery(number), 0))
    )


def hidden_in(found: Round, item: Item | None = None) -> list[tuple[Any, str]]:
    """When words were hidden, and why; never the words."""
    rows = Suggestion.objects.filter(round=found, hidden_on__isnull=False)
    if item is not None:
        rows = rows.filter(item=item)
    return list(rows.order_by("-hidden_on", "node__ref").values_list("hidden_on", "hidden_why")[:20])


def newer_words(suggestion: Suggestion) -> PassageRevision | None:
    """The words that the newest version of the plan has for the passage, when they are others than those spoken to
    and nobody has decided about them yet; None where nothing is to be asked, as where an answer to the suggestion
    itself wrote them.
    """
    plan: Plan = suggestion.round.plan
    rows = VersionEntry.objects.filter(version__plan=plan, item=suggestion.item_id)
    entry = (
        rows.select_related("revision__passage", "translation__passage").order_by("-version__number").first()
    )
    if entry is None:
        return None
    is_thai = suggestion.revision.lang == "th"
    newest = entry.revision if is_thai else entry.translation
    if newest is None or newest.pk == suggestion.revision_id or newest.text == suggestion.revision.text:
        return None
    decided = suggestion.moves.filter(asked_of=newest).exists()
    hers = newest.made_by_answers.filter(suggestion=suggestion).exists()
    return None if decided or hers else newest
