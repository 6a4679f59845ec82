"""What a value was made of, in words, as far as a reader may know."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from khlong.chain.models import Node
from khlong.network.counts import in_words, is_few
from khlong.people.actor import Actor
from khlong.people.policy import Verb, can
from khlong.pilots.models import PilotState, Value
from khlong.pilots.queries import records_of, works_here
from khlong.strategy.values import provider_of
from khlong.thai.money import format_baht
from khlong.ui.text import amount_text, language


class Made:
    """The rule of a value, the counts that went into it, and its records."""

    def __init__(self, actor: Actor, value: Value) -> None:
        self.actor, self.value = actor, value

    @property
    def rule(self) -> str:
        """The rule in words; its bare name when this Khlong does not know it any more."""
        found = provider_of(self.value.indicator)
        known = found is not None and found.name == self.value.rule
        return str(found.title) if found is not None and known else self.value.rule

    @cached_property
    def _records(self) -> tuple[list[Node], int]:
        return records_of(self.actor, self.value)

    @property
    def records(self) -> list[Node]:
        return self._records[0]

    @property
    def more(self) -> int:
        return self._records[1]

    @property
    def whole(self) -> bool:
        return works_here(self.actor, self.value.space_id)

    @property
    def sees_file(self) -> bool:
        file = self.value.evidence_file
        return file is not None and self.whole and can(self.actor, Verb.USE, file)

    @property
    def sees_node(self) -> bool:
        node = self.value.evidence_node
        return node is not None and can(self.actor, Verb.VIEW, node)

    @property
    def _groups(self) -> dict[str, int]:
        """Who came, by group: all of them or none, since a small number left out could be reckoned from the rest."""
        groups = {
            str(name): int(n) for name, n in self.value.inputs.get("counts", {}).get("groups", {}).items()
        }
        return {} if self.keeps_groups_back else groups

    @property
    def keeps_groups_back(self) -> bool:
        groups = self.value.inputs.get("counts", {}).get("groups", {})
        return not self.whole and any(is_few(int(number)) for number in groups.values())

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What was counted: a label and a number in words each."""
        counts: dict[str, Any] = self.value.inputs.get("counts", {})
        found = [
            (LABELS[name](), amount_text(number)) for name, number in counts.items() if _plain(name, number)
        ]
        found += [(name, in_words(number, whole=True)) for name, number in self._groups.items()]
        found += [(_state(name), amount_text(number)) for name, number in counts.get("states", {}).items()]
        satang = counts.get("satang", {})
        return found + [(ref, format_baht(int(sum_), language())) for ref, sum_ in satang.items()]


def _plain(name: str, number: Any) -> bool:
    return name in LABELS and isinstance(number, int) and number > 0


def _state(name: str) -> str:
    return str(dict(PilotState.choices).get(name, name))


LABELS = {
    "meetings": lambda: _("meetings"),
    "undated": lambda: _("meetings without a date, not counted"),
    "unknown": lambda: _("entries whose number is unknown, not counted"),
    "expenses": lambda: _("approved expenses"),
    "households": lambda: _("households"),
    "statements": lambda: _("statements of households"),
    "pilots": lambda: _("pilot projects"),
    "findings": lambda: _("findings"),
}
