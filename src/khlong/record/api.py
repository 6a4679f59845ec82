"""What every part of the API shares: pages of a list, what a refusal looks like, who asks.

The API is versioned in its address (`/api/v1/`). It reads through the same policies as the pages do: a reader
without a session or a token gets what is public, and nothing else is named, not even as missing. It is written to with
a token only, never with a session, so that no other page can make a browser write; by the same actions as the pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from ninja import Field, Query, Schema
from ninja.security import HttpBearer
from pydantic import ConfigDict, model_validator

from khlong.people.actor import Actor, ActorKind
from khlong.people.middleware import actor_of

M = TypeVar("M", bound=Model)
PER_PAGE, MOST_PER_PAGE, LAST_PAGE = 50, 200, 10_000


class Problem(Schema):
    """Why a question was not answered."""

    detail: str = Field(description="in the reader's language, for a person")


class Fault(Schema):
    """One thing in a question that cannot be understood."""

    place: list[str] = Field(description="where it stands, such as query, page")
    message: str


class Faults(Schema):
    """All that cannot be understood in a question."""

    detail: list[Fault]


class Conflict(Problem):
    """Somebody else saved first."""

    revision: int = Field(description="the number that stands now, to be sent as base with the next attempt")


def example(sent: dict[str, Any]) -> ConfigDict:
    """What is sent, as the description and the page for people show it; a test sends it."""
    return ConfigDict(json_schema_extra={"examples": [sent]})


class Sent(Schema):
    """What is sent to be written. A name that is not known here is a fault, so that nothing is lost in silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def readable(cls, sent: Any) -> Any:
        """No database keeps half a letter or the letter NUL."""
        values = sent.values() if isinstance(sent, dict) else ()
        for text in (value for value in values if isinstance(value, str)):
            if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
                raise ValueError("a letter in the text cannot be read")
        return sent


class Token(HttpBearer):
    """A token of somebody's account page, as `Authorization: Bearer khlong_…`."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        actor = actor_of(request)
        return actor if actor.kind is ActorKind.TOKEN else None


TOKEN = Token()


class Paging(Schema):
    """Which page of a list is asked for."""

    page: Annotated[int, Field(ge=1, le=LAST_PAGE, description="from 1")] = 1
    per_page: Annotated[int, Field(ge=1, le=MOST_PER_PAGE)] = PER_PAGE

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page


Asked = Annotated[Paging, Query()]
ANSWERS: dict[int, Any] = {414: None, 422: Faults}
"""414 is the server's own answer to an address that is too long; it has no words of ours."""
ONE_OR_NONE: dict[int, Any] = {404: Problem, 414: None, 422: Faults}
WRITES: dict[int, Any] = {
    400: Problem,
    401: Problem,
    403: Problem,
    404: Problem,
    409: Conflict,
    414: None,
    422: Faults,
    429: Problem,
}
"""How something that was to be written may be answered, besides that it is."""


class Paged(Schema):
    """What every page of a list says of itself; `total` counts what the reader may see on all pages."""

    total: int
    page: int
    per_page: int


def page_of(rows: QuerySet[M], asked: Paging, plain: Callable[[M], Any]) -> dict[str, Any]:
    """One page of an ordered list; two queries. A page after the last is empty."""
    items = rows[asked.offset : asked.offset + asked.per_page]
    return envelope(map(plain, items), rows.count(), asked)


def envelope(items: Iterable[Any], total: int, asked: Paging) -> dict[str, Any]:
    """A page as it is sent."""
    return {"items": list(items), "total": total, "page": asked.page, "per_page": asked.per_page}


def reader(request: HttpRequest) -> Actor:
    """Who asks: a session, a token, or the public."""
    return actor_of(request)


def writer(request: HttpRequest) -> Actor:
    """Whose token was sent; the operation must have been declared with `auth=TOKEN`."""
    actor = actor_of(request)
    if actor.kind is not ActorKind.TOKEN:
        raise TypeError("only a token writes through the API")
    return actor


def found(row: M | None, what: str) -> M:
    """The row, or the answer that there is nothing of this name for this reader."""
    if row is None:
        raise Http404(what)
    return row
