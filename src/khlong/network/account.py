"""What somebody reads of her roles on her account page."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from khlong.network.forms import ROLE_NAMES
from khlong.network.models import Membership
from khlong.people.models import User
from khlong.people.panels import Line, Panel, on_account


@on_account
def roles(user: User) -> Iterable[Panel]:
    """Where she works, and as what; one query."""
    rows = Membership.objects.filter(user=user).select_related("space").order_by("space__sort_key")
    words = _("%(city)s: %(role)s")
    lines = [
        Line(words % {"city": row.space.title, "role": ROLE_NAMES[row.role]}, row.space.get_absolute_url())
        for row in rows
    ]
    yield Panel(_("Where you work"), tuple(lines))
