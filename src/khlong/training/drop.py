"""Follow one drop: six taps through the training city's own pages, from a household's sentence to a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from khlong.adoption.models import Proposal
from khlong.assessment.models import Finding
from khlong.chain.models import Kind, Node, Visibility
from khlong.deliberation.models import Origin, Round, Suggestion
from khlong.pilots.models import Value
from khlong.strategy.models import Item
from khlong.training.base import CAST
from khlong.training.making import SLUG, is_whole
from khlong.training.texts import words

COOKIE = "khlong_drop"
MATTER = "drains"
"""The finding that the drop passes."""


@dataclass(frozen=True)
class Place:
    """A further page at a step, with the words of its link; `role` is whose shoes it is opened in."""

    words: Any
    url: str
    role: str = ""


@dataclass(frozen=True)
class Step:
    """One tap: which page, what to look at there, whose shoes to stand in, and where else one may go from there."""

    title: Any
    look: Any
    role: str
    page: Callable[[], str | None]
    further: Callable[[], list[Place]] = list


def _finding() -> Finding | None:
    text = next(row["th"] for row in words("findings") if row["key"] == MATTER)
    return Finding.objects.select_related("node").filter(city__slug=SLUG, statement_th=text).first()


def _sentence() -> str | None:
    finding = _finding()
    if finding is None:
        return None
    said = Node.objects.filter(downstream__down=finding.pk, kind=Kind.STATEMENT, visibility=Visibility.PUBLIC)
    first = said.order_by("ref").first()
    return first.get_absolute_url() if first else None


def _why() -> str | None:
    finding = _finding()
    return finding.get_absolute_url() if finding else None


def measure() -> Item | None:
    """The measure that answers the finding."""
    finding = _finding()
    rows = Item.objects.select_related("node").filter(node__upstream__up=finding.pk) if finding else None
    return rows.order_by("node__ref").first() if rows is not None else None


def _measure() -> str | None:
    found = measure()
    return found.get_absolute_url() if found else None


def _suggestion() -> str | None:
    rows = Suggestion.objects.select_related("node").filter(item=measure(), answers__outcome="part")
    found = rows.filter(origin=Origin.SPOKEN).exclude(instead="").first()
    return found.get_absolute_url() if found else None


def open_round() -> Round | None:
    """The round in which the visitor may speak herself."""
    return Round.objects.select_related("node").filter(plan__city__slug=SLUG).order_by("-opens_on").first()


def _speak() -> list[Place]:
    found, item = open_round(), measure()
    if found is None or item is None:
        return []
    answers = reverse("deliberation:answers", args=[found.ref])
    suggest = reverse("deliberation:suggest_at", args=[found.ref, item.ref])
    return [
        Place(_("Suggest something yourself"), suggest),
        Place(_("Answer as the working group"), f"{answers}?item={item.ref}#list", role="member"),
    ]


def proposal() -> Proposal | None:
    rows = Proposal.objects.select_related("node").filter(measure=measure(), city__slug=SLUG)
    return rows.order_by("node__ref").first()


def _page_twelve() -> str | None:
    found = proposal()
    return found.get_absolute_url() if found else None


def _form() -> list[Place]:
    found = proposal()
    url = reverse("adoption:one_form", args=[found.ref, "docx"]) if found else ""
    return [Place(_("Take the project form along in Word"), url)] if url else []


def _number() -> str | None:
    values = Value.objects.select_related("node").filter(pilot__measures=measure())
    found = values.order_by("-period_to").first()
    return found.get_absolute_url() if found else None


STEPS = (
    Step(
        _("A sentence"),
        _("A household said it to a volunteer. Everything further rests on it."),
        "member",
        _sentence,
    ),
    Step(
        _("Why it is so"), _("Read the why downwards, to the cause that lies under it."), "facilitator", _why
    ),
    Step(_("A measure"), _("What the town wants to do, who gains, and who may lose."), "member", _measure),
    Step(
        _("A suggestion and its answer"),
        _(
            "A fisher asked for 40 free metres to turn his boat. He got 25, and a reason. Suggest something yourself."
        ),
        "resident",
        _suggestion,
        _speak,
    ),
    Step(
        _("Page 12"),
        _("The municipality took it into its plan: see on which page it stands."),
        "owner",
        _page_twelve,
        _form,
    ),
    Step(_("A number"), _("What the pilot measured. Follow it back to the sentence."), "evaluator", _number),
)
ROLES = {
    "resident": _("a resident without an account"),
    "member": _("the working group"),
    "owner": _("the city's coordinator"),
    "facilitator": _("the facilitator"),
    "evaluator": _("the evaluator"),
}


def step_of(request: HttpRequest) -> int:
    """At which step a visitor is; 0 for nobody who follows the drop."""
    text = request.COOKIES.get(COOKIE, "")
    return int(text) if text in {str(number) for number in range(1, len(STEPS) + 1)} else 0


def is_ready() -> bool:
    """Whether the training city is here with all that the drop passes."""
    return is_whole() and all(step.page() for step in STEPS)


def may_stand_in(role: str) -> bool:
    return role == "resident" or role in CAST
