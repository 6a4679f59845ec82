"""Links that let somebody act without an account: a few actions, in one space, once or until a day.

A room says which of its actions a link may allow (`offer`; `network.offers` does so for rooms upstream). One offer
is no action: READ, a look at what the city has not published. Whoever opens the link holds it in her session after
one redirection; a page asks before anything is begun, since messengers open links to look at them. Each action done
with it is counted in the action's own transaction, so that of two last uses one is refused. Who contributes with a
link does so as `person_of(request)`, somebody without a name.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Node
from khlong.network.invitations import INVITER_GONE, still_invites
from khlong.network.links import digest_of, new_token
from khlong.network.models import ActingLink, LinkState
from khlong.people import keys
from khlong.people.actor import Actor, ActorKind, Bounds, bound_link_actor
from khlong.people.middleware import provide_actor
from khlong.people.models import Subject
from khlong.people.policy import Verb
from khlong.record.actions import Act, action, finish
from khlong.record.errors import Refused
from khlong.record.limits import Limit

HELD, BROWSER, PERSON = "acting_link", "acting_browser", "acting_person"
READ = "read"
MOST_DAYS, MOST_WAITING = 366, 100


@dataclass(frozen=True)
class Offer:
    """What a link may allow: in plain words, with what it leaves out, and for how many days at most."""

    title: object
    note: object = ""
    most_days: int = MOST_DAYS


_offered: dict[str, Offer] = {}

NO_LONGER = {
    LinkState.USED: _("This link has been used as often as it may be. Ask for a new one."),
    LinkState.EXPIRED: _("This link has expired. Ask for a new one."),
    LinkState.WITHDRAWN: _("This link was withdrawn. Ask for a new one if you think that was a mistake."),
}
READS_UNTIL_ITS_DAY = _(
    "Reading is not counted: such a link holds until its day. Tie it to the first browser."
)
ELSEWHERE = _("This link works only in the browser that opened it first. Ask for one of your own.")


def offer(name: str, title: object, note: object = "", *, most_days: int = MOST_DAYS) -> None:
    """Let links allow the action `name`; the title says what it is in plain words. Called when a room is loaded."""
    _offered[name] = Offer(title, note, most_days)


def offered() -> dict[str, Offer]:
    return dict(_offered)


def titles(link: ActingLink) -> list[object]:
    """What a link allows, in words."""
    return [_offered[name].title for name in link.actions if name in _offered]


def longest(actions: Iterable[str]) -> int:
    """For how many days a link holds at most that allows these."""
    return min((_offered[name].most_days for name in actions if name in _offered), default=MOST_DAYS)


@action("network.acting.make", limit=Limit(120, per=timedelta(hours=1)))
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
    """Make a link; gives it with its token, which nobody can read again. Raises Refused.

    Reading is not counted, so a link that allows nothing else holds until its day.
    """
    token, digest = new_token()
    made = ActingLink(space=space, digest=digest, name=name.strip(), made_by=act.actor.user, binds=binds)
    act.require(Verb.MANAGE, made)
    if not actions or set(actions) - _offered.keys():
        raise Refused(_("A link cannot allow this."))
    if not 1 <= days <= longest(actions) or (most_uses is not None and most_uses < 1):
        words = _("Such a link holds from 1 to %(days)s days, and for one use at least.")
        raise Refused(words % {"days": longest(actions)})
    if set(actions) == {READ} and most_uses is not None:
        raise Refused(READS_UNTIL_ITS_DAY)
    if waiting(space).count() >= MOST_WAITING:
        raise Refused(_("Too many links are waiting. Withdraw those that are no longer needed."))
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


def waiting(space: Node) -> QuerySet[ActingLink]:
    """The links of a space that could be used now."""
    rows = ActingLink.objects.filter(space=space, used_at=None, withdrawn_at=None)
    return rows.filter(expires_at__gt=timezone.now())


def dead(link: ActingLink) -> object:
    """Why a link holds nowhere, or None: its time or number is over, or who made it might not make it any more."""
    if link.state is not LinkState.WAITING:
        return NO_LONGER[link.state]
    return None if still_invites(link) else INVITER_GONE


def refusal_of(link: ActingLink, browser: str) -> object:
    """Why a link does nothing in this browser, or None."""
    if (why := dead(link)) is not None:
        return why
    return ELSEWHERE if link.bound_to and link.bound_to != digest_of(browser) else None


def begin(request: HttpRequest, link: ActingLink) -> None:
    """Hold the link in this session from now on. Raises Refused; of two first browsers the second is refused."""
    browser = request.session.setdefault(BROWSER, secrets.token_urlsafe(18))
    if link.binds:
        ActingLink.objects.filter(pk=link.pk, bound_to="").update(bound_to=digest_of(browser))
        link.refresh_from_db(fields=["bound_to"])
    if (why := refusal_of(link, browser)) is not None:
        raise Refused(why)
    if link.actions == [READ] and request.session.get(HELD) != link.digest:
        ActingLink.objects.filter(pk=link.pk).update(uses=F("uses") + 1)
    request.session[HELD] = link.digest


def end(request: HttpRequest) -> None:
    """Let go of the link; who it was as a person in this session is forgotten with it."""
    request.session.pop(HELD, None)
    request.session.pop(PERSON, None)


def held_link(request: HttpRequest) -> ActingLink | None:
    """The link that this session holds, whether it still works or not; asked for once per request."""
    known: ActingLink | None = getattr(request, "_acting_link", None)
    digest = getattr(request, "session", {}).get(HELD)
    if known is None and digest:
        known = ActingLink.objects.select_related("space", "made_by").filter(digest=digest).first()
        request._acting_link = known  # type: ignore[attr-defined]
    return known


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
    request._acting_link = None  # type: ignore[attr-defined]
    link = held_link(request)
    if link is None or refusal_of(link, request.session.get(BROWSER, "")) is not None:
        return None
    actions = frozenset(link.actions)
    bounds = Bounds(frozenset([link.space_id]), actions=actions - {READ}, reads=READ in actions)
    return bound_link_actor(str(link.digest), link.label, bounds)


@finish
def count_use(act: Act) -> None:
    """One more use, in the transaction of the action. Raises Refused when the link no longer holds."""
    if act.actor.kind is not ActorKind.LINK or act.actor.bounds is None:
        return
    rows = ActingLink.objects.select_for_update(of=("self",)).select_related("space", "made_by")
    link = rows.get(digest=act.actor.link)
    if (why := dead(link)) is not None:
        raise Refused(why)
    link.uses += 1
    if link.most_uses is not None and link.uses >= link.most_uses:
        link.used_at = timezone.now()
    link.save(update_fields=["uses", "used_at"])
