from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils.crypto import salted_hmac

from khlong.chain.policies import can_node, node_filter, policy_of
from khlong.deliberation.models import (
    Agreement,
    AnchorMove,
    Answer,
    Circle,
    Round,
    Suggestion,
    Verdict,
)
from khlong.people.actor import Actor
from khlong.people.policy import Policy, Verb, register
from khlong.places.policies import PartPolicy

M = TypeVar("M", bound=Model)

policy_of(Round)


@register
class CirclePolicy(PartPolicy[Circle]):
    """Whom a round went to is read with the round; links are made and withdrawn by who writes for the city."""

    model = Circle
    whole = "round"


def is_hers(actor: Actor, suggestion: Suggestion) -> bool:
    """Whether the actor is who suggested: by her receipt (`receipts.holder`), or by her pseudonym."""
    by_receipt = bool(actor.link) and actor.link == suggestion.receipt
    return by_receipt or (actor.contributes and bool(actor.label) and actor.label == suggestion.by)


def mark_of(suggestion: Suggestion, name: str) -> str:
    """What stands in an agreement instead of the pseudonym of who agrees."""
    words = f"{suggestion.pk} {name}"
    return salted_hmac("khlong.deliberation.agreement", words, algorithm="sha256").hexdigest()


def holds_link_of(actor: Actor, circle: Circle | None) -> bool:
    """Whether the actor came by this circle's link, which is not withdrawn."""
    if circle is None or circle.withdrawn_on is not None or not circle.digest:
        return False
    return actor.link == circle.digest


@register
class SuggestionPolicy(Policy[Suggestion]):
    """Read with its node. Made by who came by a circle's link, by everybody where the round is open to all, and by
    who writes for the city. Taken back (USE) by who suggested, and by nobody else.
    """

    model = Suggestion
    verbs = (Verb.VIEW, Verb.CHANGE, Verb.MANAGE)

    def can(self, actor: Actor, verb: Verb, obj: Suggestion) -> bool:
        if verb is Verb.ADD:
            return self._may_speak(actor, obj)
        if verb is Verb.USE:
            return actor.is_system or is_hers(actor, obj)
        return can_node(actor, verb, obj.node)

    def _may_speak(self, actor: Actor, obj: Suggestion) -> bool:
        if holds_link_of(actor, obj.circle) or actor.is_system:
            return True
        node = obj.round.node
        if can_node(actor, Verb.CHANGE, node):
            return True
        return obj.circle is None and obj.round.open_to_all and can_node(actor, Verb.VIEW, node)

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[Suggestion]) -> QuerySet[Suggestion]:
        return queryset.filter(node_filter(actor, verb, "node__"))


class OfSuggestionPolicy(Policy[M]):
    """What hangs on a suggestion is read with it; changed by who writes for the city."""

    verbs = (Verb.VIEW, Verb.CHANGE)
    path = "suggestion"

    def can(self, actor: Actor, verb: Verb, obj: M) -> bool:
        suggestion: Model = obj
        for name in self.path.split("__"):
            suggestion = getattr(suggestion, name)
        assert isinstance(suggestion, Suggestion)
        if verb is Verb.ADD and self.hers_may_add(actor, suggestion):
            return True
        return can_node(actor, verb, suggestion.node)

    def hers_may_add(self, actor: Actor, suggestion: Suggestion) -> bool:
        """Whether somebody who does not write for the city may add one."""
        return False

    def scope(self, actor: Actor, verb: Verb, queryset: QuerySet[M]) -> QuerySet[M]:
        return queryset.filter(node_filter(actor, verb, f"{self.path}__node__"))


@register
class AnswerPolicy(OfSuggestionPolicy[Answer]):
    model = Answer


@register
class VerdictPolicy(OfSuggestionPolicy[Verdict]):
    """Said by who suggested, and by nobody else."""

    model = Verdict
    path = "answer__suggestion"

    def can(self, actor: Actor, verb: Verb, obj: Verdict) -> bool:
        if verb is Verb.ADD:
            return actor.is_system or is_hers(actor, obj.answer.suggestion)
        return super().can(actor, verb, obj)


@register
class AnchorMovePolicy(OfSuggestionPolicy[AnchorMove]):
    """Decided by who suggested or by who writes for the city."""

    model = AnchorMove

    def hers_may_add(self, actor: Actor, suggestion: Suggestion) -> bool:
        return is_hers(actor, suggestion)


@register
class AgreementPolicy(OfSuggestionPolicy[Agreement]):
    """Said by whoever reads the suggestion and may come again under the same name; taken back (USE) by her alone."""

    model = Agreement

    def can(self, actor: Actor, verb: Verb, obj: Agreement) -> bool:
        if verb is Verb.USE:
            hers = actor.contributes and bool(actor.label)
            return actor.is_system or (hers and obj.mark == mark_of(obj.suggestion, actor.label))
        return super().can(actor, verb, obj)

    def hers_may_add(self, actor: Actor, suggestion: Suggestion) -> bool:
        return actor.contributes and bool(actor.label) and can_node(actor, Verb.VIEW, suggestion.node)
