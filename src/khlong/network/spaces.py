"""In which city, or in the programme, somebody may add a thing."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from khlong.chain.models import Kind, Node
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, scope

SPACES = (Kind.PROGRAMME, Kind.CITY)


def writable_spaces(actor: Actor) -> list[Node]:
    """The programme and the cities for which the actor writes; for a steward the programme alone.

    One query, and none for somebody who is not signed in.
    """
    if not actor.signed_in:
        return []
    kinds = [Kind.PROGRAMME] if actor.is_steward else list(SPACES)
    return list(scope(actor, Node.objects.filter(kind__in=kinds), Verb.CHANGE).order_by("-kind", "sort_key"))


def asked_space(request: HttpRequest) -> Node:
    """The space that `?space=` names, or the programme; Http404 where the reader sees none."""
    rows = scope(actor_of(request), Node.objects.filter(kind__in=SPACES)).select_related("space")
    ref = request.GET.get("space", "")
    rows = rows.filter(ref=ref) if ref else rows.filter(kind=Kind.PROGRAMME)
    found = rows.order_by("ref").first()
    if found is None:
        raise Http404
    return found
