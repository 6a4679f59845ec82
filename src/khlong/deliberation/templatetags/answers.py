"""How answers stand on a page: {% load answers %}, {% answers_of suggestion %}."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.utils.translation import get_language, gettext

from khlong.deliberation.forms_answers import VerdictForm
from khlong.deliberation.models import Answer, Suggestion
from khlong.deliberation.standing import last_answer, outcome_of, thai_words
from khlong.deliberation.table import groups
from khlong.deliberation.tongues import NAMES
from khlong.deliberation.wording import Piece, difference
from khlong.places.models import Group

register = template.Library()


@register.inclusion_tag("deliberation/answers_of.html", takes_context=True)
def answers_of(
    context: Context, suggestion: Suggestion, hers: bool = False, receipt: str = ""
) -> dict[str, Any]:
    """All answers to a suggestion, the last one first; of a merged one also what came of the other.

    With `hers` whoever suggested is asked whether the last one answers; `receipt` are the digits she showed.
    """
    last = last_answer(suggestion)
    other, outcome = outcome_of(suggestion)
    verdict = getattr(last, "verdict", None) if last else None
    typed = {"answers": "", "words": "", "receipt": receipt}
    if verdict is not None:
        typed |= {"answers": "yes" if verdict.answers else "no", "words": verdict.words}
    return {
        "suggestion": suggestion,
        "rows": sorted(suggestion.answers.all(), key=lambda answer: -answer.number),
        "last": last,
        "other": other if other.pk != suggestion.pk else None,
        "outcome": outcome,
        "form": VerdictForm(initial=typed, auto_id=f"id_{suggestion.ref}_%s") if hers and last else None,
        "hers": hers,
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag
def change_of(answer: Answer, suggestion: Suggestion) -> list[Piece]:
    """From the Thai words that were read to those that the answer wrote: pieces that stand, went and came."""
    read = thai_words(suggestion)
    return difference(read.text if read else "", answer.changed.text) if answer.changed else []


@register.simple_tag(takes_context=True)
def groups_shown(context: Context, suggestion: Suggestion) -> list[Group]:
    """The groups beside a suggestion: only those in which at least five people spoke in its round.

    Beside fewer, a group's name would tell who they are. One query for a page.
    """
    request = context["request"]
    known: dict[Any, set[str]] = request.__dict__.setdefault("_groups_shown", {})
    if suggestion.round_id not in known:
        known[suggestion.round_id] = {str(key) for key, _name in groups(suggestion.round)}
    return [group for group in suggestion.groups.all() if str(group.pk) in known[suggestion.round_id]]


@register.simple_tag
def in_words_of(suggestion: Suggestion) -> str:
    """In which language somebody speaks, where it is not the one of the page: her words are shown as they are."""
    said_in = suggestion.language
    if said_in == (get_language() or "th") or not suggestion.words:
        return ""
    return gettext("in %(language)s, as it was said") % {"language": NAMES.get(said_in, said_in)}


@register.simple_tag
def tick_of(suggestion: Suggestion) -> str:
    """The value of a tick: which suggestion, and how many answers the list showed."""
    last = last_answer(suggestion)
    return f"{suggestion.node.ref}.{last.number if last else 0}"


@register.filter
def is_ticked(suggestion: Suggestion, chosen: list[str]) -> bool:
    return any(one.rpartition(".")[0] == suggestion.node.ref for one in chosen)


@register.simple_tag
def voice_at(voices: list[object], place: int) -> str:
    """The name of a column of the table of who was heard, for phones."""
    return str(voices[place])
