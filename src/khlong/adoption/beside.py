"""What is told of a proposal beside the passage of the plan that it was made from."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from khlong.adoption.models import AdoptedIn, Adoption, Proposal, State, edition_words
from khlong.chain.models import Kind
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.places.models.base import in_language
from khlong.strategy.faces import tells
from khlong.thai.money import format_baht
from khlong.ui.text import language

PAGE = {name: name for name in ("title", "edition", "round", "year", "page", "order")}


def _lines(rows: list[dict[str, Any]]) -> list[Any]:
    row = rows[0]
    organisation = in_language(row["th"], row["en"])
    lines = [
        _("%(organisation)s: %(state)s") % {"organisation": organisation, "state": State(row["state"]).label}
    ]
    if page := _plain(row["page"]):
        lines.append(_page(page))
    total = sum(int(year["satang"]) for year in _plain(row["budget"]) or ())
    if total:
        amount = format_baht(total, language())
        lines.append(_("It asks for %(amount)s") % {"amount": amount})
    return lines


def _plain(value: Any) -> Any:
    """What JSON within JSON says; SQLite hands it over as text."""
    return json.loads(value) if isinstance(value, str) else value


def _page(row: dict[str, Any]) -> str:
    edition = edition_words(row["edition"], row["round"], row["year"])
    said = {
        "plan": " ".join(filter(None, (row["title"], edition))),
        "page": row["page"],
        "line": row["order"],
    }
    return (
        _("%(plan)s, page %(page)s, line %(line)s") if row["order"] else _("%(plan)s, page %(page)s")
    ) % said


@tells(Kind.PROPOSAL, _lines)
def standing(actor: Actor, keys: Collection[UUID]) -> QuerySet[Proposal]:
    """Before whom each proposal is and how far, the page on which it was adopted, what it asks for."""
    pages = Adoption.objects.filter(proposal=OuterRef("pk"), kind=AdoptedIn.PLAN).exclude(page="")
    page = Subquery(pages.order_by("-at", "id").annotate(said=JSONObject(**PAGE)).values("said")[:1])
    names = {"th": "organisation__name_th", "en": "organisation__name_en"}
    said = JSONObject(state="state", budget="budget", page=page, **names)
    return scope(actor, Proposal.objects.filter(pk__in=keys)).annotate(of=F("node"), said=said)
