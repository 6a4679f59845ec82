"""What upstream may not take away while findings rest on it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from khlong.assessment.models import Finding
from khlong.chain.models import Edge, EdgeKind, Kind
from khlong.record.actions import Act, guard
from khlong.record.errors import Refused

NAMED = 5


def findings_on(node: Any) -> list[str]:
    """References of the findings that rest on a node."""
    rows = Finding.objects.filter(node__upstream__up=node, node__upstream__kind=EdgeKind.RESTS_ON)
    return list(rows.order_by("node__ref").values_list("node__ref", flat=True).distinct())


@guard("places.fact.withdraw")
def facts_that_carry(_act: Act, fact: Any) -> None:
    """A fact on which findings rest is not taken back under them."""
    if found := findings_on(fact.pk):
        shown = ", ".join(found[:NAMED]) + (" …" if len(found) > NAMED else "")
        words = _(
            "Findings rest on this fact and would lose their ground: %(refs)s. Take it out of them first, or correct "
            "the fact instead."
        )
        raise Refused(words % {"refs": shown})


@guard("chain.edge.unlink")
def last_evidence(_act: Act, edge: Any) -> None:
    """A checked finding keeps something that it rests on."""
    if edge.kind != EdgeKind.RESTS_ON or edge.down.kind != Kind.FINDING:
        return
    finding = Finding.objects.filter(pk=edge.down_id).exclude(validated_on=None).first()
    if finding is None:
        return
    others = Edge.objects.filter(down=edge.down_id, kind=EdgeKind.RESTS_ON).exclude(pk=edge.pk)
    if not others.filter(up__statement__erased_on=None).exists() and not finding.files.exists():
        words = _("%(ref)s was checked and would be left without evidence. Take the check back first.")
        raise Refused(words % {"ref": finding.ref})
