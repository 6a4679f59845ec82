"""Taking data files in: every room registers the files it reads; one run is all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction

from khlong.chain.actions import exact_ref
from khlong.chain.models import Kind, LoadedItem, Node, Thing, ThingRevision
from khlong.chain.search import index_if_empty, together
from khlong.chain.things import new_thing
from khlong.chain.yamlfile import Complaints, LoadFailed, Reader, read
from khlong.people.actor import Actor, system_actor
from khlong.record.models import AuditEntry

T = TypeVar("T", bound=Thing)
LOADER = "loader"
Saver = Callable[..., Any]


@dataclass
class Report:
    """What a run did. `changed` names each thing that was added or changed, `kept` those that people changed
    since the file was last read, which therefore stand as they are.
    """

    added: Counter[str] = field(default_factory=Counter)
    changed: dict[str, str] = field(default_factory=dict)
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The report in words, one line a thing."""
        made = [f"added {count} {name}" for name, count in sorted(self.added.items())]
        moved = [f"{how}: {ref}" for ref, how in self.changed.items() if how != "added"]
        left = [f"left as people changed it: {ref} (the file says something else)" for ref in self.kept]
        return [*made, *moved, *left] or [f"nothing changed ({self.unchanged} items)"]


class Load:
    """One run: the readers of all files, what stands in the database, the complaints and the report."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.actor: Actor = system_actor(LOADER)
        self.complaints = Complaints()
        self.report = Report()
        self.digests: dict[str, str] = dict(LoadedItem.objects.values_list("key", "digest"))
        self.nodes: dict[str, Node] = {node.ref: node for node in Node.objects.select_related("space")}
        self.seen: dict[str, str] = {}
        self._new_digests: dict[str, str] = {}
        self._things: dict[type[Thing], dict[str, Any]] = {}
        self._last_by: dict[Any, str] | None = None

    def files(self, pattern: str) -> Iterable[Reader]:
        """Readers of the files that match, in the order of their names."""
        for path in sorted(self.root.glob(pattern)):
            reader = read(path, self.root, self.complaints)
            if reader is not None:
                yield reader

    def ref(self, reader: Reader, kind: Kind) -> str:
        """The item's own reference, checked; empty with a complaint when it cannot be used."""
        text = reader.text("ref", required=True)
        if not text:
            return ""
        if not text.startswith(f"{kind.value}-") or not _is_exact(text):
            reader.complain(
                "ref",
                f"{text!r} is not a reference of this kind.",
                f"It begins with {kind.value}-, such as {kind.value}-PTG-0012.",
            )
            return ""
        if text in self.seen:
            reader.complain(
                "ref", f"{text} stands already in {self.seen[text]}.", "Give the next free number."
            )
            return ""
        self.seen[text] = f"{reader.file}:{reader.line('ref')}"
        return text

    def existing(self, model: type[T], ref: str) -> T | None:
        """The thing of this reference in the database, all of a kind read at once."""
        if model not in self._things:
            rows = model._base_manager.select_related("node__space")
            self._things[model] = {row.node.ref: row for row in rows}
        found: T | None = self._things[model].get(ref)
        return found

    def last_by(self, thing: Thing) -> str:
        if self._last_by is None:
            rows = ThingRevision.objects.order_by("number").values_list("node_id", "by")
            self._last_by = dict(rows)
        return self._last_by.get(thing.node_id, LOADER)

    def same(self, key: str, digest: str) -> bool:
        return self.digests.get(key) == digest

    def keep_digest(self, key: str, digest: str) -> None:
        if not self.same(key, digest):
            self._new_digests[key] = digest

    def thing(
        self,
        model: type[T],
        kind: Kind,
        reader: Reader,
        *,
        space: Node | None,
        values: Mapping[str, Any],
        save: Saver,
        links: Mapping[str, Iterable[models.Model]] | None = None,
        parts: tuple[str, ...] = (),
        make: Callable[[str], T] | None = None,
    ) -> T | None:
        """Take one thing in through its room's action; None when the file has something wrong with it.

        `parts` are keys whose items are things of their own, and `make` builds the unsaved thing where the
        plain way does not do.
        """
        ref = self.ref(reader, kind)
        reader.done()
        if not ref or reader.is_bad:
            return self.existing(model, ref) if ref else None
        digest, standing = reader.digest(*parts), self.existing(model, ref)
        if standing is not None and self._stands(standing, ref, digest, {**values, **(links or {})}):
            return standing
        unsaved = standing or (make(ref) if make else new_thing(model, kind, space=space, ref=ref))
        more = {"links": links} if links is not None else {}
        kept: T | None = self._try(reader, lambda: save(self.actor, unsaved, dict(values), **more))
        if kept is None:
            return None
        self._note(kept, ref, model, standing)
        self.keep_digest(ref, digest)
        return kept

    def _stands(self, standing: Thing, ref: str, digest: str, values: Mapping[str, Any]) -> bool:
        """Whether the file asks for nothing new, or asks for what people have changed since."""
        if self.same(ref, digest):
            self.report.unchanged += 1
            return True
        if self.last_by(standing) == LOADER:
            return False
        if says_the_same(standing, values):
            self.keep_digest(ref, digest)
            self.report.unchanged += 1
        else:
            self.report.kept.append(ref)
        return True

    def _note(self, kept: T, ref: str, model: type[T], standing: T | None) -> None:
        self._things[model][ref] = kept
        self.nodes[ref] = kept.node
        if standing is None:
            self.report.added[str(model._meta.verbose_name_raw)] += 1
            self.report.changed[ref] = "added"
        elif kept.revision != standing.revision:
            self.report.changed[ref] = "changed"

    def part(
        self,
        key: str,
        reader: Reader,
        find: Callable[[], models.Model | None],
        save: Callable[[models.Model | None], Any],
        *parts: str,
    ) -> Any:
        """Take in a row without a node: `find` gives the one that stands, `save` adds or changes it."""
        reader.done()
        if reader.is_bad:
            return find()
        digest, standing = reader.digest(*parts), find()
        if standing is not None and self.same(key, digest):
            self.report.unchanged += 1
            return standing
        if standing is not None and key in self.digests and last_writer(standing) != LOADER:
            self.report.kept.append(key)
            return standing
        kept = self._try(reader, lambda: save(standing))
        if kept is not None:
            self.keep_digest(key, digest)
            if standing is None:
                self.report.added[str(kept._meta.verbose_name_raw)] += 1
            self.report.changed[key] = "added" if standing is None else "changed"
        return kept

    def _try(self, reader: Reader, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except ValidationError as error:
            for name, messages in getattr(error, "message_dict", {"": error.messages}).items():
                for message in messages:
                    reader.complain(name.removesuffix("_th"), f"{name}: {message}" if name else str(message))
            return None

    def finish(self) -> Report:
        """Write what is remembered of the files, or raise LoadFailed."""
        if self.complaints.found:
            raise LoadFailed(self.complaints.found)
        rows = [LoadedItem(key=key, digest=digest) for key, digest in self._new_digests.items()]
        if rows:
            LoadedItem.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["key"], update_fields=["digest"]
            )
        return self.report


def _is_exact(ref: str) -> bool:
    try:
        return exact_ref(ref) == ref
    except ValueError:
        return False


def last_writer(row: models.Model) -> str:
    """Who changed a row without a history last, from the audit."""
    lines = AuditEntry.objects.filter(model=row._meta.label, object_id=str(row.pk)).order_by("-id")
    return lines.values_list("actor", flat=True).first() or LOADER


def says_the_same(standing: Thing, values: Mapping[str, Any]) -> bool:
    """Whether a thing holds these values already; lists are compared with its many-to-many fields."""
    for name, value in values.items():
        now = getattr(standing, name)
        if isinstance(now, models.Manager):
            if {row.pk for row in now.all()} != {row.pk for row in value}:
                return False
        elif now != value:
            return False
    return True


Section = Callable[[Load], None]
Dump = Callable[[], dict[str, dict[str, Any]]]
_sections: list[tuple[int, Section]] = []
_dumps: list[Dump] = []


def section(order: int) -> Callable[[Section], Section]:
    """Register a part of the loading; parts run in their order within one transaction."""

    def wrap(function: Section) -> Section:
        _sections.append((order, function))
        return function

    return wrap


def dump(function: Dump) -> Dump:
    """Register what a room writes out: file name to plain data."""
    _dumps.append(function)
    return function


def load_all(root: Path) -> Report:
    """Take in all data files under a folder. Raises LoadFailed, and then nothing has changed."""
    with transaction.atomic():
        with together():
            load = Load(root)
            for _order, run in sorted(_sections, key=lambda pair: pair[0]):
                run(load)
            report = load.finish()
        index_if_empty()
        _count_rows_anew()
        return report


def _count_rows_anew() -> None:
    """Tell PostgreSQL how many rows there are now: a plan made for empty tables takes minutes on full ones."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def dump_all() -> dict[str, dict[str, Any]]:
    """Everything that the files can hold, as plain data by file name; public things only."""
    files: dict[str, dict[str, Any]] = {}
    for run in _dumps:
        for name, data in run().items():
            files.setdefault(name, {}).update(data)
    return {name: dict(sorted(data.items(), key=_place)) for name, data in sorted(files.items())}


ORDER = ("city", "groups", "communities", "plan", "canals", "gauges", "topics", "units", "facts")


def _place(item: tuple[str, Any]) -> int:
    return ORDER.index(item[0]) if item[0] in ORDER else -1
