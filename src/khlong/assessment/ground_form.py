"""What a finding rests on, in its form: what is linked already, references that are typed, and what a search found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from khlong.assessment.actions import EVIDENCE, Ground
from khlong.assessment.models import Finding
from khlong.chain.actions import exact_ref
from khlong.chain.models import Edge, EdgeKind, Kind, Node
from khlong.chain.policies import node_filter
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope
from khlong.record import search
from khlong.record.search import words_of

EMPTY_ROWS = 2
MOST_ROWS = 20
FOUND = 8
ASKED = ("statement", "fact", "event", "meeting")
"""Names by which other pages hand evidence over in the address."""


@dataclass
class Row:
    """One reference as it was typed."""

    number: int
    ref: str = ""
    across: bool = False
    node: Node | None = None
    error: str = ""

    @property
    def prefix(self) -> str:
        return f"evidence-{self.number}"


@dataclass
class GroundRows:
    """The evidence of a form."""

    edges: list[Edge] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)
    typed: str = ""
    found: list[Node] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        return [row.error for row in self.rows if row.error]

    @property
    def ground(self) -> Ground:
        """How the evidence changes, as the action takes it."""
        linked = [row for row in self.rows if row.node is not None]
        return Ground(
            [row.node for row in linked if not row.across and row.node],
            [row.node for row in linked if row.across and row.node],
            [edge for edge in self.edges if edge.pk in self.gone],
        )

    def more(self) -> None:
        for _unused in range(EMPTY_ROWS):
            if len(self.rows) < MOST_ROWS:
                self.rows.append(Row(len(self.rows)))


def _edges(actor: Actor, finding: Finding) -> list[Edge]:
    if finding.node._state.adding:
        return []
    rows = scope(actor, Edge.objects.select_related("up__space", "down"))
    return list(rows.filter(down=finding.node, kind=EdgeKind.RESTS_ON).order_by("up__ref"))


def of_finding(actor: Actor, finding: Finding, asked: QueryDict) -> GroundRows:
    """What is linked, with a row for each reference that the address brings, and some empty ones."""
    refs = [ref for name in ASKED for ref in asked.getlist(name)][: MOST_ROWS - EMPTY_ROWS]
    made = GroundRows(_edges(actor, finding), rows=[Row(at, ref) for at, ref in enumerate(refs)])
    _look(actor, made.rows)
    made.more()
    return made


def taken(request: HttpRequest, actor: Actor, finding: Finding) -> GroundRows:
    """The evidence of a form that was sent, with what a search found when it was asked for one."""
    typed = request.POST
    made = GroundRows(_edges(actor, finding), typed=typed.get("evidence-find", "").strip()[:100])
    made.gone = {int(pk) for pk in typed.getlist("evidence-gone") if pk.isascii() and pk.isdigit()}
    refs = [
        (typed.get(f"evidence-{at}-ref", ""), bool(typed.get(f"evidence-{at}-across")))
        for at in range(MOST_ROWS)
    ]
    refs += [(ref, False) for ref in typed.getlist("evidence-add")]
    kept = [(ref.strip(), across) for ref, across in refs if ref.strip()][:MOST_ROWS]
    made.rows = [Row(at, ref, across) for at, (ref, across) in enumerate(kept)]
    _look(actor, made.rows)
    if made.typed:
        made.found = _found(actor, finding, made)
    return made


def _look(actor: Actor, rows: Iterable[Row]) -> None:
    """Find what the references name; one query."""
    exact: dict[str, Row] = {}
    for row in rows:
        try:
            exact[exact_ref(row.ref)] = row
        except ValueError:
            row.error = _(
                "“%(typed)s” is not a reference. It is a letter, three letters and a number, such as D-PTG-0008."
            ) % {"typed": row.ref[:40]}
    nodes = scope(actor, Node.objects.select_related("space").filter(ref__in=exact)) if exact else ()
    known = {node.ref: node for node in nodes}
    for ref, row in exact.items():
        row.node = known.get(ref)
        if row.node is None:
            row.error = _("Nothing has the reference %(ref)s. Look at it again on its page.") % {"ref": ref}


def _found(actor: Actor, finding: Finding, made: GroundRows) -> list[Node]:
    """Evidence of the city or the programme whose words were searched for, without what is linked already."""
    words = words_of(made.typed)
    if not words:
        return []
    here = Q(space=finding.node.space_id) | Q(space__in=Node.objects.filter(kind=Kind.PROGRAMME).values("pk"))
    seen = node_filter(actor, Verb.VIEW) & Q(kind__in=EVIDENCE) & here
    linked = {edge.up_id for edge in made.edges} | {row.node.pk for row in made.rows if row.node}
    keys = [one.node for one in search.find(words, seen, offset=0, limit=FOUND * 3).entries]
    wanted = [key for key in keys if key not in linked][:FOUND]
    rows = scope(actor, Node.objects.select_related("space")).in_bulk(wanted)
    return [rows[key] for key in wanted if key in rows]
