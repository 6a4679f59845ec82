"""What pages ask about related topics."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from khlong.chain.policies import node_filter
from khlong.journal.models import Topic
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope


def seen_topics(actor: Actor) -> QuerySet[Topic]:
    """The topics that a reader may see, in their order."""
    return scope(actor, Topic.objects.select_related("node__space")).order_by("order", "sort_key")


def counted_topics(actor: Actor) -> QuerySet[Topic]:
    """The same, each with `known`: how many facts about it the reader may see."""
    seen = node_filter(actor, Verb.VIEW, "node__facts__node__") & Q(node__facts__isnull=False)
    return seen_topics(actor).annotate(known=Count("node__facts", filter=seen, distinct=True))
