"""Bringing a hall's work home: receive its file, merge what does not conflict, decide what does."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khlong.chain.hall import envelope, files
from khlong.chain.hall.documents import Missing
from khlong.chain.hall.models import Hall, HallEntry, HallFile, HallTaken
from khlong.chain.hall.packing import ENTRY, UUID_LETTERS, require_known
from khlong.chain.hall.plan import Conflict, Outcome, Plan, Row, plan_of
from khlong.chain.hall.telling import SILENT, Tell
from khlong.chain.models import Node
from khlong.chain.things import hold
from khlong.people.actor import Actor
from khlong.people.policy import Verb, can
from khlong.record.actions import Act, action
from khlong.record.errors import Refused

UNKNOWN = gettext_lazy(
    "This server knows nothing of the hall that the file comes from. Either the city was packed on another "
    "server, or this one was restored to a state before the packing: then let the machine's keeper run  "
    "./khlong hall remember  with the packed file first."
)
OTHER_CITY = gettext_lazy("The file comes from a hall of another city: %(city)s. Bring it home there.")
OURSELVES = gettext_lazy("This machine is the hall itself. Bring the file to the city's own server.")
LATER_MERGED = gettext_lazy(
    "A later file of this hall was brought home already, and it holds all that this one holds."
)
MOVED_ON = gettext_lazy("Somebody changed this here in the meantime. Look at both texts again, then decide.")
KEPT_HERE = gettext_lazy(
    "It was taken away in the hall, and changed here since. Leave it out to keep it, or take it away here first."
)
REFERS = gettext_lazy("It refers to something that is not here: %(thing)s")
MUST_BE_OWN = gettext_lazy("Write the text, or choose one of the two.")


@dataclass(frozen=True)
class Problem:
    """Why one thing of the hall could not be written, in words."""

    row: Row
    words: str


class Unmerged(Exception):  # noqa: N818
    """Some things could not be written, so nothing was. A person may leave them out."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(f"{len(problems)} things cannot be merged")


@dataclass(frozen=True)
class Done:
    """What a merging wrote, and which references became others here."""

    new: int
    changed: int
    gone: int
    renumbered: tuple[tuple[str, str], ...]
    left: int


def hall_of(actor: Actor, data: bytes, *, space: Node | None = None) -> Hall:
    """The hall that a file says it comes from, by its first line. Raises Refused when it is of no use here."""
    label, _body = envelope.split(data, envelope.CLOSED)
    hall = Hall.objects.select_related("space").filter(pk=label.hall).first()
    if hall is None:
        raise Refused(UNKNOWN)
    if not (actor.is_system or can(actor, Verb.MANAGE, hall)):
        raise Refused
    if hall.here:
        raise Refused(OURSELVES)
    if space is not None and space.pk != hall.space_id:
        raise Refused(OTHER_CITY % {"city": hall.space.title})
    return hall


def receive(actor: Actor, data: bytes, *, space: Node | None = None, tell: Tell = SILENT) -> HallFile:
    """Take in the file of a closed hall with the files in it; nothing is merged yet. The same file again is the same
    row. The files are looked at before the transaction, so that nobody waits for them.

    Raises Refused for a file of another server, city or hall, a newer, forged or damaged one.
    """
    hall = hall_of(actor, data, space=space)
    found = envelope.open_changes(data, hall.secret)
    require_known(found.content["schema"])
    told = found.content.get("files", ())
    tell.total(len(told) + 1)
    came, left = files.look(hall, told, found.parts, tell)
    return _receive(actor, hall, found, came, left)


@action("chain.hall.receive")
def _receive(
    act: Act, hall: Hall, found: envelope.Opened, came: list[files.Arriving], left: list[files.Left]
) -> HallFile:
    act.require(Verb.MANAGE, hall)
    digest = hashlib.sha256(found.plain).hexdigest()
    standing = HallFile.objects.filter(hall=hall, digest=digest).first()
    if standing is not None:
        act.nothing()
        return standing
    made = HallFile(hall=hall, digest=digest, content=found.plain, received_by=act.actor.label)
    made.closed_at = HallFile._meta.get_field("closed_at").to_python(found.content["closed_at"])
    made.upto = max((entry["number"] for entry in found.content["audit"]), default=0)
    made.files = [*files.take_in(act, came), *(one.plain() for one in left)]
    made.save()
    act.note(made, fields=["content"], ref=hall.space.ref, space=hall.space_id)
    return made


class _Work:
    """Writing one row: by the person who merges, for those who wrote it in the hall."""

    def __init__(self, act: Act, hall: Hall, row: Row, keys: Mapping[tuple[str, str], str]) -> None:
        self.actor = _for(act.actor, f"hall {hall.number}: {row.writers}")
        self.space, self.keys = hall.space, keys
        words = f"ในที่ประชุม · in the hall: {row.writers or '–'}"
        self.why = (f"{words} – {row.why}" if row.why else words)[:300]

    def ours(self, document: str, key: str) -> str:
        return self.keys.get((document, key), key)


def _for(actor: Actor, whom: str) -> Actor:
    made = Actor(actor.kind, actor.label, actor.user, whom[:80], actor.link)
    made.__dict__["grants"] = actor.grants
    return made


@action("chain.hall.merge")
def merge_hall(
    act: Act,
    file: HallFile,
    *,
    leave: Collection[str] = (),
    try_only: bool = False,
    tell: Tell = SILENT,
) -> Done:
    """Write all that does not conflict, in one transaction through the rooms' own actions.

    `leave` names rows (by their id) that stay out. Raises Unmerged when something cannot be written, and then
    nothing was; Refused; with `try_only` nothing stays written either. The same file again changes nothing.
    `tell` hears of each thing that is written, and ends all of it by raising.
    """
    act.require(Verb.MANAGE, file)
    hold(file.hall)
    if HallFile.objects.filter(hall=file.hall, upto__gt=file.upto, merged_at__isnull=False).exists():
        raise Refused(LATER_MERGED)
    mark = transaction.savepoint()
    plan = plan_of(file)
    run = _Merging(act, file)
    rows = [row for row in plan.writing if row.id not in leave]
    tell.total(len(rows))
    problems = run.write(rows, tell)
    if problems:
        raise Unmerged(problems)
    carried = _carry_audit(file.hall, plan)
    if try_only:
        transaction.savepoint_rollback(mark)
        act.nothing()
    elif run.written or carried or file.merged_at is None:
        HallFile.objects.filter(pk=file.pk).update(merged_at=timezone.now())
        act.note(file, fields=["merged_at"], ref=file.hall.space.ref, space=file.hall.space_id)
    else:
        act.nothing()
    return run.done(left=len(plan.writing) - len(run.written))


class _Merging:
    """One run over the rows of a file, each in a savepoint of its own so that all that is wrong is told at once."""

    def __init__(self, act: Act, file: HallFile) -> None:
        self.act, self.file, self.hall = act, file, file.hall
        hall = self.hall
        self.written: list[Row] = []
        self.renumbered: list[tuple[str, str]] = []
        marks = HallTaken.objects.filter(hall=hall, field="").exclude(ours="")
        self.keys = {(mark.document, mark.key): mark.ours for mark in marks}

    def write(self, rows: list[Row], tell: Tell) -> list[Problem]:
        """Write the rows; those that refer to one that comes later wait for it."""
        waiting, problems = rows, []
        while waiting:
            again: list[tuple[Row, Missing]] = []
            for row in waiting:
                tell.advance(0, note=row.title)
                try:
                    with transaction.atomic():
                        self._write(row)
                except Missing as missing:
                    again.append((row, missing))
                except (Refused, ValidationError, IntegrityError) as error:
                    problems.append(Problem(row, _words(error)))
                else:
                    self.written.append(row)
                    tell.advance()
            if len(again) == len(waiting):
                return problems + [Problem(row, str(REFERS % {"thing": missing})) for row, missing in again]
            waiting = [row for row, _missing in again]
        return problems

    def _write(self, row: Row) -> None:
        self.require_files(row.now if row.outcome is Outcome.NEW else row.take)
        work = _Work(self.act, self.hall, row, self.keys)
        if row.outcome is Outcome.NEW:
            ours = row.document.add(work, row.key, row.now)
            self.keys[row.document.name, row.key] = ours
            self._note_ref(row)
            _remember(self.act, self.hall, row, {"": row.now}, ours=ours)
        elif row.outcome is Outcome.GONE:
            if row.moved_on:
                raise Refused(KEPT_HERE)
            row.document.remove(work, row.ours_key)
            _remember(self.act, self.hall, row, {"": None})
        else:
            row.document.change(work, row.ours_key, row.take, whole=row.now)
            _remember(self.act, self.hall, row, {name: row.now[name] for name in row.take})

    def require_files(self, values: Mapping[str, Any]) -> None:
        """Refuse what shows a file that did not come."""
        if lost := files.lost_in(self.file, values):
            raise Refused(files.DID_NOT_COME % {"name": lost.name, "why": lost.words})

    def _note_ref(self, row: Row) -> None:
        theirs = row.now.get("@ref")
        if theirs and len(row.key) == UUID_LETTERS:
            ours = Node.objects.filter(pk=UUID(row.key)).values_list("ref", flat=True).first()
            if ours and ours != theirs:
                self.renumbered.append((theirs, ours))

    def done(self, *, left: int) -> Done:
        count = {outcome: sum(row.outcome is outcome for row in self.written) for outcome in Outcome}
        renumbered = tuple(self.renumbered)
        return Done(count[Outcome.NEW], count[Outcome.CHANGED], count[Outcome.GONE], renumbered, left)


def _words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, Refused):
        return str(error.reason)
    return _("Something of this name or number stands here already.")


def _remember(
    act: Act, hall: Hall, row: Row, values: Mapping[str, Any], *, ours: str = "", decided: bool = False
) -> None:
    for name, value in values.items():
        HallTaken.objects.update_or_create(
            hall=hall,
            document=row.document.name,
            key=row.key,
            field=name,
            defaults={
                "value": value,
                "ours": ours or row.ours_key,
                "decided": decided,
                "by": act.actor.label,
            },
        )


def _carry_audit(hall: Hall, plan: Plan) -> int:
    """Keep the lines of the hall's audit as a record of their own; gives how many are new."""
    last = hall.entries.order_by("-number").values_list("number", flat=True).first() or 0
    at = HallEntry._meta.get_field("at")
    rows = [
        HallEntry(hall=hall, number=entry["number"], at=at.to_python(entry["at"]), **_of_entry(entry))
        for entry in plan.content["audit"]
        if entry["number"] > last
    ]
    HallEntry.objects.bulk_create(rows, batch_size=200)
    return len(rows)


def _of_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in ENTRY}


# --- deciding -------------------------------------------------------------------------------

THEIRS, OURS, OWN = "theirs", "ours", "own"


@dataclass(frozen=True)
class Choice:
    """What a person decided of one conflict: the hall's words, those that stand here, or words of her own."""

    how: str
    seen: str
    text: str = ""


@action("chain.hall.decide")
def decide(act: Act, file: HallFile, choices: Mapping[str, Choice]) -> int:
    """Write what a person decided, all of it or nothing; gives how many conflicts that ended.

    Raises Refused when one was changed in the meantime, and ValidationError by the conflict's id.
    """
    act.require(Verb.MANAGE, file)
    hold(file.hall)
    found = {conflict.id: conflict for conflict in plan_of(file).conflicts}
    wanted = {key: choice for key, choice in choices.items() if key in found}
    merging = _Merging(act, file)
    for key, choice in wanted.items():
        _decide(act, file.hall, merging, found[key], choice)
    if wanted:
        act.note(file, fields=["decisions"], ref=file.hall.space.ref, space=file.hall.space_id)
    else:
        act.nothing()
    return len(wanted)


def _decide(act: Act, hall: Hall, merging: _Merging, conflict: Conflict, choice: Choice) -> None:
    row = conflict.row
    if choice.seen != conflict.seen:
        raise ValidationError({conflict.id: MOVED_ON})
    values = _chosen(conflict, choice)
    work = _Work(act, hall, row, merging.keys)
    try:
        if values:
            merging.require_files(values)
            row.document.change(work, row.ours_key, values, whole=row.now)
    except Missing as missing:
        raise ValidationError({conflict.id: REFERS % {"thing": missing}}) from missing
    except (ValidationError, Refused) as error:
        raise ValidationError({conflict.id: _words(error)}) from error
    _remember(act, hall, row, {name: row.now[name] for name in conflict.fields}, decided=True)


def _chosen(conflict: Conflict, choice: Choice) -> dict[str, Any]:
    if choice.how == OURS:
        return {}
    if choice.how == THEIRS:
        return dict(zip(conflict.fields, conflict.theirs, strict=True))
    if choice.how == OWN and conflict.may_be_rewritten and choice.text.strip():
        return {conflict.fields[0]: choice.text}
    raise ValidationError({conflict.id: MUST_BE_OWN})
