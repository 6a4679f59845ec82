"""What people do with their own accounts stands in the audit, by field and without a value."""

from __future__ import annotations

import pytest

from khlong.people import actions
from khlong.people.models import SessionRecord, User
from khlong.record.models import AuditEntry

NEW = "ธรรมนูญสายคลอง-2566"


@pytest.fixture
def somying(db: None) -> User:
    return User.objects.create_user("somying", "สายน้ำมีชีวิต-2565")


def lines() -> list[tuple[str, str, str, list[str]]]:
    rows = AuditEntry.objects.order_by("pk")
    return [(row.action, row.actor_kind, row.actor, row.fields) for row in rows]


def test_each_change_is_one_line_with_the_names_of_its_fields_and_no_value(somying: User) -> None:
    record = SessionRecord.objects.create(user=somying, key_hash="0" * 64)
    actions.change_details(somying, display_name="สมหญิง")
    actions.change_email(somying, "s@example.org")
    actions.change_password(somying, NEW)
    actions.end_session(somying, record)
    actions.end_other_sessions(somying, None)
    assert lines() == [
        ("people.account.change", "account", "somying", ["display_name"]),
        ("people.account.email", "account", "somying", ["email"]),
        ("people.account.password", "account", "somying", ["password"]),
        ("people.session.end", "account", "somying", ["session"]),
        ("people.session.end_others", "account", "somying", ["sessions"]),
    ]
    everything = str(list(AuditEntry.objects.values()))
    assert not any(value in everything for value in ("สมหญิง", "example.org", NEW, "0" * 64))


def test_saving_without_a_change_leaves_no_trace(somying: User) -> None:
    actions.change_details(somying, display_name="")
    actions.change_email(somying, "")
    assert lines() == []
