"""The way of a proposal: which step may follow which without a word, and which steps need one.

The order is facts, the rest advice: nobody is kept from a step, but going back or passing one by asks why. Councils
vote in tambon administrative organisations only, a community plan is not always gone through, and a policy knows no
support committee: these steps may be passed by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from khlong.adoption.models import SIDE, Channel, State

ORDER = (
    State.DRAFT,
    State.FORUM,
    State.COMMUNITY_PLAN,
    State.SUBMITTED,
    State.SUPPORT_DRAFT,
    State.COMMITTEE,
    State.COUNCIL,
    State.PROCLAIMED,
    State.ACTION_PLAN,
    State.BUDGETED,
    State.RUNNING,
    State.DONE,
    State.EVALUATED,
)
PASSED_BY = frozenset({State.FORUM, State.COMMUNITY_PLAN, State.COUNCIL})
PASSED_BY_ELSEWHERE = PASSED_BY | {State.SUPPORT_DRAFT, State.COMMITTEE, State.ACTION_PLAN}
"""Outside the local development plan there is no committee of it."""
PASSED_BY_CORRECTIONS = PASSED_BY | {State.SUPPORT_DRAFT, State.COMMITTEE}
"""The head of the authority decides a correction alone."""
OF_A_LOCAL_PLAN = frozenset(
    {Channel.LOCAL_PLAN, Channel.SUPPLEMENT, Channel.CHANGE, Channel.CORRECTION, Channel.COMMUNITY_PLAN}
)
AFTER_SIDE: Mapping[str, tuple[State, ...]] = {
    State.REFERRED: (State.SUBMITTED,),
    State.MERGED: (State.COMMITTEE, State.COUNCIL, State.PROCLAIMED),
    State.DUPLICATE: (State.COMMITTEE, State.COUNCIL, State.PROCLAIMED),
    State.MOVED: (State.SUPPORT_DRAFT, State.COMMITTEE, State.COUNCIL, State.PROCLAIMED),
    State.DECLINED: (State.DRAFT, State.SUBMITTED),
    State.CANCELLED: (State.DRAFT,),
}
NEEDS_OTHER = frozenset({State.REFERRED, State.MERGED, State.DUPLICATE, State.MOVED})
NEEDS_WHY = frozenset({State.DECLINED, State.CANCELLED})
OF_THE_OFFICE = tuple(
    state for state in (*ORDER[3:], *SIDE) if state not in {State.EVALUATED, State.CANCELLED}
)
"""What an official may say of a proposal."""
IN_A_PLAN = ORDER[ORDER.index(State.PROCLAIMED) :]
WITH_MONEY = ORDER[ORDER.index(State.BUDGETED) :]


def place(state: str) -> int:
    """The place of a state in the order; of a side exit, -1."""
    return ORDER.index(State(state)) if state in ORDER else -1


def following(state: str, channel: str) -> tuple[State, ...]:
    """The steps that may follow a state without a word why, in their order, side exits last."""
    if state in AFTER_SIDE:
        return AFTER_SIDE[state]
    return (*_ahead(state, channel), *_exits(state))


def _ahead(state: str, channel: str) -> Iterable[State]:
    passed_by = PASSED_BY if channel in OF_A_LOCAL_PLAN else PASSED_BY_ELSEWHERE
    passed_by = PASSED_BY_CORRECTIONS if channel == Channel.CORRECTION else passed_by
    for after in ORDER[place(state) + 1 :]:
        yield after
        if after not in passed_by:
            return


def _exits(state: str) -> tuple[State, ...]:
    return SIDE if place(state) >= place(State.SUBMITTED) else (State.CANCELLED,)


def check_step(before: str, channel: str, values: Mapping[str, Any]) -> None:
    """Raises ValidationError by field where a step lacks a word: why it goes back, which line it was merged with."""
    after = values.get("state") or ""
    said = str(values.get("note") or "").strip()
    wrong: dict[str, Any] = {}
    if after in NEEDS_OTHER and not str(values.get("other") or "").strip():
        wrong["other"] = _("Say with which line, to which area or to which organisation.")
    if after in NEEDS_WHY and not said:
        wrong["note"] = _("Say in a few words why.")
    elif after and after != before and after not in following(before, channel) and not said:
        wrong["note"] = _why_in_words(before, after)
    if not after and not (said or values.get("letter_no") or values.get("resolution")):
        wrong["state"] = _("Choose the state it came to, or write what was said.")
    if wrong:
        raise ValidationError(wrong)


def _why_in_words(before: str, after: str) -> str:
    if before in ORDER and after in ORDER and place(after) < place(before):
        words = _("This goes back from “%(before)s”. Say in a few words why.")
    else:
        words = _(
            "Between “%(before)s” and this other steps are usual. Say in a few words why they were passed by."
        )
    return words % {"before": State(before).label}
