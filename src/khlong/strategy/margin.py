"""What stands beside an opened passage: voices and findings before its gate, what came of it behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q

from khlong.assessment.models import Cause
from khlong.chain.beside import Stretch
from khlong.chain.gaps import registered
from khlong.chain.models import Edge, Kind, Node
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.models.base import in_language
from khlong.register.queries import with_words
from khlong.strategy.faces import tell
from khlong.strategy.models import Indicator, Item
from khlong.strategy.part_pages import IndicatorRow, indicator_rows

MOST_LINKS = 160
VOICES, FINDINGS, PER_KIND = 2, 2, 3
AFTER = (Kind.SUGGESTION, Kind.PROPOSAL, Kind.PILOT)


@dataclass(frozen=True)
class Told:
    """A thing with short texts about it, from the room that keeps it."""

    node: Node
    lines: tuple[Any, ...] = ()
    causes: tuple[Cause, ...] = ()

    @property
    def checked_on(self) -> Any:
        """The day on which people checked the finding together."""
        return self.causes[0].finding.validated_on if self.causes else None


@dataclass(frozen=True)
class Voice:
    """What a household said, as far as the reader may read its words; otherwise where it was said."""

    node: Node
    said: str

    @property
    def ref(self) -> str:
        return self.node.ref


@dataclass(frozen=True)
class Group:
    """Things of one kind, and how many more there are."""

    label: Any
    told: tuple[Told, ...]
    more: int


class Margin:
    """Both sides of a passage, near enough to be read at once; the full trace is a link away."""

    def __init__(
        self, actor: Actor, item: Item, dry: Iterable[Stretch] = (), *, most_voices: int = VOICES
    ) -> None:
        self.actor, self.item, self.most_voices = actor, item, most_voices
        self.dry = tuple(dry)

    @cached_property
    def _edges(self) -> list[Edge]:
        """The links of the passage, and those of the findings that it answers to their evidence; one query."""
        answered = Edge.objects.filter(down=self.item.pk, up__kind=Kind.FINDING).order_by().values("up")
        near = Q(down=self.item.pk) | Q(up=self.item.pk) | Q(down__in=answered)
        rows = scope(
            self.actor, Edge.objects.select_related("up__statement__household", "down__indicator")
        ).filter(near)
        return list(reversed(rows.order_by("-at", "-pk")[:MOST_LINKS]))

    def _of(self, nodes: Iterable[Node], *kinds: Kind) -> list[Node]:
        return list({node.pk: node for node in nodes if node.kind in kinds}.values())

    @cached_property
    def _above(self) -> list[Node]:
        return [edge.up for edge in self._edges if edge.down_id == self.item.pk]

    @cached_property
    def _below(self) -> list[Node]:
        return [edge.down for edge in self._edges if edge.up_id == self.item.pk]

    @cached_property
    def _evidence(self) -> list[Node]:
        ends = {self.item.pk}
        return [edge.up for edge in self._edges if edge.down_id not in ends and edge.up_id not in ends]

    # before the gate

    @cached_property
    def voices(self) -> list[Voice]:
        """What households said, in their own words: the nearest few. Their keys are fetched at once."""
        nodes = self._of([*self._above, *self._evidence], Kind.STATEMENT)[: self.most_voices]
        rows = [node.statement for node in nodes if hasattr(node, "statement")]
        words = {
            one.statement.pk: in_language(one.words, one.words_en) for one in with_words(self.actor, rows)
        }
        return [Voice(node, words.get(node.pk, "")) for node in nodes]

    @cached_property
    def _rest(self) -> list[Node]:
        """The rest of the evidence: facts, events, meetings, further voices."""
        shown = {voice.node.pk for voice in self.voices}
        nodes = {node.pk: node for node in [*self._above, *self._evidence]}.values()
        return [node for node in nodes if node.kind != Kind.FINDING and node.pk not in shown]

    @property
    def more_evidence(self) -> list[Node]:
        return self._rest[:PER_KIND]

    @property
    def more_count(self) -> int:
        return len(self._rest)

    @cached_property
    def findings(self) -> list[Told]:
        """The findings that it answers, each with its why; one query for the causes."""
        nodes = self._of(self._above, Kind.FINDING)[:FINDINGS]
        causes: dict[UUID, list[Cause]] = defaultdict(list)
        if nodes:
            rows = Cause.objects.filter(finding__in=[node.pk for node in nodes]).select_related("finding")
            for cause in rows.order_by("order", "pk"):
                causes[cause.finding_id].append(cause)
        return [Told(node, causes=tuple(causes[node.pk])) for node in nodes]

    @property
    def more_findings(self) -> int:
        return len(self._of(self._above, Kind.FINDING)) - len(self.findings)

    @property
    def rests_on_nothing(self) -> bool:
        return not self._above

    # behind the gate

    @cached_property
    def after(self) -> list[Group]:
        """Suggestions, proposals and pilots, as their rooms tell of them."""
        kept = {kind: nodes for kind in AFTER if (nodes := self._of(self._below, kind))}
        near = {kind: nodes[:PER_KIND] for kind, nodes in kept.items()}
        lines = tell(self.actor, {kind: [node.pk for node in nodes] for kind, nodes in near.items()})
        told = {kind: tuple(Told(row, tuple(lines.get(row.pk, ()))) for row in near[kind]) for kind in kept}
        return [Group(kind.label, told[kind], len(kept[kind]) - len(near[kind])) for kind in kept]

    @cached_property
    def indicators(self) -> list[IndicatorRow]:
        """By what one knows that it works, with the values kept so far; one query for each series there is."""
        nodes = self._of(self._below, Kind.INDICATOR)[:2]
        found: list[Indicator] = []
        for node in nodes:
            indicator = getattr(node, "indicator", None)
            if indicator is not None:
                indicator.node = node
                found.append(indicator)
        return indicator_rows(self.actor, found) if found else []

    @property
    def other_results(self) -> list[Node]:
        known = {*AFTER, Kind.INDICATOR}
        return [node for node in self._below if node.kind not in known][:PER_KIND]

    @property
    def led_to_nothing(self) -> bool:
        return not self._below

    @property
    def dry_above(self) -> list[Stretch]:
        return [one for one in self.dry if one.key in _upstream_gaps()]

    @property
    def dry_below(self) -> list[Stretch]:
        return [one for one in self.dry if one.key not in _upstream_gaps()]


def _upstream_gaps() -> set[str]:
    return {gap.key for gap in registered() if gap.upstream}
