"""What a hall takes along and brings home of the network: who works in the city, organisations, working groups,
meetings and what is written of them.

Of accounts those go along that have a role in the city, with the hash of their password so that they can sign
in, and without their e-mail addresses. Roles, accounts and invitations of the hall stay there.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from khlong.chain.hall.documents import RowDocument, ThingDocument, register, stays_in_the_hall
from khlong.chain.hall.travel import travels
from khlong.network import actions, hall_work, work
from khlong.network.models import Meeting, Membership, Organisation, Part, WorkGroup
from khlong.people.models import User

travels(
    User,
    lambda trip: User.objects.filter(is_active=True, memberships__space=trip.space),
    instead={"email": "", "is_steward": False},
)
travels(Membership, lambda trip: Membership.objects.filter(space=trip.space, user__is_active=True))
travels(Part)
for _model, _rows in hall_work.TRAVELLERS.items():
    travels(_model, _rows)

register(ThingDocument(Organisation, actions.save_organisation, order=40))
register(RowDocument(Part, actions.save_part, order=41, whole="organisation"))
register(ThingDocument(WorkGroup, work.save_work_group, order=42))
register(ThingDocument(Meeting, actions.save_meeting, order=45))
for _document in hall_work.documents():
    register(_document)
for _action in ("network.membership.give", "network.membership.take", "network.invitation.accept"):
    stays_in_the_hall(
        _action,
        _(
            "Roles and accounts of the hall stay there. Invite here those who are to go on working in the city."
        ),
    )
stays_in_the_hall(
    "network.acting.make",
    _("Links for acting that were made in the hall stay there. Make new ones here."),
)
