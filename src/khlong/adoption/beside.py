"""What is told of a proposal beside the passage of the plan that it was made from."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from khlong.adoption.models import Adoption, Proposal, edition_words
from khlong.chain.models import Kind
from khlong.people.actor import Actor
from khlong.people.policy import scope
from khlong.strategy.faces import tells
from khlong.thai.money import format_baht


@tells(Kind.PROPOSAL)
def standing(actor: Actor, keys: Collection[UUID]) -> dict[UUID, list[Any]]:
    """Before whom each proposal is and how far, the page on which it was adopted, what it asks for; two queries."""
    rows = scope(actor, Proposal.objects.filter(pk__in=keys)).select_related("organisation")
    return {row.pk: _lines(row) for row in rows.prefetch_related("adoptions")}


def _lines(row: Proposal) -> list[Any]:
    said = {"organisation": row.organisation.name, "state": row.get_state_display()}
    lines = [_("%(organisation)s: %(state)s") % said]
    pages = [_page(one) for one in row.adoptions.all() if one.is_plan and one.page]
    money = format_baht(row.total, "en" if get_language() == "en" else "th") if row.total else ""
    return [*lines, *pages[:1], *([_("It asks for %(amount)s") % {"amount": money}] if money else [])]


def _page(one: Adoption) -> str:
    title = " ".join(filter(None, (one.title, edition_words(one.edition, one.round, one.year))))
    said = {"plan": title, "page": one.page, "order": one.order}
    return (
        _("%(plan)s, page %(page)s, line %(order)s") if one.order else _("%(plan)s, page %(page)s")
    ) % said
