"""What an account keeps and contributed in all cities: told to its owner alone, and taken back by her.

Contributions stand under a pseudonym, another one in each city. Nothing here hangs on what a city keeps of the person
under a consent, because the owners of that city read it: through it they would learn who bears the pseudonym. For the
same reason taking back is done and noted under the pseudonym, and neither a page nor the file names it.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from khlong.people import spaces
from khlong.people.actor import account_actor
from khlong.people.models import Subject, User
from khlong.people.policy import Verb
from khlong.people.pseudonyms import contributing, identity_of, let_go, of_account
from khlong.privacy import registries
from khlong.privacy.queries import own_subjects
from khlong.privacy.registries import Kept
from khlong.record.actions import Act, action
from khlong.record.errors import Refused


@action("privacy.account.hand_over")
def hand_over_all(act: Act, user: User) -> list[Kept]:
    """Everything that is kept of an account in all cities, for herself only; that it was given is noted."""
    act.require(Verb.VIEW, Subject(account=user))
    if act.actor.user != user:
        raise Refused
    act.note(user, fields=["handed over"])
    return everything(user)


def everything(user: User) -> list[Kept]:
    """The account, what each city keeps under a consent, and what stands under her pseudonyms."""
    actor = account_actor(user)
    names = {space: str(one.name) for space, one in spaces.seen(actor).items()}
    found = registries.account_rows(user)
    for subject in own_subjects(actor):
        rows = registries.kept_of(subject)
        found += [_in(names, subject.space, row) for row in rows]
    for space, pseudonym in of_account(user):
        found += [_in(names, space, row) for row in _told(space, pseudonym)]
    return found


def told_in(user: User, space: UUID | None) -> list[Kept]:
    """What an account contributed in one city, for herself only."""
    return [row for city, pseudonym in of_account(user) if city == space for row in _told(city, pseudonym)]


def _told(space: UUID, pseudonym: str) -> list[Kept]:
    return [row for kind in registries.contributed() for row in kind.tell(space, pseudonym)]


def _in(names: dict[UUID, str], space: UUID | None, row: Kept) -> Kept:
    city = names.get(space, "") if space else ""
    return row._replace(values=((_("city"), city), *row.values)) if city else row


def take_back(user: User, space: UUID | None = None) -> int:
    """Take back what an account contributed in a city, or in all; gives how many things.

    The way to the pseudonym is cut: whatever bears it still is nobody's, and who contributes again gets another one.
    """
    actor, taken = account_actor(user), 0
    with transaction.atomic():
        for city, _name in of_account(user):
            if space in (None, city):
                known = contributing(actor, city)
                taken += sum(kind.take_back(known, city) for kind in registries.contributed())
                let_go(identity_of(user), city)
    return taken
