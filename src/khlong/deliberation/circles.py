"""Whom a round goes to, and the links by which they come in without an account."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.deliberation.models import Circle
from khlong.network.links import digest_of, new_token
from khlong.people.policy import Verb
from khlong.record.actions import Act, action, changed_fields
from khlong.record.errors import Refused
from khlong.record.limits import EDITS

MOST = 200


@action("deliberation.circle.save", limit=EDITS)
def save_circle(act: Act, circle: Circle, values: dict[str, Any]) -> Circle:
    """Add a circle to a round or change it. Raises Refused, ValidationError by field."""
    act.require(Verb.CHANGE, circle)
    new = circle._state.adding
    if new and circle.round.circles.count() >= MOST:
        raise Refused(_("A round goes to 200 circles at most. Put some of them together."))
    changed = changed_fields(circle, values)
    if not changed:
        act.nothing()
        return circle
    _check(circle)
    circle.save(force_insert=new)
    act.note(circle, fields=changed)
    return circle


def _check(circle: Circle) -> None:
    circle.full_clean(exclude=["round"])
    if circle.group is not None and circle.group.city_id != circle.round.plan.city_id:
        raise ValidationError({"group": _("This group belongs to another city.")})
    named = [circle.group, circle.organisation, circle.work_group]
    if sum(one is not None for one in named) > 1:
        raise ValidationError(_("A circle is one of the three: a group, an organisation or a working group."))


@action("deliberation.circle.link", limit=EDITS)
def make_link(act: Act, circle: Circle) -> str:
    """A new link for a circle; gives its token, which nobody can read again. An older link stops to work."""
    act.require(Verb.CHANGE, circle)
    token, circle.digest = new_token()
    circle.withdrawn_on, circle.bound_to = None, ""
    circle.save(update_fields=["digest", "withdrawn_on", "bound_to"])
    act.note(circle, fields=["digest"])
    return token


@action("deliberation.circle.withdraw")
def withdraw_link(act: Act, circle: Circle) -> Circle:
    """Make the link of a circle worthless; what came by it stays."""
    act.require(Verb.CHANGE, circle)
    if circle.digest is None or circle.withdrawn_on is not None:
        act.nothing()
        return circle
    circle.withdrawn_on = timezone.localdate()
    circle.save(update_fields=["withdrawn_on"])
    act.note(circle, fields=["withdrawn_on"])
    return circle


def by_digest(digest: str) -> Circle | None:
    """The circle whose link has this SHA-256, also when it is withdrawn."""
    rows = Circle.objects.select_related("round__node__space", "round__plan__city", "round__version")
    return rows.filter(digest=digest).first() if digest else None


def why_not(circle: Circle, browser: str = "") -> object | None:
    """Why the link of a circle does not let its holder speak now, in words; None when it does.

    `browser` is what this browser holds, for links that are tied to one.
    """
    if circle.withdrawn_on is not None:
        return _(
            "This link was withdrawn. Ask the working group for a new one if you think that was a mistake."
        )
    if circle.bound_to and circle.bound_to != digest_of(browser):
        return _(
            "This link was made for one person, and she has begun to use it in another browser. "
            "You can read here; ask the working group for a link of your own to speak."
        )
    return None


def bind(circle: Circle, browser: str) -> None:
    """Tie a link that is for one person to the browser that speaks first. Raises Refused for a second one."""
    if not circle.binds:
        return
    Circle.objects.filter(pk=circle.pk, bound_to="").update(bound_to=digest_of(browser))
    circle.refresh_from_db(fields=["bound_to"])
    if (why := why_not(circle, browser)) is not None:
        raise Refused(why)
