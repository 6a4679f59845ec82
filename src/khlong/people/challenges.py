"""Questions to a browser that are answered once: kept here, and the browser's session only says which one it got."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from khlong.people.proofs import Challenge

HOLDS = timedelta(minutes=10)


def ask(request: HttpRequest, purpose: str, data: dict[str, Any], key: str = "") -> str:
    """Keep a question of this purpose for this browser, in the place of one that it has not answered; gives its key."""
    Challenge.objects.filter(made_at__lt=timezone.now() - HOLDS).delete()
    drop(request, purpose)
    made = Challenge.objects.create(key=key or secrets.token_urlsafe(32), purpose=purpose, data=data)
    request.session[_slot(purpose)] = made.key
    return made.key


def take(request: HttpRequest, purpose: str) -> dict[str, Any] | None:
    """The question that this browser was asked, which from now on is asked no more. None when there is none.

    Of two answers at the same moment the one that removes the row gets it.
    """
    key = request.session.pop(_slot(purpose), "")
    row = Challenge.objects.filter(key=key, purpose=purpose, made_at__gte=timezone.now() - HOLDS).first()
    if row is None or not Challenge.objects.filter(pk=row.pk).delete()[0]:
        return None
    found: dict[str, Any] = row.data
    return found


def drop(request: HttpRequest, purpose: str) -> None:
    Challenge.objects.filter(key=request.session.pop(_slot(purpose), "")).delete()


def _slot(purpose: str) -> str:
    return f"challenge_{purpose}"
