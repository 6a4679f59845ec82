"""Taking in published plans from the cities' data files."""

from __future__ import annotations

from khlong.chain.actions import link
from khlong.chain.load import LOADER, Load, section
from khlong.chain.models import EdgeKind, Kind, Node
from khlong.chain.yamlfile import Reader
from khlong.people.actor import ActorKind
from khlong.places.load import mark_of, source_of
from khlong.places.models import City
from khlong.record.models import AuditEntry
from khlong.strategy import actions
from khlong.strategy.models import Item, ItemKind, Language, Plan, PlanStatus
from khlong.strategy.queries import unversioned


@section(80)
def plans(load: Load) -> None:
    """Plans, their parts and the words of each; a first version holds what was published."""
    for file in load.files("cities/*.yaml"):
        inner, reader = file.one("city"), file.one("plan")
        city = load.existing(City, inner.text("ref")) if inner else None
        if city is not None and reader is not None:
            _plan(load, city, reader)
        for key in ("groups", "communities", "facts"):
            file.raw(key)
        file.done()


def _plan(load: Load, city: City, reader: Reader) -> None:
    title_th, title_en = reader.pair("title", required=True)
    reader.raw("items")
    upstream = [_upstream(load, reader, ref) for ref in reader.words("rests_on")]
    values = {
        "name_th": title_th,
        "name_en": title_en,
        "city": city,
        "horizon_years": reader.integer("horizon_years"),
        "start_year": reader.integer("start_year"),
        "status": reader.choice("status", PlanStatus.values),
        "drafted": reader.span("drafted"),
        "source": source_of(load, reader),
        "mark": mark_of(reader),
    }
    plan = load.thing(
        Plan,
        Kind.PLAN,
        reader,
        space=city.node,
        values=values,
        save=actions.save_plan,
        parts=("items", "rests_on"),
    )
    if plan is None:
        return
    linked = set(plan.node.upstream.values_list("up_id", flat=True))
    for node in filter(None, upstream):
        if node.pk not in linked:
            link(load.actor, node, plan.node, EdgeKind.LEADS_TO, across=True)
    for item in reader.each("items"):
        _item(load, plan, item, None)
    last = plan.versions.order_by("-number").first()
    if last is None or (last.by == LOADER and unversioned(plan, last) and not _written_by_people(plan)):
        actions.make_version(load.actor, plan)


def _written_by_people(plan: Plan) -> bool:
    """Whether people have worked on a plan: then its next version is theirs to make."""
    lines = AuditEntry.objects.filter(action__startswith="strategy.", space=plan.space_id)
    return lines.exclude(actor_kind=ActorKind.SYSTEM).exists()


def _upstream(load: Load, reader: Reader, ref: str) -> Node | None:
    node = load.nodes.get(ref)
    if node is None:
        reader.complain(
            "rests_on", f"rests_on: nothing has the reference {ref}.", "Name a meeting, a fact or an event."
        )
    return node


def _complain_of_place(reader: Reader, ref: str) -> None:
    message = f"{ref} stands in the plan as another kind or in another place."
    reader.complain("kind", message, "Leave it out here and add it anew with a free number.")


def _item(load: Load, plan: Plan, reader: Reader, parent: Item | None) -> None:
    kind = ItemKind(reader.choice("kind", ItemKind.values) or ItemKind.STATEMENT)
    text_th, text_en = reader.text("th", required=True), reader.text("en")
    reader.raw("items")
    ref = load.ref(reader, Kind.MEASURE if kind == ItemKind.MEASURE else Kind.ITEM)
    reader.done()
    if not ref or reader.is_bad:
        return
    digest, item = reader.digest("items"), load.existing(Item, ref)
    if item is None:
        item = actions.add_item(load.actor, plan, kind, text_th, text_en=text_en, parent=parent, ref=ref)
        load.report.added[str(Item._meta.verbose_name_raw)] += 1
        load.report.changed[ref] = "added"
    elif load.same(ref, digest):
        load.report.unchanged += 1
    elif any(row.by != LOADER for row in item.passage.revisions.all()):
        load.report.kept.append(ref)
    elif (item.kind, item.parent_id) != (kind, parent.pk if parent else None):
        _complain_of_place(reader, ref)
    else:
        actions.save_passage(load.actor, item.passage, Language.THAI, text_th)
        if text_en:
            actions.save_passage(load.actor, item.passage, Language.ENGLISH, text_en)
        load.report.changed[ref] = "changed"
    if ref not in load.report.kept:
        load.keep_digest(ref, digest)
    for below in reader.each("items"):
        _item(load, plan, below, item)
