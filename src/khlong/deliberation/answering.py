"""What a working group answers to what people said: one by one or several at once, with the words it changes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from khlong.chain.things import hold
from khlong.deliberation.models import Answer, Outcome, Suggestion, Voice
from khlong.deliberation.standing import CHANGING, merged_into
from khlong.network.models import Decision
from khlong.people.policy import Verb, can
from khlong.record.actions import Act, action
from khlong.record.errors import EditConflict, Refused
from khlong.record.limits import EDITS
from khlong.strategy.actions import save_passage
from khlong.strategy.models import Language, Passage, PassageRevision, normal

ANSWERED = "deliberation.suggestion.answered"
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Reply:
    """What is answered. `text` are the new words of the passage, and `base` the number of the revision they were
    written from; empty where the answer changes no words.
    """

    outcome: str
    reason_th: str
    reason_en: str = ""
    with_other: Suggestion | None = None
    decision: Decision | None = None
    text: str = ""
    base: int | None = None


@action("deliberation.suggestion.answer", limit=EDITS)
def answer(act: Act, suggestion: Suggestion, reply: Reply, *, after: int | None = None) -> Answer:
    """Answer one suggestion; an answer that accepts may write the passage's new words into the next draft.

    `after` is how many answers the writer saw. Raises Refused, ValidationError by field (an answer without a
    reason), and EditConflict when somebody else answered first, or changed the passage after `base`.
    """
    return _answer(act, suggestion, reply, after)


@action("deliberation.suggestion.answer_several", limit=EDITS)
def answer_several(act: Act, several: Sequence[tuple[Suggestion, int]], reply: Reply) -> list[Answer]:
    """Answer several suggestions with one reason, which is shown as shared; each comes with the number of its answers.

    Words are changed one by one only. Raises as `answer` does, and then none is answered.
    """
    if not several:
        raise ValidationError({"chosen": _("Choose the suggestions that this answers.")})
    if len(several) > MOST_AT_ONCE:
        words = _("Answer at most %(most)s at once.") % {"most": MOST_AT_ONCE}
        raise ValidationError({"chosen": words})
    shared = uuid.uuid4() if len(several) > 1 else None
    plain = replace(reply, text="", base=None)
    return [_answer(act, suggestion, plain, after, shared) for suggestion, after in several]


def _answer(
    act: Act, suggestion: Suggestion, reply: Reply, after: int | None, shared: UUID | None = None
) -> Answer:
    made = Answer(suggestion=suggestion, outcome=reply.outcome, by=act.actor.label, shared=shared)
    act.require(Verb.CHANGE, made)
    hold(suggestion)
    last = suggestion.answers.order_by("-number").first()
    made.number = last.number + 1 if last else 1
    if after is not None and after != made.number - 1:
        raise _answered_meanwhile(last)
    _check(act, suggestion, reply)
    made.reason_th, made.reason_en = normal(reply.reason_th), normal(reply.reason_en)
    made.with_other, made.decision = reply.with_other, reply.decision
    made.changed = _change(act, suggestion, reply)
    made.save(force_insert=True)
    filled = [name for name in ("reason_en", "with_other", "decision", "changed") if getattr(made, name)]
    act.note(made, fields=["outcome", "reason_th", *filled])
    act.fact(ANSWERED, suggestion, {"outcome": made.outcome, "number": made.number})
    return made


def _answered_meanwhile(last: Answer | None) -> EditConflict:
    stands = {"outcome": last.get_outcome_display(), "reason": last.reason} if last else {}
    return EditConflict(
        current=stands, base=None, revision=last.number if last else 0, by=last.by if last else ""
    )


def _check(act: Act, suggestion: Suggestion, reply: Reply) -> None:
    errors: dict[str, object] = {}
    if reply.outcome not in Outcome.values:
        errors["outcome"] = _("Choose what becomes of it.")
    elif reply.outcome == Outcome.ANSWERED and suggestion.voice == Voice.SUGGEST:
        errors["outcome"] = _(
            "A suggestion is accepted, accepted in part, declined or merged; “answered” is for questions."
        )
    if not normal(reply.reason_th):
        errors["reason_th"] = _("Write the reason in Thai: whoever suggested is owed one.")
    if reply.text and reply.outcome not in CHANGING:
        errors["outcome"] = _("Only an answer that accepts changes the words. Accept it, in part or whole.")
    errors |= _merge_errors(suggestion, reply)
    if errors:
        raise ValidationError(errors)
    if reply.decision is not None:
        _check_decision(act, suggestion, reply.decision)


def _merge_errors(suggestion: Suggestion, reply: Reply) -> dict[str, object]:
    other = reply.with_other
    if reply.outcome != Outcome.MERGED:
        wrong = _("Only a merged suggestion names another one.")
        return {"with_other": wrong} if other is not None else {}
    if other is None:
        return {"with_other": _("Say which suggestion it is merged with.")}
    if other.pk == suggestion.pk:
        return {"with_other": _("A suggestion cannot be merged with itself.")}
    if other.round.plan_id != suggestion.round.plan_id or other.hidden_on is not None:
        return {"with_other": _("That suggestion does not belong to this plan's rounds. Choose another.")}
    if suggestion.pk in merged_into(other):
        return {"with_other": _("That one is merged with this one already. Answer this one by itself.")}
    return {}


def _check_decision(act: Act, suggestion: Suggestion, decision: Decision) -> None:
    if decision.space_id != suggestion.space_id or not can(act.actor, Verb.VIEW, decision):
        raise Refused(_("That decision was made in another city's meeting. Choose one of this city."))


def _change(act: Act, suggestion: Suggestion, reply: Reply) -> PassageRevision | None:
    """Save the passage's new words, and give their revision; None when the words stay as they are."""
    if reply.outcome not in CHANGING or not normal(reply.text):
        return None
    passage = Passage.objects.select_related("item__node__space").get(item=suggestion.item_id)
    newest = passage.revisions.filter(lang=Language.THAI).order_by("-number").first()
    if newest is not None and normal(reply.text) == newest.text and reply.base in {None, newest.number}:
        return None
    why = _("By suggestion %(ref)s") % {"ref": suggestion.ref}
    return save_passage(act.actor, passage, Language.THAI, reply.text, base=reply.base, why=str(why))


def owed_words(number: int) -> str:
    """How many suggestions are still owed an answer."""
    return ngettext(
        "%(n)s suggestion is still owed an answer.", "%(n)s suggestions are still owed an answer.", number
    ) % {"n": number}
