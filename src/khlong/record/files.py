"""Files that people give: looked at by content, kept by content, shown through the policy.

    file = keep_file(actor, request.FILES["photo"], space=city.pk, kinds=IMAGES)

The bytes are on the disk before the row is; a row without its bytes cannot come to be, and bytes without a row
are swept later. A room that uses files says which with `@uses_files`; what nobody uses is swept after a grace.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import BinaryIO, cast
from uuid import UUID

from django.conf import settings
from django.core.files.base import File as Upload
from django.utils.functional import Promise
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_lazy as _

from khlong.people import policy
from khlong.people.actor import Actor
from khlong.people.policy import Verb
from khlong.record import pictures, sniff, store
from khlong.record.actions import Act, action
from khlong.record.errors import FileRefused, Refused
from khlong.record.filed import MEMBERS, PUBLIC, WIDTHS, Blob, File, Rendition
from khlong.record.limits import Limit

__all__ = [
    "DATA",
    "DOCUMENTS",
    "IMAGES",
    "MEMBERS",
    "PUBLIC",
    "SOUNDS",
    "WIDTHS",
    "File",
    "FileRefused",
    "keep_file",
    "open_file",
    "show_file",
    "uses_files",
]
IMAGES = frozenset({sniff.JPEG, sniff.PNG, sniff.WEBP})
DOCUMENTS = frozenset({sniff.PDF, sniff.DOCX, sniff.XLSX})
DATA = frozenset({sniff.GEOJSON, sniff.CSV, sniff.TEXT})
SOUNDS = frozenset({sniff.WEBM, sniff.OGG, sniff.MP3, sniff.M4A})
EVERY_KIND = IMAGES | DOCUMENTS | DATA | SOUNDS
FAMILIES = {"image": IMAGES, "document": DOCUMENTS, "data": DATA, "sound": SOUNDS}
NAMES: dict[str, str | Promise] = {
    sniff.JPEG: _("JPEG picture"),
    sniff.PNG: _("PNG picture"),
    sniff.WEBP: _("WebP picture"),
    sniff.PDF: _("PDF document"),
    sniff.DOCX: _("Word document (DOCX)"),
    sniff.XLSX: _("Excel workbook (XLSX)"),
    sniff.GEOJSON: _("map data file (GeoJSON)"),
    sniff.CSV: _("table as text (CSV)"),
    sniff.TEXT: _("text file"),
    sniff.WEBM: _("sound recording (WebM)"),
    sniff.OGG: _("sound recording (Ogg)"),
    sniff.MP3: _("sound recording (MP3)"),
    sniff.M4A: _("sound recording (M4A)"),
}
MEGABYTE = 1024 * 1024
LONGEST_NAME = 150
_HIDDEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")

Users = Callable[[], Iterable[UUID]]
_users: list[Users] = []


def uses_files(users: Users) -> Users:
    """Register which files a room uses: a function that gives the uuids of all of them, or a query for them."""
    _users.append(users)
    return users


def used_files() -> set[UUID]:
    """All files that some room uses."""
    return {key for users in _users for key in users()}


def accept(kinds: frozenset[str]) -> str:
    """The `accept` attribute of a file input for these kinds."""
    return ",".join([*sorted(kinds), *sorted(f".{end}" for kind in kinds for end in sniff.ENDINGS[kind])])


def limit_of(kind: str) -> int:
    """The largest size of a file of a media type, in bytes."""
    family = next(name for name, kinds in FAMILIES.items() if kind in kinds)
    return int(settings.FILES_LIMITS[family])


def largest(kinds: frozenset[str]) -> int:
    """The largest size that any of the kinds may have, in bytes."""
    return max(limit_of(kind) for kind in kinds)


def clean_name(name: str) -> str:
    """A name as it may be shown and kept: its last part, without what nobody sees, not too long."""
    last = PurePosixPath(unicodedata.normalize("NFC", _HIDDEN.sub("", name)).replace("\\", "/")).name.strip()
    stem, dot, ending = last.rpartition(".")
    if len(last) > LONGEST_NAME:
        last = f"{stem[: LONGEST_NAME - 12]}{dot}{ending[:11]}" if dot else last[:LONGEST_NAME]
    return last if last.strip(". ") else "file"


def ending_of(name: str) -> str:
    """What stands behind the last dot, in small letters."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def download_name(file: File) -> str:
    """A name whose last ending is that of the content, whatever the name as typed ends with."""
    endings = sniff.ENDINGS.get(file.media_type, (ending_of(file.name),))
    return file.name if ending_of(file.name) in endings else f"{get_valid_filename(file.name)}.{endings[0]}"


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: its type, digest, size, and for a picture what was made of it."""

    media_type: str
    digest: str
    size: int
    name: str
    picture: pictures.Looked | None


def check(upload: Upload[bytes], kinds: frozenset[str]) -> Checked:
    """Look at all of a file. Raises FileRefused with words and the mend; nothing has been written then."""
    name, file = clean_name(upload.name or ""), _bytes_of(upload)
    size = file.seek(0, 2)
    if size == 0:
        raise FileRefused("empty")
    if size > largest(kinds):
        raise FileRefused("too_large", {"most": largest(kinds) // MEGABYTE})
    kind = sniff.sniff(file, ending_of(name))
    _require_kind(kind, ending_of(name), kinds)
    if size > limit_of(kind):
        raise FileRefused("too_large", {"most": limit_of(kind) // MEGABYTE})
    looked = pictures.look(file, kind, settings.FILES_MOST_PIXELS) if kind in IMAGES else None
    return Checked(kind, store.digest_of(file), size, name, looked)


def _bytes_of(upload: Upload[bytes]) -> BinaryIO:
    return cast(BinaryIO, upload.file if upload.file is not None else upload)


def _require_kind(kind: str, ending: str, kinds: frozenset[str]) -> None:
    """Refuse what is not asked for here, and a name that says something else. Pictures are called anything."""
    says = sniff.TYPES.get(ending)
    forged = says is not None and says != kind and not {says, kind} <= IMAGES and not {says, kind} <= DATA
    if forged:
        raise FileRefused("not_what_it_says", {"says": ending, "kind": NAMES[kind]})
    if kind not in kinds:
        wanted = ", ".join(str(NAMES[one]) for one in sorted(kinds, key=list(NAMES).index))
        raise FileRefused("not_here", {"kind": NAMES[kind], "kinds": wanted})


def keep_file(
    who: Act | Actor,
    upload: Upload[bytes],
    *,
    space: UUID | None,
    visibility: str = MEMBERS,
    kinds: frozenset[str] = IMAGES,
) -> File:
    """Keep an uploaded file and, of a picture, those for the public. Raises Refused and FileRefused.

    The looking and the writing go on before the transaction, so that nobody waits for them.
    """
    actor = who.actor if isinstance(who, Act) else who
    unsaved = File(name="", space=space, visibility=visibility, by=actor.label)
    if not (actor.is_system or policy.can(actor, Verb.ADD, unsaved)):
        raise Refused(_("Only the working group of this city may put files here."))
    checked, digests = looked_at(upload, kinds)
    unsaved.name = checked.name
    return _keep(actor, unsaved, checked, digests)


def looked_at(upload: Upload[bytes], kinds: frozenset[str]) -> tuple[Checked, list[str]]:
    """Look at a file and put its bytes, and of a picture those made of it, into the folder; no row is written.

    Gives what was found, and the digests of the pictures made. Raises FileRefused.
    """
    checked = check(upload, kinds)
    made = checked.picture.made if checked.picture else []
    store.require_room(checked.size + sum(len(picture.data) for picture in made))
    store.put(checked.digest, store.pieces(_bytes_of(upload)))
    return checked, [store_bytes(picture.data) for picture in made]


def store_bytes(data: bytes) -> str:
    """Put some bytes into the folder and give their digest."""
    import io

    digest = store.digest_of(io.BytesIO(data))
    store.put(digest, [data])
    return digest


@action("record.file.keep", limit=Limit(300, per=timedelta(hours=1)))
def _keep(act: Act, file: File, checked: Checked, digests: list[str]) -> File:
    return _write(act, file, checked, digests)


@action("record.file.bring")
def bring_file(act: Act, file: File, checked: Checked, digests: list[str]) -> File:
    """Keep a file that was kept on another machine, under the uuid that it has there, after `looked_at`."""
    return _write(act, file, checked, digests)


def _write(act: Act, file: File, checked: Checked, digests: list[str]) -> File:
    act.require(Verb.ADD, file)
    picture = checked.picture
    defaults = {"size": checked.size, "media_type": checked.media_type}
    if picture:
        defaults |= {"width": picture.width, "height": picture.height}
    blob, _new = Blob.objects.get_or_create(digest=checked.digest, defaults=defaults)
    for made, digest in zip(picture.made if picture else [], digests, strict=True):
        values = {"size": len(made.data), "media_type": sniff.JPEG}
        values |= {"width": made.width, "height": made.height}
        smaller, _new = Blob.objects.get_or_create(digest=digest, defaults=values)
        Rendition.objects.get_or_create(source=blob, width=made.for_width, defaults={"blob": smaller})
    file.blob = blob
    file.save(force_insert=True)
    act.note(file, fields=["blob", "name", "visibility"])
    return file


@action("record.file.show")
def show_file(act: Act, file: File, visibility: str) -> None:
    """Let everybody see a file, or the working group only."""
    act.require(Verb.CHANGE, file)
    if file.visibility == visibility:
        act.nothing()
        return
    file.visibility = visibility
    file.save(update_fields=["visibility"])
    act.note(file, fields=["visibility"])


def open_file(file: File) -> BinaryIO:
    """The bytes as they were given. FileNotFoundError where the disk has lost them."""
    return store.path_of(file.digest).open("rb")
