"""Keeping what was rendered until something changes anywhere.

A page of facts costs much more to render than to send, and most readers read the same words. What is kept is
named by the reader's language and rights and by the number of actions done so far, so that one action
anywhere makes all of it new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from khlong.people.actor import Actor, ActorKind
from khlong.people.middleware import actor_of
from khlong.record.models import Stamp
from khlong.ui.text import no_break_html

SECONDS = 24 * 3600


def stamp(request: HttpRequest) -> int:
    """The number of actions done, asked for once per request."""
    number: int | None = getattr(request, "_stamp", None)
    if number is None:
        number = Stamp.objects.values_list("number", flat=True).filter(pk=1).first() or 0
        remember_stamp(request, number)
    return number


def remember_stamp(request: HttpRequest, number: int) -> None:
    """Keep the number for this request, for who has asked for it together with something else."""
    request._stamp = number  # type: ignore[attr-defined]


def rights(actor: Actor) -> str:
    """A name for what an actor may see and do; all readers without a role share one."""
    if actor.is_steward:
        return "steward"
    names = [f"{grant.space.hex}{grant.role}" for grant in actor.grants]
    if (bounds := actor.bounds) is not None and actor.kind is ActorKind.LINK:
        may = [*bounds.actions, *(["reads"] if bounds.reads else [])]
        names += [f"{space.hex}link {name}" for space in bounds.spaces or () for name in may]
    return ",".join(sorted(names)) or "public"


def kept(request: HttpRequest, name: str, render: Callable[[], str]) -> SafeString:
    """What `render` gives, from the cache where it still holds.

    `name` tells apart everything else that the words depend on. Never keep what belongs to one session:
    a form's token, a message, a person's own name.
    """
    words = "\n".join((name, get_language() or "", rights(actor_of(request)), str(stamp(request))))
    key = f"kept:{hashlib.sha256(words.encode()).hexdigest()}"
    text = cache.get(key)
    if text is None:
        text = str(no_break_html(render()))
        cache.set(key, text, SECONDS)
    return SafeString(text)
