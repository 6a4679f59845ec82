"""A database that would put Thai names out of order is refused before anything is migrated."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock, patch

import pytest
from django.core.checks import run_checks

from khlong.record.checks import sorts_by_code_point


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
