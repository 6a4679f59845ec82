"""What a link may allow of the rooms upstream, and the bar over every page of who holds one."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khlong.network import acting
from khlong.network.models import ActingLink
from khlong.people.actor import ActorKind
from khlong.people.middleware import actor_of
from khlong.ui.nav import Bar, bar

SAVE_FACT = "places.fact.save"

acting.offer(
    acting.READ,
    gettext_lazy("read what the city has not published yet"),
    gettext_lazy("Facts, plans and files. Not who works here, and not minutes that are not approved."),
    most_days=92,
)
acting.offer(
    SAVE_FACT,
    gettext_lazy("correct and add facts of the city"),
    gettext_lazy("From sources that are known here. The history shows the number of the link, never a name."),
    most_days=31,
)


@bar
def link_bar(request: HttpRequest) -> Bar | None:
    """Over every page as long as the session holds a link, also one that does not work any more."""
    if acting.HELD not in getattr(request, "session", {}) or actor_of(request).signed_in:
        return None
    link = acting.held_link(request)
    if link is None:
        return None
    where, button = reverse("network:acting_held"), _("See and end it")
    if actor_of(request).kind is not ActorKind.LINK:
        return Bar(_("Your link does not work any more"), "", where, button)
    title = _("You read with a link") if link.actions == [acting.READ] else _("You work with a link")
    return Bar(title, _words(link), where, button)


def _words(link: ActingLink) -> str:
    may = " · ".join(str(title) for title in acting.titles(link))
    return f"{link.space.title} · {may}"
