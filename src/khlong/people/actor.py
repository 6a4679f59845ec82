"""Who acts. Every action takes an Actor; a person, a link, a token, a scribe or the system itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from khlong.people.models import User


class ActorKind(StrEnum):
    """How somebody came to act."""

    ANONYMOUS = "anonymous"
    ACCOUNT = "account"
    LINK = "link"
    TOKEN = "token"
    SCRIBE = "scribe"
    SYSTEM = "system"


class Role(StrEnum):
    """What somebody may be in a city or in a programme, strongest first.

    An owner gives and takes roles, a member of the working group writes, an observer reads what is not
    published yet (a facilitator of another region, an evaluator).
    """

    OWNER = "owner"
    MEMBER = "member"
    OBSERVER = "observer"


class Grant(NamedTuple):
    """One role in one space; the space is the uuid of a city's or a programme's node."""

    space: UUID
    role: Role


@dataclass(frozen=True)
class Bounds:
    """What somebody may do who comes with a token or a link.

    A token makes the rights of its account smaller: to these spaces (None: all of them), and to reading where it
    does not write. A link gives what nobody else has: these actions in these spaces, with `reads` also a look at
    what is not published there, and nothing besides.
    """

    spaces: frozenset[UUID] | None = None
    writes: bool = False
    actions: frozenset[str] = frozenset()
    reads: bool = False

    def holds_in(self, space: UUID | None) -> bool:
        return self.spaces is None or space in self.spaces

    def of(self, grants: Iterable[Grant]) -> Iterable[Grant]:
        """The roles that are left: of a token that only reads, an observer's."""
        kept = (grant for grant in grants if self.holds_in(grant.space))
        return kept if self.writes else (Grant(grant.space, Role.OBSERVER) for grant in kept)


RoleProvider = Callable[["User"], Iterable[Grant]]
_providers: list[RoleProvider] = []


def provide_roles(provider: RoleProvider) -> RoleProvider:
    """Register where roles come from; a downstream room calls this when it is loaded."""
    _providers.append(provider)
    return provider


@dataclass(frozen=True)
class Actor:
    """Somebody who acts, with what they may do.

    `user` is None for everything but an account and a scribe. `label` is what an audit line shows: a user
    name, never a real name. `on_behalf_of` is the pseudonym of the person whom a scribe writes for. `link` is
    the SHA-256 of the token of a link that the actor holds, whatever kind of actor it is. `contributes` says that
    the label is a pseudonym, behind which nobody may be found (`people.pseudonyms.contributing`). `bounds` is what a
    token or a link leaves of the rights.
    """

    kind: ActorKind
    label: str = ""
    user: User | None = field(default=None, compare=False)
    on_behalf_of: str = ""
    link: str = field(default="", repr=False)
    contributes: bool = False
    bounds: Bounds | None = None

    @cached_property
    def grants(self) -> frozenset[Grant]:
        """All roles in all spaces; asked for once per actor."""
        if self.user is None or not self.user.is_active:
            return frozenset()
        found = (grant for provider in _providers for grant in provider(self.user))
        return frozenset(self.bounds.of(found) if self.bounds else found)

    def but(self, **changes: Any) -> Actor:
        """The same actor with these fields otherwise; also of the actor of a request, which is looked up late."""
        return replace(self, **changes)

    @property
    def is_system(self) -> bool:
        return self.kind is ActorKind.SYSTEM

    @property
    def is_steward(self) -> bool:
        """A steward keeps the whole installation: facts of no city, accounts, the programme."""
        bound = self.bounds is not None
        return self.user is not None and self.user.is_active and self.user.is_steward and not bound

    @property
    def account(self) -> User:
        """The account, where nobody without one comes. Raises TypeError."""
        if self.user is None:
            raise TypeError("nobody is signed in")
        return self.user

    @property
    def signed_in(self) -> bool:
        return self.user is not None

    def holds(self, space: UUID | None, *roles: Role) -> bool:
        """Whether the actor has one of the roles in a space."""
        return space is not None and any(Grant(space, role) in self.grants for role in roles)

    @property
    def read_by_link(self) -> frozenset[UUID]:
        """The spaces whose unpublished things a link lets the actor read; who works there it does not tell."""
        bound = self.bounds
        reads = self.kind is ActorKind.LINK and bound is not None and bound.reads
        return (bound.spaces or frozenset()) if reads and bound else frozenset()

    def spaces(self, *roles: Role) -> frozenset[UUID]:
        """The spaces in which the actor has one of the roles."""
        return frozenset(grant.space for grant in self.grants if grant.role in roles)


ANONYMOUS = Actor(ActorKind.ANONYMOUS)


def system_actor(label: str) -> Actor:
    """The programme acting by itself: a loader, a migration, a job. `label` names which."""
    return Actor(ActorKind.SYSTEM, label=label)


def account_actor(user: User) -> Actor:
    """A person signed in with an account."""
    return Actor(ActorKind.ACCOUNT, label=user.username, user=user)


def token_actor(user: User, bounds: Bounds) -> Actor:
    """A programme that somebody lets act for her, within bounds. A token is never a steward's whole power."""
    return Actor(ActorKind.TOKEN, label=user.username, user=user, bounds=bounds)


def bound_link_actor(digest: str, label: str, bounds: Bounds) -> Actor:
    """Somebody without an account who holds a link that lets her do a few things."""
    return Actor(ActorKind.LINK, label=label, link=digest, bounds=bounds)


def scribe_actor(user: User, pseudonym: str) -> Actor:
    """Somebody who writes for a person, whom only a pseudonym names."""
    return Actor(ActorKind.SCRIBE, label=user.username, user=user, on_behalf_of=pseudonym)


def link_actor(actor: Actor, digest: str, label: str) -> Actor:
    """Somebody who opened a link: the account that is signed in, or else the link itself, called `label`."""
    if actor.signed_in:
        return Actor(actor.kind, actor.label, actor.user, actor.on_behalf_of, link=digest)
    return Actor(ActorKind.LINK, label=label, link=digest)
