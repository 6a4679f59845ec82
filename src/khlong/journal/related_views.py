from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from khlong.chain.actions import exact_ref
from khlong.chain.models import Kind, Node
from khlong.journal import actions
from khlong.journal.models import Related, Report, Topic
from khlong.journal.queries import related_to, seen_reports, seen_topics
from khlong.journal.similar import KINDS
from khlong.people.actor import Actor
from khlong.people.middleware import actor_of
from khlong.people.policy import Verb, can, scope
from khlong.record.errors import Refused
from khlong.thai.digits import to_arabic

OFFERED = 30
MOST = 30


@dataclass
class Row:
    """One line of the list: what is related, and the place that was typed for it (empty: not by hand)."""

    related: Related
    place: str


def _thing(actor: Actor, ref: str) -> Report | Topic:
    found = (
        seen_reports(actor).filter(node__ref=ref).first() or seen_topics(actor).filter(node__ref=ref).first()
    )
    if found is None:
        raise Http404(ref)
    return found


def edit_related(request: HttpRequest, ref: str) -> HttpResponse:
    """Set by hand what stands beside a page: a number puts it there, an empty place leaves it to the comparing."""
    actor = actor_of(request)
    thing = _thing(actor, ref)
    if not can(actor, Verb.CHANGE, thing):
        raise Refused(_("Only the working group of this city may change this.") if actor.signed_in else None)
    rows = [_row(request, one) for one in related_to(actor, thing.node, OFFERED)]
    typed = request.POST.get("more", "")
    if request.method != "POST":
        return _page(request, thing, rows, typed, "")
    more, wrong = _named(actor, typed)
    if wrong:
        return _page(request, thing, rows, typed, wrong, status=422)
    actions.set_related(actor, thing, _in_order(rows) + more)
    messages.success(request, _("Saved."))
    return (
        redirect("journal:related", ref=ref)
        if "again" in request.POST
        else redirect(thing.get_absolute_url())
    )


def _row(request: HttpRequest, one: Related) -> Row:
    standing = "" if one.order is None else str(one.order)
    place = request.POST.get(f"place-{one.pk}", standing if request.method != "POST" else "")
    return Row(one, place)


def _in_order(rows: list[Row]) -> list[Node]:
    numbered = [(int(to_arabic(row.place)), at, row) for at, row in enumerate(rows) if _is_number(row.place)]
    return [row.related.other for _place, _at, row in sorted(numbered, key=lambda one: one[:2])]


def _is_number(text: str) -> bool:
    plain = to_arabic(text).strip()
    return plain.isascii() and plain.isdigit() and len(plain) < 4


def _named(actor: Actor, typed: str) -> tuple[list[Node], str]:
    """The nodes of the references that were typed, or words on the first that cannot be used."""
    refs = typed.replace(",", " ").split()[:MOST]
    found: list[Node] = []
    for text in refs:
        try:
            ref = exact_ref(text)
        except ValueError:
            return [], _(
                "“%(typed)s” is not a reference. Write it as it stands on its page, such as J-SCS-0001."
            ) % {"typed": text[:40]}
        node = scope(actor, Node.objects.filter(kind__in=KINDS)).filter(ref=ref).first()
        if node is None:
            return [], _("There is no report and no topic with the reference %(ref)s.") % {"ref": ref}
        found.append(node)
    return found, ""


def _page(
    request: HttpRequest, thing: Report | Topic, rows: list[Row], typed: str, wrong: str, status: int = 200
) -> HttpResponse:
    kinds = {Kind.REPORT: _("report"), Kind.TOPIC: _("related topic")}
    context: dict[str, Any] = {
        "thing": thing,
        "rows": [(row, kinds[Kind(row.related.other.kind)]) for row in rows],
        "typed": typed,
        "wrong": wrong,
        "is_example": thing.node.is_example,
    }
    return render(request, "journal/related_edit.html", context, status=status)
