"""Who is told, in the same transaction, of a change to an account: the audit, which lies downstream of this room."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from khlong.people.models import User

Witness = Callable[[str, User, Iterable[str]], None]
_witnesses: list[Witness] = []


def witness(function: Witness) -> Witness:
    """Register a witness; it gets the name of the change, the account and the names of the fields."""
    _witnesses.append(function)
    return function


def tell(name: str, user: User, fields: Iterable[str]) -> None:
    for function in _witnesses:
        function(name, user, fields)
