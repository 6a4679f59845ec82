"""Files on their way: those that a city's rows show go along, and those that were added in a hall come home.

A file goes where the rows go that show it: to who may read both. Its bytes are called by their SHA-256, go once however
often they are shown, and are compared with it wherever they arrive. What cannot go is named, and the rest goes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.hall import envelope
from khlong.chain.hall.models import Hall, HallBase, HallFile
from khlong.chain.hall.telling import SILENT, Tell
from khlong.chain.hall.travel import Table, Trip, drop_dangling, fields_of, travels
from khlong.chain.models import Node
from khlong.people.policy import Verb
from khlong.record import store
from khlong.record.actions import Act, action
from khlong.record.errors import FileRefused, Refused
from khlong.record.filed import MEMBERS, Blob, File, Rendition
from khlong.record.files import (
    EVERY_KIND,
    Checked,
    bring_file,
    clean_name,
    looked_at,
    store_bytes,
    uses_files,
)
from khlong.record.limits import Limit

NAME, BLOBS, RENDITIONS = (model._meta.label_lower for model in (File, Blob, Rendition))
MOST_OUT = 200_000_000
"""Bytes of files that go to a hall; of more, the newest files go."""
MOST_HOME = 100_000_000
"""Bytes of files that one closing brings home; of more, the oldest files come."""
KEEP_DAYS = 14
"""So long a packed city waits to be taken."""
LOCKED = "application/octet-stream"
MISSING, DAMAGED, TOO_MUCH, REFUSED = "missing", "damaged", "too_much", "refused"
WORDS = {
    MISSING: _("its bytes are missing on the disk"),
    DAMAGED: _("its bytes on the disk are damaged"),
    TOO_MUCH: _("there are too many large files to go along"),
    REFUSED: _("it is not a kind of file that is kept here"),
}
DID_NOT_COME = _("The file %(name)s did not come home (%(why)s). Put it in here again.")


@dataclass(frozen=True)
class Left:
    """A file that could not go along or come home: its uuid, its name, and which of WORDS says why."""

    file: str
    name: str
    why: str

    @property
    def words(self) -> str:
        return str(WORDS[self.why])

    def plain(self) -> dict[str, str]:
        return {"file": self.file, "name": self.name, "why": self.why}


def left_of(rows: Iterable[Mapping[str, str]]) -> list[Left]:
    """Those of the kept rows that say why a file is not here."""
    return [Left(row["file"], row["name"], row["why"]) for row in rows if row["why"]]


def _seen_blobs(trip: Trip) -> Any:
    seen = trip.seen(File).values("blob")
    return Blob.objects.filter(
        Q(pk__in=seen) | Q(pk__in=Rendition.objects.filter(source__in=seen).values("blob"))
    )


travels(File)
travels(Blob, _seen_blobs)
travels(Rendition, lambda trip: Rendition.objects.filter(source__in=trip.seen(File).values("blob")))


# --- to the hall ----------------------------------------------------------------------------


class _Load:
    """Bytes gathered until there are too many; the same bytes once."""

    def __init__(self, most: int, known: dict[str, bytes | str] | None = None) -> None:
        self.most, self.size = most, 0
        self.known = {} if known is None else known
        self.parts: dict[str, bytes] = {}

    def take(self, blobs: Iterable[Blob]) -> str:
        """Take all of these bytes along, or none and say why."""
        wanted = [blob for blob in blobs if blob.pk not in self.parts]
        size = sum(blob.size for blob in wanted)
        if self.size + size > self.most:
            return TOO_MUCH
        found = {}
        for blob in wanted:
            if blob.pk not in self.known:
                self.known[blob.pk] = _bytes_of(blob.pk)
            data = self.known[blob.pk]
            if isinstance(data, str):
                return data
            found[blob.pk] = data
        self.parts |= found
        self.size += size
        return ""


def _bytes_of(digest: str) -> bytes | str:
    """The bytes of a digest, or why there are none."""
    path = store.path_of(digest)
    try:
        if not store.is_whole(path):
            return DAMAGED
        return path.read_bytes()
    except FileNotFoundError:
        return MISSING
    except OSError:
        return DAMAGED


Known = dict[str, bytes | str]
"""What was read of the disk already: bytes by their SHA-256, or why there are none."""


def take_along(
    tables: dict[str, Table], known: Known | None = None, tell: Tell = SILENT
) -> tuple[dict[str, bytes], list[Left]]:
    """Choose of the collected files those that go, with their bytes; the others leave the tables, and are named."""
    shown = _shown(tables)
    load, kept, left = _Load(MOST_OUT, known), {}, []
    blobs, pictures = tables[BLOBS].rows, _pictures(tables)
    rows = [row for key, row in tables[NAME].rows.items() if str(key) in shown]
    tell.total(len(rows) + 2)
    for row in sorted(rows, key=lambda file: file.at, reverse=True):  # type: ignore[attr-defined]
        tell.advance(note=str(row))
        digest = row.blob_id  # type: ignore[attr-defined]
        why = load.take(blobs[key] for key in (digest, *pictures.get(digest, ())))  # type: ignore[misc]
        if why:
            left.append(Left(str(row.pk), str(row), why))
        else:
            kept[row.pk] = row
    _leave_the_rest(tables, kept, load.parts)
    return load.parts, left


def _shown(tables: Mapping[str, Table]) -> set[str]:
    """The uuids of all files that some row shows."""
    found: set[str] = set()
    for table in tables.values():
        names = [item.attname for item in fields_of(table.traveller.model) if item.related_model is File]
        for row in table.rows.values():
            found |= {str(getattr(row, name)) for name in names if getattr(row, name)}
            found |= {str(one.get("file")) for name in table.traveller.lists for one in getattr(row, name)}
    return found


def _pictures(tables: Mapping[str, Table]) -> dict[str, list[str]]:
    """Digests of the pictures that were made of each, for everybody to see."""
    found: dict[str, list[str]] = {}
    for row in tables[RENDITIONS].rows.values():
        found.setdefault(row.source_id, []).append(row.blob_id)  # type: ignore[attr-defined]
    return found


def _leave_the_rest(tables: dict[str, Table], kept: Any, parts: Mapping[str, bytes]) -> None:
    sources = {row.blob_id for row in kept.values()}
    tables[NAME].rows = kept
    made = tables[RENDITIONS]
    made.rows = {key: row for key, row in made.rows.items() if row.source_id in sources}  # type: ignore[attr-defined]
    tables[BLOBS].rows = {key: row for key, row in tables[BLOBS].rows.items() if key in parts}
    drop_dangling(tables)
    here = {str(key) for key in kept}
    for table in tables.values():
        for name in table.traveller.lists:
            for row in table.rows.values():
                setattr(row, name, [one for one in getattr(row, name) if one.get("file") in here])
        for item in table.traveller.model._meta.many_to_many:
            if item.related_model is File and item.name in table.many:
                table.many[item.name] = [pair for pair in table.many[item.name] if pair[1] in here]


def lay_down(parts: Mapping[str, bytes]) -> None:
    """Put the bytes of an opened file into the folder. Raises Refused where the disk is full."""
    try:
        store.require_room(sum(len(data) for data in parts.values()))
        for digest, data in parts.items():
            store.put(digest, [data])
    except FileRefused as refused:
        raise Refused(" ".join(refused.messages)) from refused


def base_rows() -> list[HallBase]:
    """Which files came along, for the closing to know which are new."""
    keys = File.objects.values_list("pk", flat=True)
    return [HallBase(document=NAME, key=str(key), values={}) for key in keys]


# --- and home -------------------------------------------------------------------------------


def bring(changes: Any) -> tuple[list[dict[str, str]], dict[str, bytes]]:
    """The files that were added in this hall and that its changes show: what is told of each, and their bytes."""
    text = json.dumps(changes)
    old = HallBase.objects.filter(document=NAME).values("key")
    known = set(old.values_list("key", flat=True))
    load, told = _Load(MOST_HOME), []
    for file in File.objects.select_related("blob").order_by("at", "pk"):
        if str(file.pk) in known or str(file.pk) not in text:
            continue
        row = Left(str(file.pk), file.name, load.take([file.blob])).plain()
        told.append(row | {"digest": file.digest, "by": file.by})
    return told, load.parts


@dataclass(frozen=True)
class Arriving:
    """A file that came home and was looked at; its bytes are in the folder already."""

    file: File
    checked: Checked
    digests: list[str]


def look(
    hall: Hall, told: Iterable[Mapping[str, str]], parts: envelope.Parts, tell: Tell = SILENT
) -> tuple[list[Arriving], list[Left]]:
    """Look at each file that came, by its content, and put its bytes into the folder; name those that did not come.

    Nothing is written to the database yet, so that nobody waits. Raises Refused for forged files and a full disk.
    """
    came, left = [], []
    for row in told:
        tell.advance(note=row["name"])
        key, why = UUID(row["file"]), row["why"]
        standing = File.objects.filter(pk=key).first()
        if standing is not None and standing.digest != row["digest"]:
            raise Refused(envelope.DAMAGED)
        if why or standing is not None:
            left.append(Left(row["file"], row["name"], "" if standing is not None else why))
            continue
        if row["digest"] not in parts:
            raise Refused(envelope.DAMAGED)
        file = File(uuid=key, name=row["name"], space=hall.space_id, by=row["by"])
        try:
            upload = SimpleUploadedFile(row["name"], parts[row["digest"]])
            came.append(Arriving(file, *looked_at(upload, EVERY_KIND)))
        except FileRefused as refused:
            if refused.code in {"disk_full", "cannot_write"}:
                raise Refused(" ".join(refused.messages)) from refused
            left.append(Left(row["file"], row["name"], REFUSED))
    return came, left


def take_in(act: Act, came: Iterable[Arriving]) -> list[dict[str, str]]:
    """Keep the files that came, for the working group alone until something public shows them."""
    found = []
    for one in came:
        bring_file(act.actor, one.file, one.checked, one.digests)
        found.append(Left(str(one.file.pk), one.file.name, "").plain())
    return found


def keep_locked(act: Act, data: bytes, name: str, space: UUID) -> File:
    """Keep a locked file of a hall for those who work in the city; who asks was let in already."""
    file = File(name=clean_name(name), space=space, visibility=MEMBERS, by=act.actor.label)
    act.require(Verb.ADD, file)
    store.require_room(len(data))
    defaults = {"size": len(data), "media_type": LOCKED}
    file.blob, _new = Blob.objects.get_or_create(digest=store_bytes(data), defaults=defaults)
    file.save(force_insert=True)
    act.note(file, fields=["blob", "name"])
    return file


@action("chain.hall.keep", limit=Limit(60, per=timedelta(hours=1)))
def keep_closed(act: Act, data: bytes, name: str, space: Node) -> File:
    """Keep what a closed hall brings until a job has looked at it. Raises Refused and FileRefused."""
    act.require(Verb.MANAGE, Hall(space=space))
    return keep_locked(act, data, name, space.pk)


def lost_in(file: HallFile, values: Any) -> Left | None:
    """The first of the files that did not come which these values show."""
    left = left_of(file.files)
    text = json.dumps(values) if left else ""
    return next((one for one in left if one.file in text), None)


@uses_files
def files_of_halls() -> set[UUID]:
    """What came home with a hall's file, whether it is merged already or not, and packed cities of the last days."""
    rows = HallFile.objects.exclude(files=[]).values_list("files", flat=True)
    lately = Hall.objects.filter(made_at__gt=timezone.now() - timedelta(days=KEEP_DAYS)).exclude(pack=None)
    packs = set(lately.values_list("pack", flat=True))
    return {UUID(one["file"]) for files in rows for one in files} | {key for key in packs if key}
