"""What people do with a plan: write its parts, save their words, make a version of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Kind, Node, Visibility
from khlong.chain.search import index
from khlong.chain.things import Values, hold, keep_thing, new_thing
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope
from khlong.record.actions import Act, action
from khlong.record.errors import EditConflict, Refused
from khlong.record.limits import EDITS, Limit
from khlong.strategy.frozen import differing
from khlong.strategy.models import (
    Indicator,
    Item,
    ItemKind,
    Language,
    Passage,
    PassageRevision,
    Plan,
    Version,
    VersionEntry,
    VersionState,
    normal,
)
from khlong.strategy.queries import newest_revisions, plan_items, said_of

RESTING = (Kind.PROPOSAL, Kind.PILOT, Kind.INDICATOR)


@action("strategy.plan.save")
def save_plan(act: Act, plan: Plan, values: Values, *, base: int | None = None, why: str = "") -> Plan:
    """Add or change what is said of a plan as a whole. Raises Refused, ValidationError, EditConflict."""
    return keep_thing(act, plan, values, base=base, why=why)


@action("strategy.plan.publish")
def publish_plan(act: Act, plan: Plan) -> None:
    """Show a plan and what stands in its versions to everybody. Raises Refused while there is no version."""
    act.require(Verb.PUBLISH, plan)
    if not plan.versions.exists():
        raise Refused(_("Make a version first: readers see versions, not the working text."))
    _show(act, plan, Visibility.PUBLIC)


@action("strategy.plan.withdraw")
def withdraw_plan(act: Act, plan: Plan) -> None:
    """Show a plan and its parts to the working group only. Raises Refused."""
    act.require(Verb.PUBLISH, plan)
    _show(act, plan, Visibility.MEMBERS)


def _show(act: Act, plan: Plan, visibility: Visibility) -> None:
    if plan.node.visibility == visibility:
        act.nothing()
        return
    parts = Item.objects.filter(plan=plan)
    if visibility == Visibility.PUBLIC:
        parts = parts.filter(pk__in=VersionEntry.objects.filter(version__plan=plan).values("item"))
    shown = [plan.pk, *parts.values_list("pk", flat=True)]
    shown += _indicators(plan, shown)
    Node.objects.filter(pk__in=shown).update(visibility=visibility)
    index(*shown)
    plan.node.visibility = visibility
    act.note(plan, fields=["visibility"])


def _indicators(plan: Plan, parts: Sequence[UUID]) -> list[UUID]:
    """The indicators of these parts of a plan, and those of the city as a whole."""
    rows = Indicator.objects.filter(city=plan.city_id, node__space=plan.node.space_id)
    return list(rows.filter(Q(item=None) | Q(item__in=parts)).values_list("pk", flat=True))


@action("strategy.item.add", limit=EDITS)
def add_item(
    act: Act,
    plan: Plan,
    kind: ItemKind,
    text_th: str,
    *,
    text_en: str = "",
    parent: Item | None = None,
    ref: str = "",
    uuid: UUID | None = None,
    why: str = "",
) -> Item:
    """Add a part to a plan, at the end of its parent, with its first words.

    Only the working group sees it until it stands in a version of a published plan. Raises Refused, and
    ValidationError when there are no Thai words or the parent is of another plan.
    """
    if not normal(text_th):
        raise ValidationError({"text_th": _("Write the words in Thai: the Thai text is the plan.")})
    if parent is not None and parent.plan_id != plan.pk:
        raise ValidationError({"parent": _("The part above belongs to another plan.")})
    node_kind = Kind.MEASURE if kind == ItemKind.MEASURE else Kind.ITEM
    node = {"uuid": uuid} if uuid else {}
    item = new_thing(Item, node_kind, space=plan.node.space, ref=ref, is_example=plan.node.is_example, **node)
    item.node.visibility = Visibility.MEMBERS
    item.node.title_th, item.node.title_en = _short(text_th), _short(text_en)
    last = Item.objects.filter(plan=plan, parent=parent).aggregate(last=Max("order"))["last"] or 0
    keep_thing(act, item, {"plan": plan, "kind": kind, "parent": parent, "order": last + 1}, why=why)
    passage = Passage.objects.create(item=item)
    first = _write(act, passage, Language.THAI, text_th, number=1, why=why)
    if normal(text_en):
        _write(act, passage, Language.ENGLISH, text_en, number=1, made_from=first, why=why)
    index(item.pk)
    return item


@action("strategy.passage.save", limit=EDITS)
def save_passage(
    act: Act, passage: Passage, lang: Language, text: str, *, base: int | None = None, why: str = ""
) -> PassageRevision:
    """Follow the words of a passage by new ones.

    `base` is the number of the revision that the writer started from (0 when there was none). Raises Refused,
    ValidationError for empty Thai, EditConflict when somebody else saved after `base`.
    """
    act.require(Verb.CHANGE, passage)
    if lang == Language.THAI and not normal(text):
        raise ValidationError({"text": _("Write the words in Thai: the Thai text is the plan.")})
    hold(passage)
    rows = {row.lang: row for row in passage.revisions.order_by("number")}
    newest, thai = rows.get(lang), rows[Language.THAI]
    standing = newest.number if newest else 0
    if base is not None and base != standing:
        raise _passage_conflict(passage, lang, newest, base)
    made_from = None if lang == Language.THAI else thai
    if (
        newest
        and newest.text == normal(text)
        and newest.made_from_id == (made_from.pk if made_from else None)
    ):
        act.nothing()
        return newest
    saved = _write(act, passage, lang, text, number=standing + 1, made_from=made_from, why=why)
    if not VersionEntry.objects.filter(item=passage.item).exists():
        _retitle(passage.item.node, lang, text)
    index(passage.item_id)
    return saved


class StillNeeded(Refused):
    """Something rests on a part that is to be left out; `nodes` are what the actor may see of it."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = list(nodes)
        names = ", ".join(node.ref for node in self.nodes[:5])
        super().__init__(
            _("%(names)s rest on this part. Say why it is left out all the same.") % {"names": names}
        )


@action("strategy.item.remove")
def remove_item(act: Act, item: Item, *, why: str = "", anyway: bool = False) -> Item:
    """Leave a part out of coming versions; its words and links stay where they were said.

    Raises Refused, also where a guard of another room holds it (an open suggestion). Raises StillNeeded while
    proposals, pilots or indicators rest on it, unless `anyway` is said with a reason.
    """
    if item.parts.filter(removed=False).exists():
        raise Refused(_("This part has parts of its own. Remove those first."))
    act.require(Verb.CHANGE, item)
    resting = resting_on(act.actor, item)
    if resting and not (anyway and why.strip()):
        raise StillNeeded(resting)
    return keep_thing(act, item, {"removed": True}, why=why)


def resting_on(actor: Actor, item: Item) -> list[Node]:
    """The proposals, pilots and indicators that came of a part, as far as the actor may see them; one query."""
    rows = scope(actor, Node.objects.filter(upstream__up=item.pk, kind__in=RESTING)).distinct()
    return list(rows.select_related("space").order_by("ref")[:50])


@action("strategy.item.restore")
def restore_item(act: Act, item: Item, *, why: str = "") -> Item:
    """Take a part that was left out into coming versions again. Raises Refused."""
    return keep_thing(act, item, {"removed": False}, why=why)


@action("strategy.item.arrange")
def arrange_items(act: Act, plan: Plan, parent: Item | None, order: Sequence[UUID]) -> None:
    """Put the parts below a plan or a part into an order; those that it does not name stand at the end."""
    act.require(Verb.CHANGE, plan)
    row = list(Item.objects.filter(plan=plan, parent=parent, removed=False).order_by("order", "pk"))
    place = {key: at for at, key in enumerate(order)}
    wanted = sorted(row, key=lambda item: place.get(item.pk, len(place)))
    if wanted == row:
        act.nothing()
        return
    for number, item in enumerate(wanted, start=1):
        Item.objects.filter(pk=item.pk).update(order=number)
    act.note(parent or plan, fields=["order"])


@action("strategy.item.move")
def move_item(act: Act, item: Item, *, up: bool) -> Item:
    """Exchange a part with its neighbour above or below; at the end nothing happens. Raises Refused."""
    act.require(Verb.CHANGE, item)
    row = list(Item.objects.filter(plan=item.plan, parent=item.parent, removed=False).order_by("order", "pk"))
    at = next((index for index, other in enumerate(row) if other.pk == item.pk), None)
    to = -1 if at is None else at - 1 if up else at + 1
    if at is None or not 0 <= to < len(row):
        act.nothing()
        return item
    row[at], row[to] = row[to], row[at]
    for order, other in enumerate(row, start=1):
        Item.objects.filter(pk=other.pk).update(order=order)
    act.note(item, fields=["order"])
    return item


@action("strategy.version.make", limit=Limit(60, per=timedelta(hours=1)))
def make_version(act: Act, plan: Plan, *, note: str = "") -> Version:
    """Freeze the plan as it stands. Raises Refused when nothing changed since the last version."""
    version = Version(plan=plan, note=note, by=act.actor.label, state=VersionState.DRAFT)
    act.require(Verb.CHANGE, version)
    hold(plan)
    entries = _entries(plan)
    last = plan.versions.order_by("-number").first()
    if last is not None and _same(last, entries):
        raise Refused(_("Nothing changed since version %(number)s.") % {"number": last.number})
    version.number = last.number + 1 if last else 1
    version.save()
    act.fact("strategy.version.draft", version, {"number": version.number})
    for entry in entries:
        entry.version = version
    VersionEntry.objects.bulk_create(entries)
    _bring_out(plan, entries)
    index(*Item.objects.filter(plan=plan).values_list("pk", flat=True))
    act.note(version, fields=["entries"])
    return version


def _entries(plan: Plan) -> list[VersionEntry]:
    words = newest_revisions(plan)
    return [
        VersionEntry(
            order=order,
            item=item,
            parent_id=item.parent_id,
            revision=words[item.pk][Language.THAI],
            translation=words[item.pk].get(Language.ENGLISH),
            detail=said_of(item),
        )
        for order, item in enumerate(plan_items(plan), start=1)
    ]


def _same(version: Version, entries: list[VersionEntry]) -> bool:
    stood = list(version.entries.all())
    return len(stood) == len(entries) and all(map(_alike, stood, entries))


def _alike(one: VersionEntry, other: VersionEntry) -> bool:
    names = ("item_id", "parent_id", "revision_id", "translation_id")
    alike = all(getattr(one, name) == getattr(other, name) for name in names)
    return alike and not differing(one.detail, other.detail)


def _bring_out(plan: Plan, entries: list[VersionEntry]) -> None:
    """Give the parts of a new version its words as titles, and show them as far as the plan is shown."""
    for entry in entries:
        words = {Language.THAI: entry.revision, Language.ENGLISH: entry.translation}
        for lang, revision in words.items():
            _retitle(entry.item.node, lang, revision.text if revision else "")
    if Node.objects.filter(pk=plan.pk, visibility=Visibility.PUBLIC).exists():
        shown = [entry.item_id for entry in entries]
        shown += (below := _indicators(plan, shown))
        Node.objects.filter(pk__in=shown).update(visibility=Visibility.PUBLIC)
        index(*below)


def _write(
    act: Act,
    passage: Passage,
    lang: Language,
    text: str,
    *,
    number: int,
    made_from: PassageRevision | None = None,
    why: str = "",
) -> PassageRevision:
    act.note(passage, fields=[f"text_{lang}"])
    return PassageRevision.objects.create(
        passage=passage, lang=lang, number=number, text=text, made_from=made_from, by=act.actor.label, why=why
    )


def _retitle(node: Node, lang: Language, text: str) -> None:
    field = "title_th" if lang == Language.THAI else "title_en"
    if getattr(node, field) != _short(text):
        setattr(node, field, _short(text))
        node.save(update_fields=[field, "sort_key"])


def _short(text: str) -> str:
    first = normal(text).split("\n")[0]
    return first if len(first) <= 200 else first[:199] + "…"


def _passage_conflict(
    passage: Passage, lang: Language, newest: PassageRevision | None, base: int
) -> EditConflict:
    start = passage.revisions.filter(lang=lang, number=base).first()
    return EditConflict(
        current={"text": newest.text if newest else ""},
        base={"text": start.text} if start else None,
        revision=newest.number if newest else 0,
        by=newest.by if newest else "",
    )
