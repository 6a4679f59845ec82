"""Names of the cities, which lie in a later room: it tells them here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from khlong.people.actor import Actor, system_actor


class Space(NamedTuple):
    """A city: the uuid of its node, its name as it is shown, its address, whether what it holds is an example."""

    uuid: UUID
    name: Any
    url: str = ""
    is_example: bool = False


Provider = Callable[[Actor], Iterable[Space]]
_providers: list[Provider] = []


def provide_spaces(provider: Provider) -> Provider:
    """Register where cities come from."""
    _providers.append(provider)
    return provider


def seen(actor: Actor) -> dict[UUID, Space]:
    """The cities that somebody sees, in their order."""
    return {space.uuid: space for provider in _providers for space in provider(actor)}


def known(space: UUID) -> bool:
    """Whether there is such a city."""
    return space in seen(system_actor("privacy"))
