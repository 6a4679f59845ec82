"""Following the chain and taking data files in and out, from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from django.conf import settings
from django.utils.translation import override

from khlong.chain.actions import exact_ref
from khlong.chain.course import Row, Traced, traced
from khlong.chain.hall import commands as halls
from khlong.chain.load import dump_all, load_all
from khlong.chain.models import Edge, Kind, Node
from khlong.chain.policies import node_filter
from khlong.chain.search import reindex
from khlong.chain.stages import STAGES
from khlong.chain.status import CityStatus, all_cities, statuses
from khlong.chain.yamlfile import LoadFailed, write
from khlong.people.actor import ANONYMOUS, Actor, account_actor
from khlong.people.models import User
from khlong.people.policy import Verb, scope
from khlong.record.errors import CommandRefused
from khlong.record.search import find, words_of


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    load = commands.add_parser("load", help="take the data files in (all or nothing)")
    load.add_argument("folder", nargs="?", type=Path, default=None)
    load.set_defaults(run=load_files)
    dump = commands.add_parser("dump", help="write the data files out, as they stand in the database")
    dump.add_argument("--out", type=Path, required=True, help="a folder; files in it are replaced")
    dump.set_defaults(run=dump_files)
    again = commands.add_parser("reindex", help="make the search index anew")
    again.set_defaults(run=make_index)
    seek = commands.add_parser("search", help="what the public finds by some words")
    seek.add_argument("words", nargs="+")
    seek.set_defaults(run=search_words)
    follow = commands.add_parser("trace", help="what a thing rests on and what came of it")
    follow.add_argument("ref", help="a reference such as D-PTG-0012")
    follow.add_argument("--json", action="store_true")
    follow.add_argument("--as", dest="user", default="", metavar="USER", help="as this account sees it")
    follow.set_defaults(run=trace_ref)
    state = commands.add_parser(
        "status", help="how far each city is along the chain, and what is dry or owed"
    )
    state.add_argument("--json", action="store_true")
    state.add_argument("--as", dest="user", default="", metavar="USER", help="as this account sees it")
    state.set_defaults(run=show_status)
    halls.register(commands)


def load_files(options: argparse.Namespace) -> int:
    """Exit 0 with a report, or 2 with every problem named and nothing changed."""
    folder = options.folder or settings.DATA_DIR
    if not folder.is_dir():
        raise CommandRefused(f"there is no folder {folder}")
    try:
        report = load_all(folder)
    except LoadFailed as failed:
        print("\n".join(map(str, failed.problems)), file=sys.stderr)
        print(f"khlong: {len(failed.problems)} problems; nothing was changed", file=sys.stderr)
        return 2
    print("\n".join(report.lines()))
    return 0


def dump_files(options: argparse.Namespace) -> int:
    """Write all public data to files that `load` reads back; exit 2 in one line where that cannot be done."""
    for name, data in dump_all().items():
        path = options.out / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(write(data), encoding="utf-8")
        except OSError as error:
            raise CommandRefused(f"{path} cannot be written ({error.strerror})") from error
        print(path)
    return 0


def make_index(options: argparse.Namespace) -> int:
    """Make the search index anew, in chunks, and report."""
    done = reindex()
    print(f"{done.entries} entries in the search, {done.gone} of things that are gone were left out")
    if done.mended:
        print("the trigram index was out of step and was made anew")
    return 0


def search_words(options: argparse.Namespace) -> int:
    """Print the first answers as the public sees them; exit 1 when there are none."""
    found = find(words_of(" ".join(options.words)), node_filter(ANONYMOUS, Verb.VIEW))
    for entry in found.entries:
        print(f"{entry.ref} {entry.title_th}")
    print(f"{found.total} found", file=sys.stderr)
    return 0 if found.total else 1


def somebody(name: str) -> Actor:
    """The account of this name, or the public."""
    if not name:
        return ANONYMOUS
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise CommandRefused(f"nobody has an account called {name}")
    return account_actor(user)


def find_node(text: str, actor: Actor = ANONYMOUS) -> Node:
    """The node of a reference as typed, as far as the actor sees it, or a refusal in one line."""
    try:
        ref = exact_ref(text)
    except ValueError as error:
        raise CommandRefused(f"{error}; a reference is a letter, three letters and a number") from None
    seen = scope(actor, Node.objects.select_related("space"))
    node = seen.filter(ref=ref).first()
    if node is None:
        near = seen.filter(ref__startswith=ref[:2]).order_by("ref").values_list("ref", flat=True)[:5]
        raise CommandRefused(
            f"nothing has the reference {ref}; there are for example: {', '.join(near) or 'none'}"
        )
    return node


def trace_ref(options: argparse.Namespace) -> int:
    """Print both directions, nearest first, as the public or an account sees them."""
    actor = somebody(options.user)
    node = find_node(options.ref, actor)
    found = traced(node, actor)
    rows = found.read(found.shown)
    if options.json:
        print(json.dumps(_traced(node, found, rows, actor), ensure_ascii=False))
        return 0
    for title, up in (("upstream", True), ("downstream", False)):
        steps = [row for row in rows if row.up is up]
        print(f"{title}: {len(steps)}")
        for row in sorted(steps, key=lambda row: (row.met.depth, str(row.node))):
            print(f"{'  ' * row.met.depth}{row.node}")
    if found.more:
        print(f"{'' if found.whole else 'more than '}{found.more} more are not shown")
    return 0


def _traced(node: Node, found: Traced, rows: list[Row], actor: Actor) -> dict[str, object]:
    nodes = {row.met.pk: row.node for row in rows if row.node is not None} | {node.pk: node}
    edges = scope(actor, Edge.objects.filter(up__in=nodes, down__in=nodes)).values_list("up", "down", "kind")
    ups = [_plain(row.node, row.met.depth) for row in rows if row.up and row.node]
    downs = [_plain(row.node, row.met.depth) for row in rows if not row.up and row.node]
    return _plain(node, 0) | {
        "upstream": sorted(ups, key=_by_depth),
        "downstream": sorted(downs, key=_by_depth),
        "edges": sorted([nodes[up].ref, nodes[down].ref, str(kind)] for up, down, kind in edges),
        "more": found.more,
        "whole": found.whole,
    }


def _by_depth(row: dict[str, object]) -> tuple[object, object]:
    return row["depth"], row["ref"]


def _plain(node: Node, depth: int) -> dict[str, object]:
    return {
        "ref": node.ref,
        "kind": Kind(node.kind).name.lower(),
        "title": node.title_th,
        "title_en": node.title_en,
        "depth": depth,
        "city": node.space.ref if node.space else None,
        "example": node.is_example,
        "url": node.get_absolute_url(),
    }


def show_status(options: argparse.Namespace) -> int:
    """Print the counts along the chain of each city, its dry stretches and what is owed."""
    actor = somebody(options.user)
    rows = statuses(actor, all_cities(actor))
    if options.json:
        print(json.dumps({"cities": [_status(row) for row in rows]}, ensure_ascii=False))
        return 0
    with override("en"):
        for row in rows:
            print(f"{row.city.ref}  {row.city.title_en or row.city.title_th}{_marks(row)}")
            if row.published:
                print("  " + ", ".join(f"{label} {_count(count)}" for _key, label, count in row.stages))
                for gap, count in row.dry:
                    print(f"  dry: {gap.title}: {count}")
                for figure, count in row.figures:
                    print(f"  {figure.title}: {count}")
    return 0


def _marks(row: CityStatus) -> str:
    return " (example)" if row.city.is_example else "" if row.published else ": not published"


def _count(count: int | None) -> str:
    return "not published" if count is None else f"{count:,}"


def _status(row: CityStatus) -> dict[str, object]:
    return {
        "ref": row.city.ref,
        "title": row.city.title_th,
        "example": row.city.is_example,
        "published": row.published,
        "stages": {key: count for key, _label, count in row.stages},
        "kinds": {Kind(kind).name.lower(): count for kind, count in sorted(row.along.things.items())},
        "links": {STAGES[n].key: row.along.into(n) for n in range(1, len(STAGES))},
        "dry": {gap.key: count for gap, count in row.dry},
        "figures": {figure.key: count for figure, count in row.figures} if row.published else {},
    }
