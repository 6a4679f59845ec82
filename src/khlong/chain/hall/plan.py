"""What a hall's file would change here: read, compared, and nothing written."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from khlong.chain.hall.documents import Document, Where, document, documents, staying
from khlong.chain.hall.envelope import unpacked
from khlong.chain.hall.files import Left, left_of
from khlong.chain.hall.models import Hall, HallFile, HallTaken
from khlong.chain.hall.threeway import Merged, merge

Plain = dict[str, Any]
Marks = Mapping[str, HallTaken]


class Outcome(StrEnum):
    """What becomes of one thing of the hall."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"
    SAME = "same"


@dataclass(frozen=True)
class Conflict:
    """Fields that say one thing in the hall and another here, for a person to decide.

    `seen` names what was shown, so that a decision is not taken over something newer.
    """

    row: Row
    fields: tuple[str, ...]

    @property
    def id(self) -> str:
        return _short(self.row.document.name, self.row.key, *self.fields)

    @property
    def seen(self) -> str:
        ours = [self.row.ours.get(name) for name in self.fields]
        return _short(json.dumps([ours, self.theirs], ensure_ascii=False, sort_keys=True))

    @property
    def theirs(self) -> list[Any]:
        return [self.row.now[name] for name in self.fields]

    @property
    def may_be_rewritten(self) -> bool:
        """Whether a person may write a third text."""
        return len(self.fields) == 1 and self.row.document.is_text(self.fields[0])


@dataclass
class Row:
    """One thing of a hall's file: how it stood, what the hall made of it, what stands here."""

    document: Document
    key: str
    ours_key: str
    base: Plain
    now: Plain
    ours: Plain
    by: list[str]
    why: str
    outcome: Outcome
    take: Plain = field(default_factory=dict)
    groups: list[tuple[str, ...]] = field(default_factory=list)
    moved_on: bool = False
    """Whether it was changed here while the hall took it away."""

    @property
    def id(self) -> str:
        return _short(self.document.name, self.key)

    @property
    def title(self) -> str:
        return str(self.ours.get("@title") or self.now.get("@title") or self.base.get("@title") or self.key)

    @property
    def ref(self) -> str:
        return str(self.ours.get("@ref") or self.now.get("@ref") or "")

    @property
    def writers(self) -> str:
        return ", ".join(self.by)

    @property
    def conflicts(self) -> list[Conflict]:
        return [Conflict(self, group) for group in self.groups]

    @property
    def writes(self) -> bool:
        """Whether merging this row by itself writes anything."""
        return self.outcome is not Outcome.SAME and (self.outcome is not Outcome.CHANGED or bool(self.take))

    @property
    def labels(self) -> list[str]:
        """The fields that are taken over, in words."""
        return [self.document.label(name) for name in self.take]


def _short(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]


@dataclass
class Plan:
    """All that a hall's file would change here."""

    file: HallFile
    rows: list[Row]
    content: Plain

    def of(self, outcome: Outcome) -> list[Row]:
        return [row for row in self.rows if row.outcome is outcome and row.writes]

    @property
    def writing(self) -> list[Row]:
        """What is merged by itself."""
        return [row for row in self.rows if row.writes]

    @property
    def conflicts(self) -> list[Conflict]:
        return [conflict for row in self.rows for conflict in row.conflicts]

    @property
    def staying(self) -> list[tuple[Any, int]]:
        """What was done in the hall and is not brought home by itself."""
        done = [entry["action"] for entry in self.content["audit"]]
        return staying([*done, *self.content.get("contributed", ())])

    @property
    def lost(self) -> list[Left]:
        """The files of the hall that did not come."""
        return left_of(self.file.files)

    @property
    def is_done(self) -> bool:
        return not self.writing and not self.conflicts


def plan_of(file: HallFile) -> Plan:
    """Compare a received file with what stands here: one query for each kind of thing in it, and one more."""
    hall, content = file.hall, unpacked(bytes(file.content))
    marks: dict[tuple[str, str], dict[str, HallTaken]] = defaultdict(dict)
    for mark in HallTaken.objects.filter(hall=hall):
        marks[mark.document, mark.key][mark.field] = mark
    rows: list[Row] = []
    for each in documents():
        found = {**_taken_back(each, marks, content), **content["documents"].get(each.name, {})}
        if found:
            of_keys = {key: marks[each.name, key] for key in found}
            rows += _rows(hall, each, found, of_keys, _where(marks, content))
    return Plan(file, rows, content)


def _taken_back(each: Document, marks: Mapping[tuple[str, str], Marks], content: Plain) -> Plain:
    """What the hall had added when it was merged before, and has taken away since."""
    if not each.removable:
        return {}
    found = content["documents"].get(each.name, {})
    gone = {}
    for (name, key), of_key in marks.items():
        whole = of_key.get("")
        if name == each.name and key not in found and whole is not None and whole.value is not None:
            gone[key] = {"base": whole.value, "now": None, "by": [], "why": ""}
    return gone


def _where(marks: Mapping[tuple[str, str], Marks], content: Plain) -> Where:
    """Where things of the hall are here, as far as they were brought home before."""

    def ours(name: str, key: str) -> str:
        each, plain = document(name), content["documents"].get(name, {}).get(key, {"base": {}})
        return key if each is None else _ours_key(each, key, plain, marks.get((name, key), {}))

    return ours


def _rows(
    hall: Hall, each: Document, found: Plain, marks: Mapping[str, Marks], where: Where
) -> Iterable[Row]:
    keys = {key: _ours_key(each, key, plain, marks[key]) for key, plain in found.items()}
    keys |= each.twins({key: found[key]["now"] for key, ours in keys.items() if not ours}, where)
    standing = each.read(hall.space, {key for key in keys.values() if key})
    for key, plain in found.items():
        row = Row(
            document=each,
            key=key,
            ours_key=keys[key],
            base=plain["base"] or {},
            now=plain["now"] or {},
            ours=standing.get(keys[key], {}),
            by=plain["by"],
            why=plain["why"],
            outcome=Outcome.SAME,
        )
        _judge(hall, row, marks[key])
        yield row


def _ours_key(each: Document, key: str, plain: Plain, marks: Marks) -> str:
    """Where a thing of the hall is here; empty for a new one whose number says nothing here."""
    if kept := next((mark.ours for mark in marks.values() if mark.ours), ""):
        return kept
    return "" if plain["base"] is None and each.local_keys else key


def _judge(hall: Hall, row: Row, marks: Marks) -> None:
    whole = marks.get("")
    if not row.now:
        dealt_with = whole is not None and whole.value is None
        row.outcome = Outcome.SAME if dealt_with or not row.ours else Outcome.GONE
        row.moved_on = row.outcome is Outcome.GONE and _moved_on(row, marks)
    elif not row.ours:
        row.outcome = Outcome.SAME if whole is not None else Outcome.NEW
    elif not row.base and whole is None and row.document.may_be_another(row.now, row.ours):
        row.outcome = Outcome.NEW
    else:
        merged = _merged(hall, row, marks)
        row.take, row.groups = merged.take, merged.conflicts
        row.outcome = Outcome.CHANGED if merged.take or merged.conflicts else Outcome.SAME


def _dealt(marks: Marks) -> Plain:
    """What of a thing of the hall was dealt with before."""
    whole = marks[""].value if "" in marks else None
    return {**(whole or {}), **{name: mark.value for name, mark in marks.items() if name}}


def _moved_on(row: Row, marks: Marks) -> bool:
    """Whether something that the hall took away says here what it did not say there."""
    base = {**row.base, **_dealt(marks)}
    return any(base.get(name) != value for name, value in row.ours.items() if not name.startswith("@"))


def _merged(hall: Hall, row: Row, marks: Marks) -> Merged:
    """Merge by field; what was dealt with before is where the hall's changes are counted from."""
    dealt = _dealt(marks)
    base = {**row.base, **dealt}
    settled = {name for name, value in dealt.items() if row.now.get(name) == value}
    return merge(base, row.now, row.ours, row.document.rules, settled=settled, cautious=hall.remembered)
