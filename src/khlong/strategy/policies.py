from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from khlong.chain.models import Node, Visibility
from khlong.chain.policies import READERS, can_node, node_filter, policy_of
from khlong.people.actor import Actor
from khlong.people.policy import Policy, Verb, register
from khlong.places.policies import PartPolicy
from khlong.strategy.models import (
    Indicator,
    Item,
    MeasureDetail,
    Passage,
    PassageRevision,
    Plan,
    Version,
    VersionEntry,
)

M = TypeVar("M", bound=Model)

policy_of(Plan)
policy_of(Item)
policy_of(Indicator)


@register
class VersionPolicy(PartPolicy[Version]):
    """A version is read with its plan, and made by who writes the plan."""

    model = Version
    whole = "plan"


@register
class PassagePolicy(PartPolicy[Passage]):
    model = Passage
    whole = "item"


@register
class MeasureDetailPolicy(PartPolicy[MeasureDetail]):
    """What a measure is stands and falls with the part of the plan."""

    model = MeasureDetail
    whole = "item"


class FrozenPolicy(Policy[M]):
    """Words once saved: read with the plan they belong to, changed by nobody."""

    verbs = (Verb.VIEW, Verb.CHANGE)
    path = ""

    def can(self, actor: Actor, verb: Verb, obj: M) -> bool:
        whole = obj
        for name in self.path.split("__"):
            whole = getattr(whole, name)
        return verb is Verb.VIEW and can_node(actor, verb, whole.node)  # type: ignore[attr-defined]

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[M]) -> QuerySet[M]:
        if verb is not Verb.VIEW:
            return queryset.none()
        return queryset.filter(node_filter(actor, verb, f"{self.path}__node__"))


@register
class PassageRevisionPolicy(FrozenPolicy[PassageRevision]):
    """Words that stand in a version are read with the part of the plan; those that wait for the next version
    only by those who read what is not published.
    """

    model = PassageRevision
    path = "passage__item"

    def can(self, actor: Actor, verb: Verb, obj: PassageRevision) -> bool:
        if not super().can(actor, verb, obj):
            return False
        hidden = Node(space_id=obj.space_id, visibility=Visibility.MEMBERS)
        return can_node(actor, verb, hidden) or _entries_with(obj.pk).exists()

    def scope(
        self, actor: Actor, verb: Verb, queryset: QuerySet[PassageRevision]
    ) -> QuerySet[PassageRevision]:
        seen = super().scope(actor, verb, queryset)
        if actor.is_system or actor.is_steward:
            return seen
        mine = Q(passage__item__node__space__in=actor.spaces(*READERS) | actor.read_by_link)
        return seen.filter(mine | Exists(_entries_with(OuterRef("pk"))))


def _entries_with(revision: Any) -> QuerySet[VersionEntry]:
    """The lines of versions that hold these words, as text or as translation."""
    return VersionEntry.objects.order_by().filter(Q(revision=revision) | Q(translation=revision))


@register
class VersionEntryPolicy(FrozenPolicy[VersionEntry]):
    model = VersionEntry
    path = "version__plan"
