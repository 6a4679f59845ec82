"""Who works in a city: seen by those who do, given and taken by its owners."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khlong.network import actions
from khlong.network.forms import ROLE_NAMES, RoleForm
from khlong.network.models import Invitation, LinkState, Membership, Recovery
from khlong.people.actor import Role
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.places.models import City
from khlong.places.views.cities import city_or_404
from khlong.record.errors import Refused

INVITATIONS = 50
"""How many are listed; older ones are in the audit."""


def members(request: HttpRequest, slug: str) -> HttpResponse:
    """The roles in a city, and the form that gives one."""
    city = city_or_404(request, slug)
    _require(request, city, Verb.VIEW)
    if request.method != "POST":
        return _page(request, city, RoleForm())
    _require(request, city, Verb.MANAGE)
    form = RoleForm(request.POST)
    if form.is_valid() and _gave(request, city, form):
        return redirect("network:members", slug=slug)
    return _page(request, city, form, status=422)


def _require(request: HttpRequest, city: City, verb: Verb) -> None:
    actor = actor_of(request)
    if not can(actor, verb, Membership(space=city.node)):
        words = _(
            "Only those who work in this city see who has a role in it, and only its owners change that."
        )
        raise Refused(words if actor.signed_in else None)


def _gave(request: HttpRequest, city: City, form: RoleForm) -> bool:
    user, role = form.cleaned_data["person"], Role(form.cleaned_data["role"])
    try:
        actions.give_role(actor_of(request), city.node, user, role)
    except Refused as refused:
        form.add_error(None, str(refused.reason))
        return False
    words = {"person": user, "role": ROLE_NAMES[role.value]}
    messages.success(request, _("%(person)s has the role: %(role)s.") % words)
    return True


@require_POST
def take_member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """End a role. The last owner cannot go."""
    city = city_or_404(request, slug)
    _require(request, city, Verb.MANAGE)
    membership = get_object_or_404(_memberships(request, city), pk=pk)
    try:
        actions.take_role(actor_of(request), membership)
    except Refused as refused:
        return _page(request, city, RoleForm(), status=422, refusal=str(refused.reason))
    messages.success(request, _("%(person)s has no role here any more.") % {"person": membership.user})
    gone = membership.user == actor_of(request).user
    return redirect("places:city" if gone else "network:members", slug=slug)


@require_POST
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Lay down one's own role. The last owner is told what to do first."""
    city, actor = city_or_404(request, slug), actor_of(request)
    rows = scope(actor, Membership.objects.filter(space=city.node), Verb.USE)
    membership = get_object_or_404(rows.select_related("space"), user=actor.user)
    try:
        actions.leave_space(actor, membership)
    except Refused as refused:
        if not can(actor, Verb.VIEW, membership):
            raise
        return _page(request, city, RoleForm(), status=422, refusal=str(refused.reason))
    messages.success(request, _("You have no role in %(city)s any more.") % {"city": city.name})
    return redirect("people:account")


UNUSED = timedelta(days=183)
"""Half a year: whoever did not sign in for so long is pointed out to the owners."""


def _is_unused(row: Membership) -> bool:
    """Whether the account has not signed in for half a year, nor got its role since then."""
    before = timezone.now() - UNUSED
    seen = row.user.last_login
    return row.since < before.date() and (seen is None or seen < before)


def _memberships(request: HttpRequest, city: City) -> QuerySet[Membership]:
    rows = Membership.objects.filter(space=city.node).select_related("user", "space")
    return scope(actor_of(request), rows)


def _invitations(request: HttpRequest, city: City) -> list[tuple[Invitation, Any, bool]]:
    """The newest invitations with the names of their roles, and whether they wait to be used."""
    rows = Invitation.objects.filter(space=city.node).select_related("made_by", "used_by")
    found = scope(actor_of(request), rows)[:INVITATIONS]
    return [(row, ROLE_NAMES[row.role], row.state is LinkState.WAITING) for row in found]


def _recoveries(request: HttpRequest, city: City) -> list[Recovery]:
    rows = Recovery.objects.filter(space=city.node).select_related("made_by", "person")
    return list(scope(actor_of(request), rows)[:INVITATIONS])


def _page(
    request: HttpRequest, city: City, form: RoleForm, *, status: int = 200, refusal: str = ""
) -> HttpResponse:
    order = list(ROLE_NAMES)
    rows = sorted(_memberships(request, city), key=lambda row: (order.index(row.role), row.user.name_key))
    may_manage = can(actor_of(request), Verb.MANAGE, Membership(space=city.node))
    context: dict[str, Any] = {
        "city": city,
        "rows": [(row, ROLE_NAMES[row.role], may_manage and _is_unused(row)) for row in rows],
        "own": next((row for row in rows if row.user == actor_of(request).user), None),
        "form": form,
        "refusal": refusal,
        "may_manage": may_manage,
        "recoveries": _recoveries(request, city) if may_manage else [],
        "invitations": _invitations(request, city) if may_manage else [],
        "is_example": city.node.is_example,
    }
    return render(request, "network/members.html", context, status=status)
