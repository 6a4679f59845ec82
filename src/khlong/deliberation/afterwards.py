"""What is done with a suggestion that stands: supported, hidden with a reason, asked about new words."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Node, Visibility
from khlong.chain.search import index
from khlong.chain.things import hold
from khlong.deliberation.models import Agreement, AnchorMove, Suggestion
from khlong.deliberation.policies import mark_of
from khlong.deliberation.suggesting import SPEAKING, Anchor
from khlong.people.policy import Verb
from khlong.record.actions import Act, action
from khlong.record.errors import Refused
from khlong.strategy.models import PassageRevision


@action("deliberation.suggestion.agree", limit=SPEAKING)
def agree(act: Act, suggestion: Suggestion) -> Agreement | None:
    """Mean the same as somebody else; counted once for a person. Raises Refused for one's own."""
    made = Agreement(suggestion=suggestion, mark=mark_of(suggestion, act.actor.label))
    act.require(Verb.ADD, made)
    if suggestion.by and suggestion.by == act.actor.label:
        raise Refused(_("This suggestion is yours; it counts already."))
    if Agreement.objects.filter(suggestion=suggestion, mark=made.mark).exists():
        act.nothing()
        return None
    made.save(force_insert=True)
    act.note(made, fields=["suggestion"])
    return made


@action("deliberation.suggestion.hide")
def hide(act: Act, suggestion: Suggestion, why: str) -> Suggestion:
    """Take words that break the rules from the eyes of readers; that, and why, stays to be seen. Raises Refused."""
    act.require(Verb.MANAGE, suggestion)
    if not why.strip():
        raise ValidationError({"why": _("Write the reason. Readers and who suggested it see it.")})
    suggestion.hidden_on, suggestion.hidden_why = timezone.localdate(), why.strip()[:300]
    _set_seen(suggestion, Visibility.MEMBERS)
    act.note(suggestion, fields=["hidden_on", "hidden_why"])
    return suggestion


@action("deliberation.suggestion.show")
def show(act: Act, suggestion: Suggestion) -> Suggestion:
    """Let everybody read again what was hidden. Raises Refused."""
    act.require(Verb.MANAGE, suggestion)
    if suggestion.hidden_on is None:
        act.nothing()
        return suggestion
    suggestion.hidden_on, suggestion.hidden_why = None, ""
    _set_seen(suggestion, Visibility(suggestion.round.node.visibility))
    act.note(suggestion, fields=["hidden_on", "hidden_why"])
    return suggestion


def _set_seen(suggestion: Suggestion, visibility: Visibility) -> None:
    suggestion.save(update_fields=["hidden_on", "hidden_why"])
    Node.objects.filter(pk=suggestion.pk).update(visibility=visibility)
    suggestion.node.visibility = visibility
    index(suggestion.pk)


@action("deliberation.anchor.decide", limit=SPEAKING)
def decide_anchor(
    act: Act, suggestion: Suggestion, asked_of: PassageRevision, target: Anchor | None
) -> AnchorMove:
    """Whether a suggestion means the new words of its passage: `target` is where, None that it stays with the old.

    Where it stood before is kept. Raises Refused and ValidationError.
    """
    made = AnchorMove(suggestion=suggestion, asked_of=asked_of, by=act.actor.on_behalf_of or act.actor.label)
    act.require(Verb.ADD, made)
    hold(suggestion)
    suggestion.refresh_from_db(fields=["revision", "start", "end", "quote"])
    if asked_of.passage.item_id != suggestion.item_id:
        raise ValidationError({"quote": _("These words belong to another part of the plan.")})
    last = suggestion.moves.aggregate(last=Max("number"))["last"] or 0
    made.number, made.stays = last + 1, target is None
    made.revision_id, made.quote = suggestion.revision_id, suggestion.quote
    made.start, made.end = suggestion.start, suggestion.end
    if target is not None:
        if target.revision.pk != asked_of.pk:
            raise ValidationError({"quote": _("These words do not stand there. Choose them once more.")})
        target.check(suggestion.item)
        suggestion.revision, suggestion.quote = target.revision, target.quote
        suggestion.start, suggestion.end = target.start, target.end
        suggestion.save(update_fields=["revision", "start", "end", "quote"])
    made.save(force_insert=True)
    act.note(made, fields=["stays"] if target is None else ["revision", "start", "end", "quote"])
    return made
