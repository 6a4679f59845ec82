"""What waits for those who answer: rounds with suggestions owed an answer, and answers that did not answer."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khlong.chain.models import Kind
from khlong.chain.policies import lies_with, written_by
from khlong.deliberation.models import Answer, Round, Suggestion
from khlong.deliberation.standing import due, owed, returned
from khlong.people.actor import Actor
from khlong.record.waits import MOST, Wait, waits


def own_rounds(actor: Actor) -> QuerySet[Round]:
    """Rounds of the actor's own cities in which somebody is owed an answer."""
    rows = Round.objects.filter(written_by(actor, Kind.ROUND))
    return rows.filter(Exists(owed(Suggestion.objects.filter(round=OuterRef("pk")))))


@waits(count=own_rounds)
def answers_owed(actor: Actor) -> Iterable[Wait]:
    """Rounds with what is owed in them, the oldest suggestion first; one query."""
    here = owed(Suggestion.objects.filter(round=OuterRef("pk"))).order_by().values("round")
    rows = own_rounds(actor).select_related("node__space", "plan__city")
    rows = rows.annotate(
        number=Subquery(here.annotate(n=Count("pk")).values("n")),
        since=Subquery(here.annotate(first=Min("said_on")).values("first")),
    )
    for row in rows.order_by("since", "pk")[:MOST]:
        words = ngettext(
            "%(round)s: %(n)s suggestion is owed an answer",
            "%(round)s: %(n)s suggestions are owed an answer",
            row.number,
        )
        yield Wait(
            words % {"round": row.name, "n": row.number},
            f"{reverse('deliberation:answers', args=[row.ref])}?state=owed",
            row.since,
            due(row),
            kind=_("suggestions to answer"),
            city=row.plan.city.name,
            is_example=row.node.space_is_example,
            button=_("Answer"),
        )


def own_returned(actor: Actor) -> QuerySet[Suggestion]:
    """Suggestions of the actor's own cities whose answer does not answer, as those who made them say."""
    return returned().filter(lies_with(actor, "pk"))


@waits(count=own_returned)
def sent_back(actor: Actor) -> Iterable[Wait]:
    """Answers that did not answer; one query."""
    said = Answer.objects.filter(suggestion=OuterRef("pk")).order_by().values("suggestion")
    rows = own_returned(actor).select_related("node__space", "round__plan__city")
    rows = rows.annotate(since=Subquery(said.annotate(last=Max("verdict__on")).values("last")))
    for row in rows.order_by("since", "pk")[:MOST]:
        yield Wait(
            _("The answer does not answer: %(title)s") % {"title": row.node.title},
            reverse("deliberation:answer", args=[row.node.ref]),
            row.since,
            kind=_("answers sent back"),
            city=row.round.plan.city.name,
            is_example=row.node.space_is_example,
            button=_("Read and answer again"),
        )
