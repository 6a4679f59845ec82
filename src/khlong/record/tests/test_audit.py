"""The audit is only ever added to: in Python and in the database."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from khlong.people.policy import Verb, can, scope
from khlong.record.models import AuditEntry


@pytest.fixture
def line(db: None) -> AuditEntry:
    return AuditEntry.objects.create(
        actor_kind="system", actor="test", action="a.b.c", model="x.Y", object_id="1"
    )


def test_an_entry_is_never_changed_in_python(line: AuditEntry) -> None:
    line.actor = "somebody else"
    for entry in (line, AuditEntry.objects.get()):
        with pytest.raises(TypeError, match="never changed"):
            entry.save()


def test_an_entry_is_never_deleted_in_python(line: AuditEntry) -> None:
    with pytest.raises(TypeError, match="never deleted"):
        line.delete()


CHANGES = [
    lambda: AuditEntry.objects.update(actor="nobody"),
    lambda: AuditEntry.objects.all().delete(),
    lambda: AuditEntry.objects.bulk_update([_renamed()], ["actor"]),
    lambda: connection.cursor().execute("UPDATE record_auditentry SET actor = 'nobody'"),
    lambda: connection.cursor().execute("UPDATE record_auditentry SET at = at WHERE 1 = 1"),
    lambda: connection.cursor().execute("DELETE FROM record_auditentry"),
]


def _renamed() -> AuditEntry:
    line = AuditEntry.objects.get()
    line.actor = "nobody"
    return line


@pytest.mark.parametrize(
    "change", CHANGES, ids=["update", "delete", "bulk update", "SQL UPDATE", "idle UPDATE", "SQL DELETE"]
)
def test_the_database_itself_refuses_to_change_or_delete_an_entry(line: AuditEntry, change: Any) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change()
    assert AuditEntry.objects.get().actor == "test"


def test_an_entry_without_a_reference_is_named_by_its_object(line: AuditEntry) -> None:
    assert str(line) == "a.b.c 1 by test"


def test_the_newest_entries_come_first(line: AuditEntry) -> None:
    second = AuditEntry.objects.create(
        actor_kind="anonymous", action="d.e.f", model="x.Y", object_id="2", ref="D-PTG-0001"
    )
    assert list(AuditEntry.objects.all()) == [second, line]
    assert str(second) == "d.e.f D-PTG-0001 by anonymous"


def test_those_who_write_in_a_city_read_its_audit_and_nobody_changes_it(cast: Any, city: Any) -> None:
    entry = AuditEntry.objects.filter(space=city.pk).first()
    assert entry is not None
    readers = {name for name, actor in cast.actors.items() if can(actor, Verb.VIEW, entry)}
    assert readers == {"owner", "member", "steward", "system"}
    assert not any(can(actor, Verb.CHANGE, entry) for actor in cast.actors.values())
    assert not any(
        scope(actor, AuditEntry.objects.all(), Verb.CHANGE).exists() for actor in cast.actors.values()
    )


def test_what_belongs_to_no_space_is_read_by_stewards_only(cast: Any, line: AuditEntry) -> None:
    assert {name for name, actor in cast.actors.items() if can(actor, Verb.VIEW, line)} == {
        "steward",
        "system",
    }
