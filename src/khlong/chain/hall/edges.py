"""Links made and taken away in a hall."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from khlong.chain.actions import link, unlink
from khlong.chain.hall.documents import Document, Missing, Work, register
from khlong.chain.hall.threeway import Values
from khlong.chain.models import Edge, EdgeKind, Node


class EdgeDocument(Document):
    """A link: its key names both ends and what it says, so that the same link on both sides is one."""

    name, order, title, removable = "chain.edge", 90, _("link"), True

    def read(self, space: Node, keys: Collection[str] | None = None) -> dict[str, dict[str, Any]]:
        rows = Edge.objects.select_related("up", "down")
        if keys is None:
            rows = rows.filter(down__space=space)
        else:
            downs = [UUID(key.split(":")[1]) for key in keys]
            rows = rows.filter(down__in=downs)
        made = {f"{row.up_id}:{row.down_id}:{row.kind}": self._plain(row) for row in rows.order_by("pk")}
        return made if keys is None else {key: values for key, values in made.items() if key in keys}

    def _plain(self, row: Edge) -> dict[str, Any]:
        return {
            "@title": f"{row.up} → {row.down}"[:300],
            "@ref": row.down.ref,
            "@across": row.across,
            "@version": row.version,
        }

    def add(self, work: Work, key: str, values: Values) -> str:
        up, down, kind = key.split(":")
        nodes = Node.objects.select_related("space").in_bulk([UUID(up), UUID(down)])
        if len(nodes) < 2:
            raise Missing(str(values["@title"]))
        across, version = bool(values["@across"]), str(values["@version"])
        link(work.actor, nodes[UUID(up)], nodes[UUID(down)], EdgeKind(kind), across=across, version=version)
        return key

    def change(self, work: Work, key: str, values: Values, *, whole: Values) -> None:
        raise AssertionError("a link has nothing to change")

    def remove(self, work: Work, key: str) -> None:
        up, down, kind = key.split(":")
        rows = Edge.objects.select_related("up__space", "down__space")
        edge = rows.filter(up=UUID(up), down=UUID(down), kind=kind).first()
        if edge is not None:
            unlink(work.actor, edge)


register(EdgeDocument())
