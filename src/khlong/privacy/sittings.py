"""A scribe writes for somebody: the sitting begins with consent, is seen on every page, and ends by itself.

In a hall, at a bedside or on a boat somebody says it and a member of the working group types it. Who said it stands in
no row: the consent of a sitting holds place, day and witness, not the name, and what is written goes under a
pseudonym that the person takes home on paper with the number of the consent, by which she can take it back.

While it lasts the scribe's actor is of the kind SCRIBE with `on_behalf_of`; later rooms need not know of sittings.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from khlong.people.actor import Actor, Role, scribe_actor
from khlong.people.middleware import provide_actor
from khlong.people.policy import Verb
from khlong.people.pseudonyms import pseudonym_of
from khlong.privacy.models import Consent
from khlong.record.actions import Act, action

HELD = "sitting"
SECONDS = 2 * 3600
"""A sitting ends by itself after two hours."""


@dataclass(frozen=True)
class Sitting:
    """What the session holds: nothing of the person but her pseudonym and the number of her consent."""

    space: UUID
    pseudonym: str
    receipt: str
    site: str
    until: int

    @property
    def minutes_left(self) -> int:
        return max(0, (self.until - int(time.time())) // 60)


def may_sit(actor: Actor, space: UUID) -> bool:
    """Members and owners of a city write for somebody there."""
    return actor.holds(space, Role.OWNER, Role.MEMBER)


@action("privacy.sitting.begin")
def begin_sitting(act: Act, consent: Consent) -> str:
    """The pseudonym of the person who has just agreed. Raises Refused."""
    act.require(Verb.ADD, consent)
    act.note(consent, fields=["sitting"])
    return pseudonym_of(consent.subject, consent.subject.space or UUID(int=0))


def receipt_of(consent: Consent) -> str:
    """The number on the paper that the person takes home: eight letters of the consent's id."""
    return consent.pk.hex[:8].upper()


def hold(request: HttpRequest, consent: Consent, pseudonym: str) -> None:
    """Let the session be a sitting from now on."""
    assert consent.subject.space is not None
    until = int(time.time()) + SECONDS
    request.session[HELD] = [str(consent.subject.space), pseudonym, receipt_of(consent), consent.site, until]


def current(request: HttpRequest) -> Sitting | None:
    """The sitting of this session; forgotten when its time is over."""
    found = request.session.get(HELD)
    if not found:
        return None
    space, pseudonym, receipt, site, until = found
    if until <= time.time():
        end(request)
        return None
    return Sitting(UUID(space), pseudonym, receipt, site, until)


def end(request: HttpRequest) -> None:
    request.session.pop(HELD, None)


@provide_actor
def scribe_of(request: HttpRequest, actor: Actor) -> Actor | None:
    """The account that is signed in, while a sitting lasts, as a scribe. A session that was signed out holds none."""
    if actor.user is None or HELD not in request.session:
        return None
    sitting = current(request)
    return scribe_actor(actor.user, sitting.pseudonym) if sitting else None
