"""Links with which an official answers a proposal without an account, and the answer itself.

An official's words are informal until a letter number or a resolution is attached: they are shown as such, and the
proposal does not come to the state they name. Who holds the link sees the proposal in the words of the official form
and nothing else of the city: not who suggested it, and no note of the working group.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.adoption.actions import held, keep_step
from khlong.adoption.models import Proposal, ReplyLink, Step
from khlong.adoption.states import NEEDS_OTHER, NEEDS_WHY, OF_THE_OFFICE
from khlong.chain.things import Values
from khlong.network.acting import ELSEWHERE, NO_LONGER
from khlong.network.invitations import still_invites
from khlong.network.links import digest_of, new_token
from khlong.network.models import LinkState
from khlong.people.actor import Actor
from khlong.people.policy import Verb
from khlong.record import limits
from khlong.record.actions import Act, action, changed_fields
from khlong.record.errors import Refused
from khlong.record.limits import Limit

DAYS, MOST_DAYS, MOST_WAITING = 60, 92, 20
HELD, BROWSER = "reply_link", "reply_browser"
GONE = _(
    "The person who made this link no longer works on the proposal, so it does not hold. "
    "Ask the working group of the city for a new one."
)


@action("adoption.reply.make", limit=Limit(120, per=timedelta(hours=1)))
def make_reply_link(
    act: Act, proposal: Proposal, name: str, *, days: int = DAYS, binds: bool = True
) -> tuple[ReplyLink, str]:
    """Make a link for the office called `name`; gives it with its token, shown once. Raises Refused."""
    token, digest = new_token()
    made = ReplyLink(
        proposal=proposal,
        space=proposal.node.space,
        name=name.strip(),
        digest=digest,
        binds=binds,
        made_by=act.actor.user,
    )
    act.require(Verb.MANAGE, made)
    if not made.name:
        raise Refused(_("Say for which office the link is."))
    if not 1 <= days <= MOST_DAYS:
        raise Refused(_("Such a link holds from 1 to %(days)s days.") % {"days": MOST_DAYS})
    now = timezone.now()
    if proposal.reply_links.filter(withdrawn_at=None, expires_at__gt=now).count() >= MOST_WAITING:
        raise Refused(_("Too many links are waiting. Withdraw those that are no longer needed."))
    made.expires_at = now + timedelta(days=days)
    made.save()
    act.note(made, fields=["name", "expires_at", "binds"])
    return made, token


@action("adoption.reply.withdraw")
def withdraw_reply_link(act: Act, link: ReplyLink) -> ReplyLink:
    """Make a link worthless, also for those who hold it. What was answered with it stays."""
    standing = (
        ReplyLink.objects.select_for_update(of=("self",)).select_related("proposal__node").get(pk=link.pk)
    )
    act.require(Verb.MANAGE, standing)
    if standing.withdrawn_at is not None:
        act.nothing()
        return standing
    standing.withdrawn_at = timezone.now()
    standing.save(update_fields=["withdrawn_at"])
    act.note(standing, fields=["withdrawn_at"])
    return standing


def refusal_of(link: ReplyLink, browser: str) -> object:
    """Why a link does nothing in this browser, or None."""
    if link.state is not LinkState.WAITING:
        return NO_LONGER[link.state]
    if not still_invites(link):
        return GONE
    return ELSEWHERE if link.bound_to and link.bound_to != digest_of(browser) else None


def begin(request: HttpRequest, link: ReplyLink) -> None:
    """Hold the link in this session from now on. Raises Refused; of two first browsers the second is refused."""
    browser = request.session.setdefault(BROWSER, secrets.token_urlsafe(18))
    if link.binds:
        ReplyLink.objects.filter(pk=link.pk, bound_to="").update(bound_to=digest_of(browser))
        link.refresh_from_db(fields=["bound_to"])
    if (why := refusal_of(link, browser)) is not None:
        raise Refused(why)
    if request.session.get(HELD) != link.digest:
        ReplyLink.objects.filter(pk=link.pk).update(browsers=F("browsers") + 1)
    request.session[HELD] = link.digest


def has_begun(request: HttpRequest, link: ReplyLink) -> bool:
    return bool(request.session.get(HELD) == link.digest)


ANSWERING = Limit(20, per=timedelta(hours=1))
UPLOADING = Limit(60, per=timedelta(hours=1))


def check_often(holder: Actor) -> None:
    """Raises TooMany where an office answered, or sent its form, so often that not even a file is taken any more."""
    limits.check("adoption.reply.answer", ANSWERING, holder)
    limits.take("adoption.reply.sent", UPLOADING, holder)


@action("adoption.reply.answer", limit=ANSWERING)
def answer(act: Act, link: ReplyLink, values: Values) -> Step:
    """What an office says of a proposal: a state, words, and a letter number or a resolution where there is one.

    Raises Refused, and ValidationError by field. Without a letter number or a resolution it is informal.
    """
    rows = ReplyLink.objects.select_for_update(of=("self",)).select_related("proposal__node", "made_by")
    standing = rows.get(pk=link.pk)
    act.require(Verb.USE, standing)
    if standing.state is not LinkState.WAITING:
        raise Refused(NO_LONGER[standing.state])
    if not still_invites(standing):
        raise Refused(GONE)
    step = Step(proposal=held(standing.proposal), on=timezone.localdate(), by_official=True)
    _check_answer(values)
    changed_fields(step, dict(values))
    keep_step(act, step)
    ReplyLink.objects.filter(pk=standing.pk).update(answers=F("answers") + 1)
    act.fact("adoption.proposal.answered", step.proposal, {"informal": step.is_informal})
    return step


def _check_answer(values: Values) -> None:
    state, note = values.get("state") or "", str(values.get("note") or "").strip()
    if not state and not note:
        raise ValidationError({"note": _("Choose what became of the proposal, or answer in your own words.")})
    if state and state not in OF_THE_OFFICE:
        raise ValidationError({"state": _("Choose one of the answers.")})
    if state in NEEDS_OTHER and not str(values.get("other") or "").strip():
        raise ValidationError({"other": _("Say with which line, to which area or to which organisation.")})
    if state in NEEDS_WHY and not note:
        raise ValidationError({"note": _("Say in a few words why. The people of the city read it.")})
