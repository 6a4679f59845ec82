"""What a measure is beyond its words: its details, and the findings that it answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from khlong.chain.actions import link, unlink
from khlong.chain.history import Change, Entry, shown, writer_name
from khlong.chain.models import Edge, EdgeKind, Kind, Node, ThingRevision
from khlong.chain.search import index
from khlong.chain.things import Values, hold
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope
from khlong.places.models import Group
from khlong.record.actions import Act, action, changed_fields
from khlong.record.errors import EditConflict
from khlong.record.limits import EDITS
from khlong.strategy.frozen import said
from khlong.strategy.models import Item, ItemKind, MeasureDetail
from khlong.thai.spans import BE_OFFSET

PREFIX = "measure."
"""What tells the details of a measure from the fields of the part in the history that both share."""
FIRST_YEAR, LAST_YEAR = 2400, 2700


def detail_of(item: Item) -> MeasureDetail:
    """The details of a measure; empty ones of revision 0 where nobody has written any."""
    found = MeasureDetail.objects.select_related("responsible__node", "cost_source").filter(item=item).first()
    detail = found or MeasureDetail(item=item, revision=0)
    detail.item = item
    return detail


@action("strategy.measure.save", limit=EDITS)
def save_measure(
    act: Act,
    detail: MeasureDetail,
    values: Values,
    *,
    links: Mapping[str, Iterable[Group]] | None = None,
    findings: Sequence[Node] | None = None,
    base: int | None = None,
    why: str = "",
) -> MeasureDetail:
    """Say what a measure is. `findings` are all those that it answers; None leaves them as they are.

    `base` is the revision of the details that the writer started from, 0 when there were none. Raises Refused,
    ValidationError by field, EditConflict when somebody else saved after `base`.
    """
    act.require(Verb.CHANGE, detail)
    if detail.item.kind != ItemKind.MEASURE:
        raise ValidationError(_("Only a measure has these details."))
    hold(detail.item)
    item = Item.objects.select_related("node__space", "plan").get(pk=detail.item_id)
    fresh = detail_of(item)
    own, groups = _split(values, links or {})
    if base is not None and base != fresh.revision:
        raise _conflict(fresh, base, own, groups)
    changed = changed_fields(fresh, own)
    regrouped = groups is not None and {g.pk for g in groups} != _groups(fresh)
    _check(fresh, groups)
    if not changed and not regrouped and fresh.revision:
        act.nothing()
    else:
        _keep(act, fresh, [*changed, *(["groups"] if regrouped else [])], groups, why)
    if findings is not None:
        answer(act.actor, item.node, findings)
    return fresh


def _split(values: Values, links: Mapping[str, Iterable[Group]]) -> tuple[dict[str, Any], list[Group] | None]:
    """Plain values, and the groups if they are among what was given."""
    own = {name: value for name, value in values.items() if name != "groups"}
    groups = links.get("groups", values.get("groups"))
    return own, None if groups is None else list(groups)


def _groups(detail: MeasureDetail) -> set[Any]:
    return set(detail.groups.values_list("pk", flat=True)) if detail.revision else set()


def _check(detail: MeasureDetail, groups: list[Group] | None) -> None:
    detail.full_clean(exclude=["item"])
    found: dict[str, Any] = {}
    for name in ("from_year", "to_year"):
        year = getattr(detail, name)
        if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
            meant = {"year": year + BE_OFFSET}
            found[name] = (
                _("Write the year in the Buddhist era. Did you mean %(year)s?") % meant
                if FIRST_YEAR <= year + BE_OFFSET <= LAST_YEAR
                else _("Write the year in the Buddhist era, such as 2570.")
            )
    if detail.cost_satang is not None and detail.cost_satang < 0:
        found["cost_satang"] = _("A cost cannot be less than nothing.")
    if detail.cost_satang is not None and detail.cost_source is None and not detail.cost_note:
        found["cost_note"] = _("Say how the cost was reckoned, or choose its source.")
    city = detail.item.plan.city_id
    if any(group.city_id != city for group in groups or ()):
        found["groups"] = _("A group belongs to another city.")
    if found:
        raise ValidationError(found)


def _keep(act: Act, detail: MeasureDetail, changed: list[str], groups: list[Group] | None, why: str) -> None:
    """Write the details, and one revision of the part that they belong to."""
    item = detail.item
    item.revision += 1
    item.save(update_fields=["revision", "updated_at"])
    detail.revision = item.revision
    detail.save()
    if groups is not None:
        detail.groups.set(groups)
    before = ThingRevision.objects.filter(node=item.pk).order_by("-number").values_list("values", flat=True)
    ThingRevision.objects.create(
        node=item.node,
        number=item.revision,
        values=(before.first() or {}) | {f"{PREFIX}{name}": value for name, value in said(detail).items()},
        changed=sorted(f"{PREFIX}{name}" for name in changed),
        by=act.actor.label,
        why=why,
    )
    index(item.pk)
    act.note(detail, fields=changed)


def _conflict(
    fresh: MeasureDetail, base: int, own: dict[str, Any], groups: list[Group] | None
) -> EditConflict:
    names = {*own, *(["groups"] if groups is not None else [])}
    rows = ThingRevision.objects.filter(node=fresh.item_id)
    start = rows.filter(number=base).first()
    last = rows.filter(number=fresh.revision).first()
    before = {
        name.removeprefix(PREFIX): value
        for name, value in (start.values if start else {}).items()
        if name.startswith(PREFIX)
    }
    now = {name: value for name, value in said(fresh).items() if name in names}
    return EditConflict(
        current=now, base=before, revision=fresh.revision, by=last.by if last is not None else ""
    )


def answer(actor: Actor, item: Node, findings: Sequence[Node]) -> None:
    """Make these the findings that a measure or a goal answers, as far as the actor sees findings.

    Findings that the actor may not see stay linked. Raises Refused for a finding of another city.
    """
    rows = scope(actor, Edge.objects.select_related("up__space", "down__space"))
    standing = {edge.up_id: edge for edge in rows.filter(down=item, up__kind=Kind.FINDING)}
    wanted = {finding.pk: finding for finding in findings}
    for key, edge in standing.items():
        if key not in wanted:
            unlink(actor, edge)
    for key, finding in wanted.items():
        if key not in standing:
            link(actor, finding, item, EdgeKind.RESTS_ON)


@dataclass(frozen=True)
class _Label:
    label: str
    field: Any


def _label(name: str) -> _Label:
    field: Any = MeasureDetail._meta.get_field(name.removeprefix(PREFIX))
    return _Label(str(field.verbose_name), field)


def detail_history(item: Item, *, limit: int = 30) -> list[Entry]:
    """How the details of a measure came to be, newest first; one query."""
    rows = [
        row
        for row in ThingRevision.objects.filter(node=item.pk)[: limit + 1]
        if any(name.startswith(PREFIX) for name in row.changed)
    ]
    return [_entry(row, rows[at + 1].values if at + 1 < len(rows) else {}) for at, row in enumerate(rows)]


def _entry(row: ThingRevision, before: Mapping[str, Any]) -> Entry:
    changes = []
    for name in row.changed:
        if name.startswith(PREFIX):
            told = _label(name)
            old, new = shown(before.get(name), told.field), shown(row.values.get(name), told.field)
            changes.append(Change(told.label, old, new))
    return Entry(row.number, writer_name(row.by), row.at, row.why, changes)
