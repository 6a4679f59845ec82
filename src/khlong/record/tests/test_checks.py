"""A database that would put Thai names out of order is refused before anything is migrated."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock, patch

import pytest
from django.core.checks import run_checks

from khlong.record.checks import knows_thai_letters, sorts_by_code_point


def a_server_that_sorts_by(collation: str) -> MagicMock:
    connection = MagicMock(vendor="postgresql")
    connection.cursor.return_value.__enter__.return_value.fetchone.return_value = (collation,)
    return connection


@pytest.mark.parametrize(
    ("collation", "refused"),
    [("C", False), ("C.UTF-8", False), ("POSIX", False), ("th_TH.UTF-8", True), ("en_US.utf8", True)],
)
def test_a_locale_of_its_own_is_refused_with_the_line_that_mends_it(collation: str, refused: bool) -> None:
    with patch("khlong.record.checks.connections", {"default": a_server_that_sorts_by(collation)}):
        found = sorts_by_code_point(None, databases=["default"])
    assert bool(found) is refused
    if refused:
        assert collation in str(found[0].msg)
        assert "CREATE DATABASE" in str(found[0].hint)


def test_the_database_of_this_run_passes(db: Any) -> None:
    assert [m for m in run_checks(databases=["default"]) if m.id == "record.E001"] == []


def asked(check: Any, *answers: tuple[Any, ...] | None) -> list[Any]:
    connection = MagicMock(vendor="postgresql")
    connection.cursor.return_value.__enter__.return_value.fetchone.side_effect = answers
    with patch("khlong.record.checks.connections", {"default": connection}):
        return list(check(None, databases=["default"]))


@pytest.mark.parametrize(("encoding", "refused"), [("SQL_ASCII", True), ("LATIN1", True), ("UTF8", False)])
def test_a_database_to_which_thai_is_no_letters_is_refused(encoding: str, refused: bool) -> None:
    found = asked(knows_thai_letters, (encoding,))
    assert [(m.id, encoding in m.msg, "ENCODING 'UTF8'" in m.hint) for m in found] == (
        [("record.E002", True, True)] if refused else []
    )


def test_a_database_that_is_no_postgresql_is_not_asked() -> None:
    with patch("khlong.record.checks.connections", {"default": MagicMock(vendor="sqlite")}):
        for check in (sorts_by_code_point, knows_thai_letters):
            assert check(None, databases=["default"]) == []


def test_the_search_has_what_it_needs_in_the_database_of_this_run(db: Any) -> None:
    assert [m.id for m in run_checks(databases=["default"]) if (m.id or "").startswith("record.")] == []
