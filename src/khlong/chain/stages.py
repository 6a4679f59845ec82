"""The stages of the chain in their order: which kinds of things lie at which gate of the canal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from khlong.chain.models import Kind


@dataclass(frozen=True)
class Place:
    """A gate of the canal. `key` is its name in files, `label` the words for people."""

    key: str
    label: Any
    kinds: tuple[Kind, ...]


STAGES = (
    Place("evidence", _("evidence"), (Kind.STATEMENT, Kind.FACT, Kind.EVENT, Kind.MEETING)),
    Place("findings", _("findings"), (Kind.FINDING,)),
    Place("measures", _("the plan and its measures"), (Kind.ITEM, Kind.MEASURE)),
    Place("suggestions", _("suggestions"), (Kind.SUGGESTION,)),
    Place("works", _("proposals and pilots"), (Kind.PROPOSAL, Kind.PILOT)),
    Place("indicators", _("indicators and values"), (Kind.INDICATOR, Kind.VALUE)),
    Place("report", _("report"), (Kind.LOGFRAME,)),
)

OWN_WORK = (
    Kind.STATEMENT,
    Kind.FINDING,
    Kind.INDICATOR,
    Kind.ROUND,
    Kind.SUGGESTION,
    Kind.PROPOSAL,
    Kind.PILOT,
    Kind.VALUE,
    Kind.LOGFRAME,
)
"""Kinds that come to be only by working on the chain. A real city that shows none of them has not published it."""

_stage_of = {kind: number for number, stage in enumerate(STAGES) for kind in stage.kinds}
BESIDE_THE_CHAIN = len(STAGES)


def stage_of(kind: str) -> int | None:
    """At which gate a kind lies, counted from the source; None for what stands beside the chain."""
    return _stage_of.get(Kind(kind))


def order_of(kind: str) -> tuple[int, str]:
    """For sorting kinds: along the canal, then what stands beside it."""
    place = stage_of(kind)
    return (BESIDE_THE_CHAIN if place is None else place), kind
