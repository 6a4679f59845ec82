"""What of this room stands on the account page, and the bar over every page while somebody writes for another."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from khlong.people import spaces
from khlong.people.actor import Role, account_actor
from khlong.people.models import User
from khlong.people.panels import Line, Panel, on_account
from khlong.privacy import sittings
from khlong.ui.nav import Bar, bar


@on_account
def own_data(user: User) -> Iterable[Panel]:
    """The way to one's own data and, for those who keep data of others, to theirs."""
    actor = account_actor(user)
    lines = [Line(_("See what is kept of you, agree, or take it back"), reverse("privacy:mine"))]
    owns, writes = actor.spaces(Role.OWNER), actor.spaces(Role.OWNER, Role.MEMBER)
    seen = spaces.seen(actor).values() if writes else ()
    for space in seen:
        if space.uuid in owns:
            words = _("Personal data kept by %(city)s") % {"city": space.name}
            lines.append(Line(words, reverse("privacy:city", args=[space.uuid])))
        if space.uuid in writes:
            words = _("Write for somebody in %(city)s") % {"city": space.name}
            lines.append(Line(words, reverse("privacy:begin_sitting", args=[space.uuid])))
            words = _("Write down a consent in %(city)s") % {"city": space.name}
            lines.append(Line(words, reverse("privacy:note_consent", args=[space.uuid])))
    if actor.is_steward:
        lines.append(Line(_("Words of consent for all cities"), reverse("privacy:house_words")))
    if owns or actor.is_steward:
        lines.append(Line(_("Breaches"), reverse("privacy:breaches")))
        lines.append(Line(_("How long it is kept"), reverse("privacy:retention")))
        lines.append(Line(_("Register of processing"), reverse("privacy:processing")))
    yield Panel(_("Personal data"), tuple(lines))


@bar
def sitting_bar(request: HttpRequest) -> Bar | None:
    """Over every page while a sitting lasts."""
    if sittings.HELD not in getattr(request, "session", {}) or (found := sittings.current(request)) is None:
        return None
    words = _("%(pseudonym)s · ends by itself in %(minutes)s minutes")
    told = words % {"pseudonym": found.pseudonym, "minutes": found.minutes_left}
    return Bar(_("You write for somebody"), told, reverse("privacy:sitting"), _("See and end it"))
