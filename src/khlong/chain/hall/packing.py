"""Taking a city along: packing it on its server, opening it on a machine, and closing the hall there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.chain.actions import place_code
from khlong.chain.hall import envelope, files
from khlong.chain.hall.documents import Document, documents, staying
from khlong.chain.hall.envelope import Label
from khlong.chain.hall.models import Hall, HallBase
from khlong.chain.hall.telling import SILENT, Tell
from khlong.chain.hall.travel import Trip, collect, plain_tables, schema, unpack
from khlong.chain.models import Kind, Node, RefCounter, ThingRevision
from khlong.chain.search import reindex
from khlong.people.actor import Actor
from khlong.people.policy import Verb, can
from khlong.record.actions import Act, action
from khlong.record.errors import Refused
from khlong.record.files import open_file
from khlong.record.models import AuditEntry, Contribution

UUID_LETTERS = 36
NUMBERS = 200
"""References of each kind that a hall may give by itself, so that they stay as they were written on paper."""
SHORTEST = 12
"""Letters of a passphrase: the file holds what is not public, and may be lost on the way."""

SHORT_PASSPHRASE = _("The passphrase is too short: take at least 12 letters, such as four words.")
ONLY_CITIES = _("Only a city is taken to a hall.")
IS_A_HALL = _("This machine is a hall itself. Pack the city on its own server.")
NO_HALL = _("This machine is no hall: no city was opened here. Start with  ./khlong hall open FILE")
NOT_EMPTY = _(
    "There is something in this Khlong already. A city is opened in an empty folder only: "
    "choose another one with  KHLONG_VAR=~/hall"
)
NO_PACK = _("The packed city is not here any more: it waits for 14 days. Pack the city again.")
NEWER = _("The file comes from a newer Khlong than this one. Update this one first.")


class Packed(NamedTuple):
    """A packed city: its hall, the locked file, and the files that stay at home."""

    hall: Hall
    data: bytes
    left: list[files.Left]


class Gathered(NamedTuple):
    """All that goes to a hall, before it is locked."""

    hall: Hall
    content: dict[str, Any]
    parts: dict[str, bytes]
    left: list[files.Left]


def pack(actor: Actor, space: Node, passphrase: str, *, name: str = "", tell: Tell = SILENT) -> Packed:
    """Pack a city for a hall, with the files that its rows show, and lock it with a passphrase. Raises Refused."""
    require_may_pack(actor, space)
    require_passphrase(passphrase)
    hall, content, parts, left = gather(actor, space, name=name, known=read_files(space, tell))
    tell.advance(2)
    return Packed(hall, envelope.lock_pack(_label(hall, envelope.PACKED), content, passphrase, parts), left)


def require_may_pack(actor: Actor, space: Node) -> None:
    """Refuse before the work rather than after it."""
    if space.kind != Kind.CITY:
        raise Refused(ONLY_CITIES)
    if not (actor.is_system or can(actor, Verb.MANAGE, Hall(space=space))):
        raise Refused
    if is_hall():
        raise Refused(IS_A_HALL)


def require_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that somebody could guess."""
    if len(passphrase.strip()) < SHORTEST:
        raise Refused(SHORT_PASSPHRASE)


def read_files(space: Node, tell: Tell) -> files.Known:
    """Read all files that would go along, before the transaction, so that nobody waits for the disk."""
    known: files.Known = {}
    files.take_along(collect(Trip(space)), known, tell)
    return known


@action("chain.hall.pack")
def gather(act: Act, space: Node, *, name: str, known: files.Known, wait: bool = False) -> Gathered:
    """Gather what goes along to a new hall of the city; with `wait` it waits here, locked, until somebody takes it.

    The hall gets a block of each kind's reference numbers, which this server then never gives. Raises Refused.
    """
    number = (Hall.objects.filter(space=space).aggregate(most=Max("number"))["most"] or 0) + 1
    secret = envelope.new_secret()
    made = Hall(space=space, number=number, name=name.strip(), secret=secret, made_by=act.actor.label)
    act.require(Verb.MANAGE, made)
    require_may_pack(act.actor, space)
    made.full_clean(exclude=["space", "made_by"])
    made.save(force_insert=True)
    counters = reserve(space)
    tables = collect(Trip(space))
    parts, left = files.take_along(tables, known)
    content = {
        "hall": _plain_hall(made),
        "schema": schema(),
        "counters": counters,
        "tables": plain_tables(tables),
    }
    if wait:
        locked = envelope.lock_at_home(_label(made, envelope.PACKED), content, secret, parts)
        made.pack = files.keep_locked(act, locked, f"{space.ref}-{number}.hall", space.pk)
        made.left = [one.plain() for one in left]
        made.save(update_fields=["pack", "left"])
    act.note(made, fields=["number"], ref=space.ref, space=space.pk)
    return Gathered(made, content, parts, left)


@action("chain.hall.take")
def take(act: Act, hall: Hall, passphrase: str) -> bytes:
    """The packed city that waits here, locked with a passphrase. Raises Refused."""
    act.require(Verb.MANAGE, hall)
    require_passphrase(passphrase)
    if hall.pack is None:
        raise Refused(NO_PACK)
    try:
        with open_file(hall.pack) as stream:
            data = stream.read()
    except OSError as error:
        raise Refused(NO_PACK) from error
    act.note(hall, fields=["pack"], ref=hall.space.ref, space=hall.space_id)
    return envelope.relock(data, hall.secret, passphrase)


def _label(hall: Hall, what: str) -> Label:
    return Label(what, envelope.FORMAT, hall.pk)


def _plain_hall(hall: Hall) -> dict[str, Any]:
    return {
        "id": str(hall.pk),
        "space": hall.space.ref,
        "space_id": str(hall.space_id),
        "number": hall.number,
        "name": hall.name,
        "secret": hall.secret,
        "made_at": hall.made_at.isoformat(),
        "made_by": hall.made_by,
    }


def reserve(space: Node) -> dict[str, int]:
    """Keep the next numbers of each kind for a hall; gives the last number before each block."""
    found = {}
    for prefix in (f"{kind.value}-{place_code(space)}" for kind in Kind):
        RefCounter.objects.get_or_create(prefix=prefix)
        RefCounter.objects.filter(prefix=prefix).update(last=F("last") + NUMBERS)
        found[prefix] = RefCounter.objects.get(prefix=prefix).last - NUMBERS
    return found


# --- on the machine in the hall -------------------------------------------------------------


def is_hall() -> bool:
    """Whether this machine is one in a hall."""
    return Hall.objects.filter(here=True).exists()


@transaction.atomic
def open_here(data: bytes, passphrase: str) -> Hall:
    """Fill this empty Khlong with a packed city. Raises Refused, and then nothing was written."""
    if Node.objects.exists():
        raise Refused(NOT_EMPTY)
    found = envelope.open_pack(data, passphrase)
    content = found.content
    require_known(content["schema"])
    files.lay_down(found.parts)
    unpack(content["tables"])
    RefCounter.objects.bulk_create(
        RefCounter(prefix=key, last=last) for key, last in content["counters"].items()
    )
    made = _hall_of(content["hall"])
    made.here, made.opened_at, made.audit_from = True, timezone.now(), _last_audit()
    made.save(force_insert=True)
    keep_base(made)
    reindex()
    return made


def require_known(steps: Iterable[str]) -> None:
    """Refuse what was written by a Khlong whose tables this one does not know."""
    if set(steps) - set(schema()):
        raise Refused(NEWER)


def _hall_of(plain: dict[str, Any]) -> Hall:
    made = Hall(id=UUID(plain["id"]), space_id=UUID(plain["space_id"]))
    for name in ("number", "name", "secret", "made_by"):
        setattr(made, name, plain[name])
    made.made_at = Hall._meta.get_field("made_at").to_python(plain["made_at"])
    return made


def _last_audit() -> int:
    return AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def keep_base(hall: Hall) -> None:
    """Remember how everything stands that the hall can change."""
    rows = [
        HallBase(document=each.name, key=key, values=values)
        for each in documents()
        for key, values in each.read(hall.space).items()
    ]
    rows += files.base_rows()
    HallBase.objects.bulk_create(rows, batch_size=200)


@transaction.atomic
def remember(data: bytes, passphrase: str) -> Hall:
    """Learn of a hall again from its packed file, on a server that was restored to a state before the packing.

    Raises Refused where the file is not of a city of this server.
    """
    content = envelope.open_pack(data, passphrase).content
    plain = content["hall"]
    space = Node.objects.filter(pk=plain["space_id"], ref=plain["space"]).first()
    if space is None:
        raise Refused(_("This server has no such city, so it was not packed here."))
    if found := Hall.objects.filter(pk=plain["id"]).first():
        return found
    made = _hall_of(plain)
    if Hall.objects.filter(space=space, number=made.number).exists():
        made.number = (Hall.objects.filter(space=space).aggregate(most=Max("number"))["most"] or 0) + 1
    made.remembered = True
    made.save(force_insert=True)
    for prefix, last in content["counters"].items():
        RefCounter.objects.get_or_create(prefix=prefix)
        RefCounter.objects.filter(prefix=prefix, last__lt=last + NUMBERS).update(last=last + NUMBERS)
    return made


# --- going home -----------------------------------------------------------------------------


class Closed(NamedTuple):
    """A closed hall: its locked file, how many things of each document it holds, and the files that do not go along."""

    hall: Hall
    data: bytes
    counts: dict[str, int]
    left: list[files.Left]


def close() -> Closed:
    """What was done in this hall since it was opened, with the files that were added. Raises Refused.

    The hall may go on and be closed again; each file holds everything since the opening.
    """
    hall = Hall.objects.select_related("space").filter(here=True).first()
    if hall is None:
        raise Refused(NO_HALL)
    entries = list(AuditEntry.objects.filter(pk__gt=hall.audit_from).order_by("pk"))
    found = {each.name: _changes_of(hall, each, entries) for each in documents()}
    found = {name: rows for name, rows in found.items() if rows}
    told, parts = files.bring(found)
    content = {
        "hall": str(hall.pk),
        "space": hall.space.ref,
        "schema": schema(),
        "closed_at": timezone.now().isoformat(),
        "documents": found,
        "files": told,
        "audit": [_plain_entry(entry) for entry in entries],
        "contributed": _contributed(),
    }
    counts = {name: len(rows) for name, rows in found.items()}
    locked = envelope.lock_changes(_label(hall, envelope.CLOSED), content, hall.secret, parts)
    return Closed(hall, locked, counts, files.left_of(told))


def _changes_of(hall: Hall, each: Document, entries: list[AuditEntry]) -> dict[str, Any]:
    """What is new, changed or gone of one kind of thing: how it stood, how it stands, who wrote and why."""
    base = dict(HallBase.objects.filter(document=each.name).values_list("key", "values"))
    now = each.read(hall.space)
    changed = [key for key in base.keys() | now.keys() if not _same(base.get(key), now.get(key))]
    aliases, whys = each.parts(changed), _whys(hall, changed)
    found = {}
    for key in sorted(changed):
        ref = (now.get(key) or base[key]).get("@ref", "")
        known = {key, *aliases.get(key, ())}
        by = [e.actor for e in entries if _is_of(e, each, known) or (ref and e.ref == ref)]
        found[key] = {
            "base": base.get(key),
            "now": now.get(key),
            "by": list(dict.fromkeys(filter(None, by))),
            "why": whys.get(key, ""),
        }
    return found


def _is_of(entry: AuditEntry, each: Document, known: set[str]) -> bool:
    """Whether a line of the audit is of one of these rows; a number says it only with its table."""
    return entry.object_id in known and (not each.local_keys or entry.model.lower() == each.name)


def left_behind(hall: Hall) -> list[tuple[Any, int]]:
    """Words for what was done in this hall and is not brought home by itself, with how often."""
    done = AuditEntry.objects.filter(pk__gt=hall.audit_from)
    return staying([*done.order_by("pk").values_list("action", flat=True), *_contributed()])


def _contributed() -> list[str]:
    """What was done under pseudonyms here, by names of actions alone: the audit of the city's server stays at home."""
    return sorted(Contribution.objects.values_list("action", flat=True))


def _same(base: dict[str, Any] | None, now: dict[str, Any] | None) -> bool:
    """Whether a thing says what it said; a field that came with an update of Khlong counts once it says something."""
    if base is None or now is None:
        return base is now
    names = [name for name, value in now.items() if name in base or value not in EMPTY]
    return all(base.get(name) == now[name] for name in names if not name.startswith("@"))


def _whys(hall: Hall, keys: list[str]) -> dict[str, str]:
    """The last reason that was given in the hall for changing each thing."""
    good = [UUID(key) for key in keys if len(key) == UUID_LETTERS]
    rows = (
        ThingRevision.objects.filter(node__in=good, at__gte=hall.opened_at).exclude(why="").order_by("number")
    )
    return {str(node): why for node, why in rows.values_list("node_id", "why")}


EMPTY: tuple[Any, ...] = (None, "", [], False, 0)
ENTRY = ("actor_kind", "actor", "on_behalf_of", "action", "model", "object_id", "ref", "fields")


def _plain_entry(entry: AuditEntry) -> dict[str, Any]:
    made = {name: getattr(entry, name) for name in ENTRY}
    return made | {"number": entry.pk, "at": entry.at.isoformat()}
