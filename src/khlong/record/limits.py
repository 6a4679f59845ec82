"""How often somebody may do the same: counted in the database, so that all processes see it."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.record.errors import TooMany
from khlong.record.queue_models import ActionUse

View = Callable[..., HttpResponse]
LONGEST = timedelta(days=1)
address: ContextVar[str] = ContextVar("where a request comes from", default="")
"""The address of the request at hand; set by the middleware, empty on the command line."""


@dataclass(frozen=True)
class Limit:
    """At most `most` times within `per`, counted from the first of them."""

    most: int
    per: timedelta

    def __post_init__(self) -> None:
        if self.most < 1 or not timedelta() < self.per <= LONGEST:
            raise ValueError("a limit is at least 1 within at most a day")


DOCUMENTS = Limit(120, per=timedelta(minutes=10))
EDITS = Limit(1200, per=timedelta(hours=1))
"""What nobody reaches by hand, for actions that write a text."""


def who(actor: Actor) -> str:
    """Whom a limit counts: the account, else the link or token, else the address."""
    if actor.user is not None:
        return f"account {actor.user.pk}"
    if actor.link or actor.label:
        return f"{actor.kind} {actor.link or actor.label}"
    return f"address {address.get()}"


def _key(name: str, actor: Actor) -> str:
    return salted_hmac("khlong.record.limits", f"{name} {who(actor)}", algorithm="sha256").hexdigest()


def check(name: str, limit: Limit, actor: Actor) -> None:
    """Raises TooMany, which names when to try again, where `take` would. The programme itself has no limit."""
    if actor.is_system:
        return
    now = timezone.now()
    full = ActionUse.objects.filter(key=_key(name, actor), began__gt=now - limit.per, used__gte=limit.most)
    standing = full.first()
    if standing is not None:
        raise too_many(standing.began + limit.per, now)


def take(name: str, limit: Limit, actor: Actor) -> None:
    """Count one use of `name` in the caller's transaction. Raises TooMany, as `check`.

    Of two at once the database lets one count after the other.
    """
    if actor.is_system:
        return
    key, now = _key(name, actor), timezone.now()
    mine = ActionUse.objects.filter(key=key, began__gt=now - limit.per)
    if mine.filter(used__lt=limit.most).update(used=F("used") + 1):
        return
    check(name, limit, actor)
    ActionUse.objects.bulk_create(
        [ActionUse(key=key, began=now)],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["began", "used"],
    )


def too_many(again_at: datetime, now: datetime) -> TooMany:
    """The refusal, in words that say when to come back."""
    local = timezone.localtime(again_at)
    words = _("You did this very often in a short time. Try again at %(time)s.")
    if local.date() != timezone.localtime(now).date():
        words = _("You did this very often in a short time. Try again tomorrow at %(time)s.")
    return TooMany(words % {"time": f"{local:%H:%M}"}, again_at)


def for_the_public(name: str, limit: Limit) -> Callable[[View], View]:
    """Bound how often one address may ask for a page that costs much, such as a document, without an account."""

    def wrap(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = actor_of(request)
            if not actor.signed_in:
                take(name, limit, actor)
            return view(request, *args, **kwargs)

        return run

    return wrap


def clean(now: datetime) -> int:
    """Forget counts that no limit asks for any more; how many."""
    return ActionUse.objects.filter(began__lt=now - LONGEST).delete()[0]
