"""The why of a finding: steps that explain one another, read downwards from the finding to what lies under it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from khlong.assessment.models import Cause

MOST = 30
LONGEST = 500
DEEPEST = 4


def checked(chain: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The steps as they may be kept. Raises ValidationError at chain.

    A step has th, en, explains (the place of another step, or None for the finding itself) and underlying. Nothing
    explains itself, directly or in a circle, and where there are steps at least one is an underlying cause.
    """
    steps = [_plain(step) for step in chain]
    wrong = [words for words in (_faults(steps)) if words]
    if wrong:
        raise ValidationError({"chain": wrong})
    return steps


def _plain(step: Mapping[str, Any]) -> dict[str, Any]:
    th, en = str(step.get("th", "")).strip(), str(step.get("en", "")).strip()
    explains = step.get("explains")
    return {
        "label": th,
        "th": th,
        "en": en,
        "explains": None if explains is None else int(explains),
        "underlying": bool(step.get("underlying")),
    }


def _faults(steps: list[dict[str, Any]]) -> Iterable[Any]:
    if len(steps) > MOST:
        yield _("Write at most %(most)s steps.") % {"most": MOST}
    if any(not step["th"] for step in steps):
        yield _("Write each step in Thai: because of what?")
    if any(len(step[lang]) > LONGEST for step in steps for lang in ("th", "en")):
        yield _("Write at most %(most)s letters in a step.") % {"most": LONGEST}
    if any(step["explains"] is not None and not 0 <= step["explains"] < len(steps) for step in steps):
        yield _("A step explains one that is not there.")
    elif circle := _circle(steps):
        yield _(
            "Steps %(numbers)s explain one another in a circle. Let one of them explain the finding itself."
        ) % {"numbers": ", ".join(str(at + 1) for at in circle)}
    if steps and not any(step["underlying"] for step in steps):
        yield _("Mark at least one step as an underlying cause: the one below which nobody asked why.")


def _circle(steps: list[dict[str, Any]]) -> list[int]:
    """The places of steps that lead back to themselves; empty where there are none."""
    for start in range(len(steps)):
        way, at = [start], steps[start]["explains"]
        while at is not None and at not in way:
            way.append(at)
            at = steps[at]["explains"]
        if at == start:
            return sorted(way)
    return []


@dataclass
class Link:
    """One cause as it is read, with the causes that explain it."""

    cause: Cause
    below: list[Link] = field(default_factory=list)


def tree(causes: Iterable[Cause]) -> list[Link]:
    """The causes of a finding as they are read: those of the finding itself, each with what explains it below."""
    rows = list(causes)
    links = {row.pk: Link(row) for row in rows}
    tops: list[Link] = []
    for row in rows:
        above = links.get(row.explains_id) if row.explains_id else None
        (above.below if above else tops).append(links[row.pk])
    return tops


@dataclass(frozen=True)
class Line:
    """A step of the why as a page prints it: how deep it stands, and whether it begins a branch of several."""

    cause: Cause
    depth: int

    @property
    def shown_depth(self) -> int:
        return min(self.depth, DEEPEST)


def lines(causes: Iterable[Cause]) -> list[Line]:
    """The tree from top to bottom, for a page that is read downwards."""
    found: list[Line] = []

    def walk(links: list[Link], depth: int) -> None:
        for one in links:
            found.append(Line(one.cause, depth))
            walk(one.below, depth + 1 if len(links) > 1 or len(one.below) > 1 else depth)

    walk(tree(causes), 0)
    return found
