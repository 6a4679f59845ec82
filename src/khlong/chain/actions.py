"""Making nodes with permanent references, and linking them."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from khlong.chain.models import Edge, EdgeKind, Kind, Node, RefCounter
from khlong.people.actor import ANONYMOUS, Actor
from khlong.people.policy import Verb, scope
from khlong.record.actions import Act, action
from khlong.record.errors import Refused
from khlong.record.limits import EDITS

MOST_NAMED = 5
REF = re.compile(r"([A-Z])-([A-Z]{3})(?:-([0-9]{4,8}))?")


def parse_ref(text: str) -> tuple[str, str, int | None]:
    """Kind letter, place code and number of a reference such as F-PTG-0012; ValueError for anything else.

    Small letters and Thai digits are read too, since people type references from paper.
    """
    from khlong.thai.digits import to_arabic

    match = REF.fullmatch(to_arabic(text).strip().upper())
    if match is None:
        raise ValueError(f"{text!r} is not a reference such as D-PTG-0012")
    kind, place, number = match.groups()
    return kind, place, int(number) if number else None


def exact_ref(text: str) -> str:
    """A reference as it is kept, from one as it was typed; ValueError as for `parse_ref`."""
    kind, place, number = parse_ref(text)
    return f"{kind}-{place}" if number is None else f"{kind}-{place}-{number:04d}"


def next_ref(kind: Kind, place: str) -> str:
    """The next reference of a kind in a place; must run inside a transaction."""
    prefix = f"{kind.value}-{place}"
    RefCounter.objects.get_or_create(prefix=prefix)
    RefCounter.objects.filter(prefix=prefix).update(last=F("last") + 1)
    return f"{prefix}-{RefCounter.objects.get(prefix=prefix).last:04d}"


def take_ref(ref: str) -> None:
    """Note that a reference from a file is in use, so that its number is never given again."""
    kind, place, number = parse_ref(ref)
    prefix = f"{kind}-{place}"
    if number is None:
        return
    counter, _made = RefCounter.objects.get_or_create(prefix=prefix)
    if counter.last < number:
        RefCounter.objects.filter(prefix=prefix, last__lt=number).update(last=number)


def place_code(space: Node | None) -> str:
    """The three letters of the references of a city or a programme."""
    return space.ref.split("-")[1] if space is not None else "ALL"


def make_node(kind: Kind, *, space: Node | None, ref: str = "", **more: Any) -> Node:
    """An unsaved node: a policy can be asked about it before anything is written. See `keep_node`."""
    return Node(kind=kind, space=space, ref=ref, **more)


def keep_node(node: Node) -> Node:
    """Give a new node its reference and save it."""
    if node.ref:
        take_ref(node.ref)
    else:
        node.ref = next_ref(Kind(node.kind), place_code(node.space))
    node.save(force_insert=True)
    return node


def _of_programme(node: Node) -> bool:
    return node.space is not None and node.space.kind == Kind.PROGRAMME


@action("chain.edge.link", limit=EDITS)
def link(act: Act, up: Node, down: Node, kind: EdgeKind, *, across: bool = False, version: str = "") -> Edge:
    """Link two nodes. Different cities are linked only when that is declared; what belongs to the programme
    may be evidence in every city. Raises Refused.
    """
    edge = Edge(up=up, down=down, kind=kind, by=act.actor.label, version=version)
    act.require(Verb.CHANGE, edge)
    if up.pk == down.pk:
        raise Refused(_("A thing cannot be linked to itself."))
    if up.space_id != down.space_id and not across and not _of_programme(up):
        raise Refused(_("These two belong to different cities. Say that the link goes across cities."))
    edge.across = across
    standing = Edge.objects.filter(up=up, down=down, kind=kind).first()
    if standing is not None:
        act.nothing()
        return standing
    edge.save()
    act.note(edge, fields=["up", "down", "kind"], ref=down.ref, space=down.space_id)
    return edge


def require_unused(node: Node, actor: Actor = ANONYMOUS) -> None:
    """Raise Refused, with a list, where something rests on this thing or came of it; for actions that take away.

    What the actor may not see is counted and not named.
    """
    downs = Node.objects.filter(upstream__up=node).distinct()
    count = downs.count()
    if not count:
        return
    named = list(scope(actor, downs).order_by("ref")[:MOST_NAMED])
    told = {"n": count - len(named), "things": ", ".join(f"{one.ref} {one.title[:60]}" for one in named)}
    if not named:
        words: Any = ngettext(
            "%(n)s thing rests on this. Take that link away first.",
            "%(n)s things rest on this. Take those links away first.",
            count,
        )
    elif told["n"]:
        words = _("These rest on it, and %(n)s more: %(things)s. Take those links away first.")
    else:
        words = _("These rest on it: %(things)s. Take those links away first.")
    raise Refused(words % told)


@action("chain.edge.unlink")
def unlink(act: Act, edge: Edge) -> None:
    """Take a link away; both ends stay."""
    act.require(Verb.CHANGE, edge)
    act.note(edge, fields=["up", "down", "kind"], ref=edge.down.ref, space=edge.down.space_id)
    edge.delete()
