from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from khlong.people.middleware import actor_of


def actor(request: HttpRequest) -> dict[str, Any]:
    """`actor` in every template."""
    return {"actor": actor_of(request)}
