from __future__ import annotations

from collections.abc import Iterable

from khlong.network.models import Membership
from khlong.people.actor import Grant, Role, provide_roles
from khlong.people.models import User


@provide_roles
def roles_by_membership(user: User) -> Iterable[Grant]:
    """Roles in cities and programmes, in one query."""
    rows = Membership.objects.filter(user=user).order_by().values_list("space_id", "role")
    return [Grant(space, Role(role)) for space, role in rows]
