"""Files that come in with a form: kept at once, so that a form which is refused keeps them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.functional import Promise

from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope
from khlong.record.errors import FileRefused
from khlong.record.filed import File
from khlong.record.files import keep_file
from khlong.record.uploads import let_go


@dataclass
class Taken:
    """One file of a form: what stands in it now, and why what was chosen did not come in."""

    name: str
    label: str | Promise
    file: File | None = None
    refused: list[str] = field(default_factory=list)

    @property
    def thumb(self) -> str:
        return self.file.url_of(400) if self.file is not None and self.file.is_picture else ""

    @property
    def size(self) -> tuple[int, int]:
        return self.file.shown_size(400) if self.file is not None else (0, 0)


@dataclass(frozen=True)
class Wanted:
    """A field of a form for one file of some kinds."""

    name: str
    label: str | Promise
    kinds: frozenset[str]


def standing(row: Any, wanted: Iterable[Wanted]) -> dict[str, Taken]:
    """The files that a row holds now."""
    return {one.name: Taken(one.name, one.label, getattr(row, one.name)) for one in wanted}


def take(
    request: HttpRequest, actor: Actor, space: UUID | None, row: Any, wanted: Collection[Wanted]
) -> dict[str, Taken]:
    """The files of a form that was sent: a new one, the one kept before, or none any more."""
    found = standing(row, wanted)
    for one in wanted:
        made = found[one.name]
        if request.POST.get(f"{one.name}-gone"):
            made.file = None
        elif (kept := request.POST.get(f"{one.name}-kept", "")) and (
            made.file is None or str(made.file.pk) != kept
        ):
            made.file = _own(actor, space, kept) or made.file
        _upload(request, actor, space, one, made)
    return found


def _own(actor: Actor, space: UUID | None, key: str) -> File | None:
    try:
        pk = UUID(key)
    except ValueError:
        return None
    rows = scope(actor, File.objects.select_related("blob"), Verb.CHANGE)
    return rows.filter(pk=pk, space=space).first()


def _upload(request: HttpRequest, actor: Actor, space: UUID | None, one: Wanted, made: Taken) -> None:
    if refused := let_go(request, one.name):
        made.refused += refused.messages
    upload: Any = request.FILES.get(one.name)
    if upload is None:
        return
    try:
        made.file = keep_file(actor, upload, space=space, kinds=one.kinds)
    except FileRefused as error:
        made.refused += error.messages
