from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from khlong.chain.policies import can_node, node_filter, policy_of
from khlong.people.actor import Actor
from khlong.people.policy import Policy, Verb, register
from khlong.places.policies import PartPolicy
from khlong.strategy.models import Item, Passage, PassageRevision, Plan, Version, VersionEntry

M = TypeVar("M", bound=Model)

policy_of(Plan)
policy_of(Item)


@register
class VersionPolicy(PartPolicy[Version]):
    """A version is read with its plan, and made by who writes the plan."""

    model = Version
    whole = "plan"


@register
class PassagePolicy(PartPolicy[Passage]):
    model = Passage
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
    model = PassageRevision
    path = "passage__item"


@register
class VersionEntryPolicy(FrozenPolicy[VersionEntry]):
    model = VersionEntry
    path = "version__plan"
