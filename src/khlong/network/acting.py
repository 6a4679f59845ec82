"""Links that let somebody act without an account: a few actions, in one space, once or until a day.

A later room says which of its actions a link may allow (`offer`). Whoever opens the link holds it in her session after
one redirection; a page asks before anything is begun, since messengers open links to look at them. Each action done
with it is counted in the action's own transaction, so that of two last uses one is refused. Who contributes with a
link does so as `person_of(request)`, somebody without a name.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Node
from khlong.network.links import digest_of, new_token
from khlong.network.models import ActingLink, LinkState
from khlong.people import keys
from khlong.people.actor import Actor, ActorKind, Bounds, bound_link_actor
from khlong.people.middleware import provide_actor
from khlong.people.models import Subject
from khlong.people.policy import Verb
from khlong.record.actions import Act, action, finish
from khlong.record.errors import Refused

HELD, BROWSER, PERSON = "acting_link", "acting_browser", "acting_person"
MOST_DAYS = 366
_offered: dict[str, object] = {}

NO_LONGER = {
    LinkState.USED: _("This link has been used as often as it may be. Ask for a new one."),
    LinkState.EXPIRED: _("This link has expired. Ask for a new one."),
    LinkState.WITHDRAWN: _("This link was withdrawn. Ask for a new one if you think that was a mistake."),
}
ELSEWHERE = _("This link works only in the browser that opened it first. Ask for one of your own.")


def offer(name: str, title: object) -> None:
    """Let links allow the action `name`; the title says what it is in plain words. Called when a room is loaded."""
    _offered[name] = title


def offered() -> dict[str, object]:
    return dict(_offered)


@action("network.acting.make")
def make_acting_link(
    act: Act,
    space: Node,
    name: str,
    actions: list[str],
    *,
    days: int = 7,
    most_uses: int | None = 1,
    binds: bool = False,
) -> tuple[ActingLink, str]:
    """Make a link; gives it with its token, which nobody can read again. Raises Refused."""
    token, digest = new_token()
    made = ActingLink(space=space, digest=digest, name=name.strip(), made_by=act.actor.user, binds=binds)
    act.require(Verb.MANAGE, made)
    if not actions or set(actions) - _offered.keys():
        raise Refused(_("A link cannot allow this."))
    if not 1 <= days <= MOST_DAYS or (most_uses is not None and most_uses < 1):
        raise Refused(_("A link holds from 1 to 366 days, and for one use at least."))
    made.actions, made.most_uses = sorted(actions), most_uses
    made.expires_at = timezone.now() + timedelta(days=days)
    made.save()
    act.note(made, fields=["actions", "expires_at", "most_uses"], ref=space.ref)
    return made, token


@action("network.acting.withdraw")
def withdraw_acting_link(act: Act, link: ActingLink) -> ActingLink:
    """Make a link worthless, also for those who hold it."""
    standing = ActingLink.objects.select_for_update(of=("self",)).select_related("space").get(pk=link.pk)
    act.require(Verb.MANAGE, standing)
    if standing.withdrawn_at is not None:
        act.nothing()
        return standing
    standing.withdrawn_at = timezone.now()
    standing.save(update_fields=["withdrawn_at"])
    act.note(standing, fields=["withdrawn_at"], ref=standing.space.ref)
    return standing


def refusal_of(link: ActingLink, browser: str) -> object:
    """Why a link does nothing in this browser, or None."""
    if link.state is not LinkState.WAITING:
        return NO_LONGER[link.state]
    return ELSEWHERE if link.bound_to and link.bound_to != digest_of(browser) else None


def begin(request: HttpRequest, link: ActingLink) -> None:
    """Hold the link in this session from now on. Raises Refused; of two first browsers the second is refused."""
    browser = request.session.setdefault(BROWSER, secrets.token_urlsafe(18))
    if link.binds:
        ActingLink.objects.filter(pk=link.pk, bound_to="").update(bound_to=digest_of(browser))
        link.refresh_from_db(fields=["bound_to"])
    if (why := refusal_of(link, browser)) is not None:
        raise Refused(why)
    request.session[HELD] = link.digest


def person_of(request: HttpRequest) -> Subject:
    """Who acts with a link in this session, without a name: for `people.pseudonyms.contributing`."""
    known = request.session.get(PERSON)
    standing = Subject.objects.filter(pk=UUID(known), destroyed_on=None).first() if known else None
    if standing is None:
        standing = keys.new_subject()
        request.session[PERSON] = str(standing.pk)
    return standing


@provide_actor
def link_held(request: HttpRequest, actor: Actor) -> Actor | None:
    """Somebody without an account who holds a link that works in this browser."""
    if actor.signed_in or HELD not in request.session:
        return None
    link = ActingLink.objects.filter(digest=request.session[HELD]).first()
    if link is None or refusal_of(link, request.session.get(BROWSER, "")) is not None:
        return None
    return bound_link_actor(
        str(link.digest), link.label, Bounds(frozenset([link.space_id]), actions=frozenset(link.actions))
    )


@finish
def count_use(act: Act) -> None:
    """One more use, in the transaction of the action. Raises Refused when the link no longer holds."""
    if act.actor.kind is not ActorKind.LINK or act.actor.bounds is None:
        return
    link = ActingLink.objects.select_for_update().get(digest=act.actor.link)
    if link.state is not LinkState.WAITING:
        raise Refused(NO_LONGER[link.state])
    link.uses += 1
    if link.most_uses is not None and link.uses >= link.most_uses:
        link.used_at = timezone.now()
    link.save(update_fields=["uses", "used_at"])
