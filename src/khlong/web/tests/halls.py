"""Both sides of a hall in one database: the hall's life is lived within a savepoint and then undone.

Taking along, opening, writing, closing and merging are the real ones; only the file passes between the sides.
The passphrase's slow key is left out, since it is tried by a test of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.apps import apps
from django.db import connection, transaction

from khlong.chain.hall import envelope
from khlong.chain.hall.merging import Choice, Done, decide, merge_hall, receive
from khlong.chain.hall.models import Hall, HallFile
from khlong.chain.hall.packing import close, open_here, pack
from khlong.chain.hall.plan import Conflict, Plan, plan_of
from khlong.chain.hall.travel import mend_sequences
from khlong.people.actor import Actor, account_actor
from khlong.people.models import User
from khlong.places.models import City
from khlong.record.filed import Blob, File, Rendition
from khlong.record.models import SearchEntry

PASSPHRASE = "คลองตง ไหลลง ทะเลสาบ"
OF_A_CITY = (SearchEntry, File, Blob, Rendition)
Write = Callable[[Actor], Any]


@contextmanager
def quick_passphrase() -> Iterator[None]:
    """A packed city that opens at once."""

    def lock(label: envelope.Label, content: Any, _passphrase: str, parts: envelope.Parts) -> bytes:
        return label.line() + envelope._body(content, parts)

    def unlock(data: bytes, _passphrase: str) -> envelope.Opened:
        return envelope.opened(*envelope.split(data, envelope.PACKED))

    with patch.object(envelope, "lock_pack", lock), patch.object(envelope, "open_pack", unlock):
        yield


class Both:
    """A city's server, and a machine in a hall to which the city was taken."""

    def __init__(self, city: City, cast: Any) -> None:
        self.city, self.cast = city, cast
        with quick_passphrase():
            self.hall, self.packed, self.left = pack(self.owner, city.node, PASSPHRASE, name="ศาลาประชาคม")
        self.closed = b""

    @property
    def owner(self) -> Actor:
        return account_actor(User.objects.get(pk=self.cast.owner.pk))

    @contextmanager
    def in_the_hall(self) -> Iterator[Actor]:
        """The machine in the hall with the city opened, and a member at it; at the end the server is back."""
        with transaction.atomic(), quick_passphrase():
            empty()
            open_here(self.packed, PASSPHRASE)
            yield account_actor(User.objects.get(username="member"))
            connection.check_constraints()
            transaction.set_rollback(True)
        count_on()

    def meet(self, *writes: Write) -> bytes:
        """Let a member write in the hall and close it."""
        with self.in_the_hall() as member:
            for write in writes:
                write(member)
            self.closed = close().data
        return self.closed

    def receive(self) -> HallFile:
        return receive(self.owner, self.closed)

    def plan(self) -> Plan:
        return plan_of(self.receive())

    def merge(self, **more: Any) -> Done:
        return merge_hall(self.owner, self.receive(), **more)

    def decide(self, *choices: tuple[Conflict, str, str]) -> int:
        made = {conflict.id: Choice(how, conflict.seen, text) for conflict, how, text in choices}
        return decide(self.owner, self.receive(), made)


def count_on() -> None:
    """PostgreSQL does not roll numbers back: after the hall the server counts on from its own rows."""
    rooms = [config for config in apps.get_app_configs() if config.name.startswith("khlong.")]
    models = [model for room in rooms for model in room.get_models(include_auto_created=True)]
    mend_sequences(models)


def empty() -> None:
    """Empty every table, as a new machine is empty; the room of records refuses that, and stays."""
    rooms = [config for config in apps.get_app_configs() if config.name.startswith("khlong.")]
    later = (
        "PRAGMA defer_foreign_keys = ON" if connection.vendor == "sqlite" else "SET CONSTRAINTS ALL DEFERRED"
    )
    with connection.cursor() as cursor:
        cursor.execute(later)
        for model in (model for room in rooms for model in room.get_models(include_auto_created=True)):
            if model._meta.app_label != "record" or model in OF_A_CITY:
                cursor.execute(f'DELETE FROM "{model._meta.db_table}"')
    assert not Hall.objects.exists()
    assert not SearchEntry.objects.exists()
