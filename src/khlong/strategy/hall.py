"""What a hall brings home of a plan: the plan, its parts with their words, and the order of the parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from khlong.chain.hall.documents import (
    Document,
    Missing,
    RowDocument,
    ThingDocument,
    Work,
    register,
    stays_in_the_hall,
)
from khlong.chain.hall.threeway import Rules, Values, combine_order
from khlong.chain.hall.travel import travels
from khlong.chain.models import Node, Visibility
from khlong.people.actor import Actor
from khlong.strategy import actions
from khlong.strategy.indicators import save_indicator
from khlong.strategy.measures import save_measure
from khlong.strategy.models import (
    Indicator,
    Item,
    ItemKind,
    Language,
    MeasureDetail,
    Passage,
    PassageRevision,
    Plan,
    Version,
    VersionEntry,
)

TEXTS = {"text_th": Language.THAI, "text_en": Language.ENGLISH}
LABELS = {
    "text_th": _("words in Thai"),
    "text_en": _("words in English"),
    "removed": _("left out of the plan"),
    "order": _("order"),
}


def show_plan(actor: Actor, plan: Plan, visibility: Visibility) -> None:
    """Publish a plan or take it back, as its buttons do."""
    if visibility == Visibility.PUBLIC:
        actions.publish_plan(actor, plan)
    else:
        actions.withdraw_plan(actor, plan)


class ItemDocument(ThingDocument):
    """A part of a plan with its newest words."""

    def __init__(self) -> None:
        super().__init__(Item, actions.save_plan, order=61, rules=Rules(decisive=("removed",)))

    def read(self, space: Node, keys: Collection[str] | None = None) -> dict[str, dict[str, Any]]:
        found = super().read(space, keys)
        words = _newest([UUID(key) for key in found])
        for key, values in found.items():
            del values["order"]
            texts = words.get(key, {})
            values |= {name: texts.get(lang, "") for name, lang in TEXTS.items()}
        return found

    def parts(self, keys: Collection[str]) -> dict[str, list[str]]:
        rows = Passage.objects.filter(item__in=[UUID(key) for key in keys]).values_list("item", "uuid")
        return {str(item): [str(passage)] for item, passage in rows}

    def add(self, work: Work, key: str, values: Values) -> str:
        real = self.real(work, {name: values[name] for name in ("plan", "parent", "kind")})
        ref = values["@ref"]
        kept = actions.add_item(
            work.actor,
            real["plan"],
            ItemKind(real["kind"]),
            values["text_th"],
            text_en=values["text_en"],
            parent=real["parent"],
            ref="" if Node.objects.filter(ref=ref).exists() else ref,
            uuid=UUID(key),
            why=work.why,
        )
        if values["removed"]:
            actions.remove_item(work.actor, kept, why=work.why)
        return key

    def change(self, work: Work, key: str, values: Values, *, whole: Values) -> None:
        item = Item.objects.select_related("node__space", "plan", "passage").get(pk=UUID(key))
        for name, lang in TEXTS.items():
            if name in values:
                actions.save_passage(work.actor, item.passage, lang, values[name], why=work.why)
        if "removed" in values:
            change = actions.remove_item if values["removed"] else actions.restore_item
            change(work.actor, item, why=work.why)

    def label(self, name: str) -> str:
        return str(LABELS.get(name) or super().label(name))

    def is_text(self, name: str) -> bool:
        return name in TEXTS


def _newest(keys: Collection[UUID]) -> dict[str, dict[str, str]]:
    """Newest words of each part by language, in one query."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    rows = PassageRevision.objects.filter(passage__item__in=keys).order_by("number")
    for item, lang, text in rows.values_list("passage__item", "lang", "text"):
        found[str(item)][lang] = text
    return found


class OrderDocument(Document):
    """In which order the parts of a plan, or of one of its parts, stand."""

    name, order, title = "strategy.order", 62, _("order of parts")
    rules = Rules(combine={"order": combine_order})

    def read(self, space: Node, keys: Collection[str] | None = None) -> dict[str, dict[str, Any]]:
        rows = Item.objects.filter(removed=False).select_related("plan__node", "parent__node")
        if keys is None:
            rows = rows.filter(node__space=space)
        else:
            rows = rows.filter(plan__in=[UUID(key.split(":")[0]) for key in keys])
        found: dict[str, dict[str, Any]] = {}
        for item in rows.order_by("order", "pk"):
            above = item.parent or item.plan
            start = {"order": [], "@title": above.node.title_th, "@ref": above.ref}
            key = f"{item.plan_id}:{item.parent_id or ''}"
            found.setdefault(key, start)["order"].append(str(item.pk))
        return found if keys is None else {key: row for key, row in found.items() if key in keys}

    def add(self, work: Work, key: str, values: Values) -> str:
        self._arrange(work, key, values["order"])
        return key

    def change(self, work: Work, key: str, values: Values, *, whole: Values) -> None:
        self._arrange(work, key, values["order"])

    def _arrange(self, work: Work, key: str, order: list[str]) -> None:
        plan, _colon, parent = key.partition(":")
        row = Plan.objects.select_related("node__space").filter(pk=UUID(plan)).first()
        above = Item.objects.filter(pk=UUID(parent)).first() if parent else None
        if row is None or (parent and above is None):
            raise Missing(str(_("a part of a plan")))
        actions.arrange_items(work.actor, row, above, [UUID(item) for item in order])

    def remove(self, work: Work, key: str) -> None:
        """No part stands there any more: each was left out by itself."""

    def label(self, name: str) -> str:
        return str(LABELS[name])

    def words(self, name: str, value: Any) -> str:
        titles = Node.objects.in_bulk([UUID(item) for item in value or ()])
        found = [titles.get(UUID(item)) for item in value or ()]
        return " → ".join(node.title_th for node in found if node)


for _model in (Passage, PassageRevision, Version, VersionEntry, MeasureDetail):
    travels(_model)
register(ThingDocument(Plan, actions.save_plan, order=60, show=show_plan, leave=("status",)))
register(ItemDocument())
register(OrderDocument())
register(RowDocument(MeasureDetail, save_measure, order=63, whole="item", near=("item__node",)))
register(ThingDocument(Indicator, save_indicator, order=64))
stays_in_the_hall(
    "strategy.version.make",
    _("Versions made in the hall stay there. Make one here when everything is decided."),
)
for _action in ("strategy.version.open_review", "strategy.version.close_review", "strategy.version.adopt"):
    stays_in_the_hall(
        _action,
        _("What a hall decided of a version stays there. Open the review or enter the adoption here."),
    )
