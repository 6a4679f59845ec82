"""What a hall can change and bring home: rooms register their things as documents of plain fields.

A document has a name, says how its things stand (plain values by key, read from the database), and how a new
one is added and a changed one saved: through the same actions as a page. Values whose names begin with @ say
what a thing is (its reference, its kind); they are shown and used for adding, and never merged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from khlong.chain.hall.threeway import Rules, Values, combine_sets
from khlong.chain.hall.travel import plain_value
from khlong.chain.history import shown
from khlong.chain.models import Kind, Node, Thing, Visibility
from khlong.chain.things import new_thing
from khlong.people.actor import Actor
from khlong.record.errors import Refused
from khlong.ui.text import amount_text

Plain = dict[str, Any]
VISIBILITY = "visibility"
PLAIN = Rules()


Where = Callable[[str, str], str]
"""Of a document's name and a key in the hall, the key here; empty for what is not here yet."""


class Missing(Exception):  # noqa: N818
    """A thing refers to one that is not here (yet)."""


class Work(Protocol):
    """What a document needs while it writes: who acts, for which city, and where keys of the hall lead."""

    @property
    def actor(self) -> Actor: ...
    @property
    def space(self) -> Node: ...
    @property
    def why(self) -> str: ...
    def ours(self, document: str, key: str) -> str: ...


class Document:
    """One kind of thing that a hall can change. Rooms use the classes below, or write their own."""

    name: str
    order: int
    title: Any
    rules = PLAIN
    removable = False
    local_keys = False
    """Whether keys are numbers that both sides give by themselves, so that a new key says nothing here."""

    def read(self, space: Node, keys: Collection[str] | None = None) -> dict[str, Plain]:
        """How the city's things stand, or those of these keys."""
        raise NotImplementedError

    def add(self, work: Work, key: str, values: Values) -> str:
        """Add a thing; gives its key here."""
        raise NotImplementedError

    def change(self, work: Work, key: str, values: Values, *, whole: Values) -> None:
        """Give a thing other values in some fields; `whole` holds all its values in the hall."""
        raise NotImplementedError

    def remove(self, work: Work, key: str) -> None:
        """Take away what was taken away in the hall."""
        raise Refused(_("This cannot be taken away."))

    def may_be_another(self, theirs: Values, ours: Values) -> bool:
        """Whether a thing of the same key that both sides added is another one, which then gets a new key."""
        return False

    def twins(self, found: Mapping[str, Values], ours: Where) -> dict[str, str]:
        """Of new things of the hall whose keys say nothing here: which of them stand here already, and where."""
        return {}

    def label(self, name: str) -> str:
        """A field in words."""
        return name

    def words(self, name: str, value: Any) -> str:
        """A value in words."""
        return shown(value)

    def is_text(self, name: str) -> bool:
        """Whether a person may write a third text for the field."""
        return False

    def parts(self, keys: Collection[str]) -> dict[str, list[str]]:
        """Keys of rows of other models under which the audit knows these things too."""
        return {}


_documents: dict[str, Document] = {}
_staying: dict[str, Any] = {}


def stays_in_the_hall(action: str, words: Any) -> None:
    """Say of an action that what it does in a hall is not brought home by itself, and what to do then."""
    _staying[action] = words


def staying(actions: Iterable[str]) -> list[tuple[Any, int]]:
    """Words for what was done in a hall and stays there, with how often."""
    done = Counter(name for name in actions if name in _staying)
    return [(_staying[name], count) for name, count in sorted(done.items())]


def register(document: Document) -> Document:
    """Make a kind of thing one that halls bring home. Called from a room's `AppConfig.ready`."""
    _documents[document.name] = document
    return document


def documents() -> list[Document]:
    """All of them, in the order in which they are written."""
    return sorted(_documents.values(), key=lambda found: (found.order, found.name))


def document(name: str) -> Document | None:
    return _documents.get(name)


Saver = Callable[..., Any]
Show = Callable[[Actor, Any, Visibility], Any]


class RowDocument(Document):
    """A model without a node of its own; `whole` names the thing that it is a part of.

    Fields that `leave` names do not come home. `take_away` is the action that removes one; `near` names what is
    read along with a row, so that it can be called by its name.
    """

    home = ""
    """The path from a row to the node of its city; without it, that of the whole."""

    def __init__(
        self,
        model: type[models.Model],
        save: Saver,
        *,
        order: int,
        whole: str = "",
        rules: Rules = PLAIN,
        fresh_key: Callable[[], str] | None = None,
        leave: tuple[str, ...] = (),
        take_away: Callable[[Actor, Any], Any] | None = None,
        near: tuple[str, ...] = (),
    ) -> None:
        self.take_away, self.near, self.removable = take_away, near, take_away is not None
        self.model, self.save, self.order, self.whole, self.leave = model, save, order, whole, leave
        self.name = model._meta.label_lower
        self.title = model._meta.verbose_name
        self.local_keys = isinstance(model._meta.pk, models.AutoField)
        self.fresh_key = fresh_key
        combine = {item.name: combine_sets for item in self.many}
        self.rules = Rules(rules.together, rules.decisive, {**combine, **rules.combine})

    # what is read

    @property
    def fields(self) -> list[models.Field[Any, Any]]:
        kept = {"node", self.whole, *self.leave}
        return [
            item
            for item in self.model._meta.concrete_fields
            if item.editable and not item.primary_key and item.name not in kept
        ]

    @property
    def many(self) -> list[models.ManyToManyField[Any, Any]]:
        return [item for item in self.model._meta.many_to_many if item.name not in self.leave]

    def rows(self, space: Node) -> models.QuerySet[Any]:
        rows = self._all()
        path = self.home or (f"{self.whole}__node__space" if self.whole else "")
        return rows.filter(**{path: space}) if path else rows

    def _all(self) -> models.QuerySet[Any]:
        rows = self.model._base_manager.all()
        return rows.select_related(*self.near) if self.near else rows

    def read(self, space: Node, keys: Collection[str] | None = None) -> dict[str, Plain]:
        rows = self.rows(space) if keys is None else self._rows_of(keys)
        rows = rows.prefetch_related(*(item.name for item in self.many))
        return {str(row.pk): self.plain(row) for row in rows}

    def _rows_of(self, keys: Collection[str]) -> models.QuerySet[Any]:
        pk = self.model._meta.pk
        good = []
        for key in keys:
            try:
                good.append(pk.to_python(key))
            except (ValidationError, ValueError):
                continue
        return self._all().filter(pk__in=good)

    def plain(self, row: Any) -> Plain:
        made: Plain = {item.name: plain_value(item, row) for item in self.fields}
        for many in self.many:
            made[many.name] = sorted(str(other.pk) for other in getattr(row, many.name).all())
        if self.whole:
            made["@whole"] = str(getattr(row, f"{self.whole}_id"))
        return made | {"@title": str(row)[:200]}

    # what is written

    def add(self, work: Work, key: str, values: Values) -> str:
        if self.whole:
            made = self.model(**{self.whole: self._whole(work, values)})
        elif not self.local_keys:
            made = self.model(pk=self._free_key(key))
        else:
            made = self.model()
        kept = self.save(work.actor, made, {**self.real(work, values), **self.linked(work, values)})
        return str(kept.pk)

    def _free_key(self, key: str) -> str:
        taken = self.model._base_manager.filter(pk=key).exists()
        return self.fresh_key() if taken and self.fresh_key else key

    def may_be_another(self, theirs: Values, ours: Values) -> bool:
        return self.fresh_key is not None and any(ours.get(name) != theirs[name] for name in theirs)

    def _whole(self, work: Work, values: Values) -> Any:
        item: Any = self.model._meta.get_field(self.whole)
        return self.referred(work, item.related_model, values["@whole"])

    def change(self, work: Work, key: str, values: Values, *, whole: Values) -> None:
        row = self.model._base_manager.get(pk=key)
        self.save(work.actor, row, {**self.real(work, values), **self.linked(work, values)})

    def remove(self, work: Work, key: str) -> None:
        if self.take_away is None:
            super().remove(work, key)
        else:
            self.take_away(work.actor, self._all().get(pk=key))

    def real(self, work: Work, values: Values) -> Plain:
        """Plain values as the model's fields take them. Raises Missing."""
        found = {}
        for item in self.fields:
            if item.name in values:
                found[item.name] = self._real(work, item, values[item.name])
        return found

    def _real(self, work: Work, item: Any, value: Any) -> Any:
        if value is None:
            return None
        if item.is_relation:
            return self.referred(work, item.related_model, value)
        return item.to_python(value)

    def linked(self, work: Work, values: Values) -> dict[str, list[Any]]:
        """The things of the many-to-many fields among the values. Raises Missing."""
        return {
            item.name: [self.referred(work, item.related_model, key) for key in values[item.name]]
            for item in self.many
            if item.name in values
        }

    def referred(self, work: Work, model: Any, key: Any) -> Any:
        """The thing that another one points to. Raises Missing."""
        ours = work.ours(model._meta.label_lower, str(key))
        try:
            return model._base_manager.get(pk=ours)
        except (model.DoesNotExist, ValidationError, ValueError) as error:
            raise Missing(f"{model._meta.verbose_name} {key}") from error

    # what is said

    def _field(self, name: str) -> Any:
        return next((item for item in (*self.fields, *self.many) if item.name == name), None)

    def label(self, name: str) -> str:
        item = self._field(name)
        return str(item.verbose_name) if item is not None else str(LABELS.get(name, name))

    def words(self, name: str, value: Any) -> str:
        item = self._field(name)
        if name == VISIBILITY and value:
            return str(Visibility(value).label)
        if isinstance(item, models.DecimalField) and value:
            return amount_text(Decimal(value))
        if item is None or not item.is_relation or value in (None, "", []):
            return shown(value, item)
        keys = value if isinstance(value, list) else [value]
        found = {str(row.pk): str(row) for row in item.related_model._base_manager.filter(pk__in=keys)}
        return ", ".join(found.get(str(key), str(key)) for key in keys)

    def is_text(self, name: str) -> bool:
        item = self._field(name)
        return isinstance(item, models.TextField) or (type(item) is models.CharField and not item.choices)


LABELS = {VISIBILITY: _("who sees it")}


@dataclass(frozen=True)
class _NodeFacts:
    """What a new thing's node needs, from its document."""

    values: Values = field(repr=False)

    def node(self, key: str) -> Plain:
        return {
            "ref": "" if Node.objects.filter(ref=self.values["@ref"]).exists() else self.values["@ref"],
            "uuid": UUID(key),
            "is_example": bool(self.values.get("@example")),
            "visibility": self.values.get(VISIBILITY) or self.values["@visibility"],
        }


class ThingDocument(RowDocument):
    """A thing of the chain. `show` publishes one or takes it back to the working group, where that is an action."""

    def __init__(
        self,
        model: type[Thing],
        save: Saver,
        *,
        order: int,
        rules: Rules = PLAIN,
        show: Show | None = None,
        leave: tuple[str, ...] = (),
    ) -> None:
        super().__init__(model, save, order=order, rules=rules, leave=leave)
        self.local_keys, self.show = False, show

    def rows(self, space: Node) -> models.QuerySet[Any]:
        return self.model._base_manager.filter(node__space=space).select_related("node")

    def _rows_of(self, keys: Collection[str]) -> models.QuerySet[Any]:
        return super()._rows_of(keys).select_related("node")

    def plain(self, row: Any) -> Plain:
        node: Node = row.node
        made = super().plain(row) | {
            "@ref": node.ref,
            "@kind": node.kind,
            "@example": node.is_example,
            "@visibility": node.visibility,
            "@title": node.title_th,
            "@revision": row.revision,
        }
        return made | ({VISIBILITY: node.visibility} if self.show else {})

    def add(self, work: Work, key: str, values: Values) -> str:
        kind, node = Kind(values["@kind"]), _NodeFacts(values).node(key)
        thing: Any = new_thing(self.model, kind, space=work.space, **node)  # type: ignore[type-var]
        self.prepare(work, thing, values)
        self._save(work, thing, values)
        return key

    def prepare(self, work: Work, thing: Any, values: Values) -> None:
        """Set on a new thing what its action does not."""

    def change(self, work: Work, key: str, values: Values, *, whole: Values) -> None:
        thing = self.model._base_manager.select_related("node__space").get(pk=key)
        if any(name != VISIBILITY for name in values):
            thing = self._save(work, thing, values)
        if self.show and VISIBILITY in values:
            self.show(work.actor, thing, Visibility(values[VISIBILITY]))

    def _save(self, work: Work, thing: Any, values: Values) -> Any:
        links = self.linked(work, values)
        more = {"links": links} if links else {}
        return self.save(work.actor, thing, self.real(work, values), why=work.why, **more)
