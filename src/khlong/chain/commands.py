"""Following the chain and taking data files in and out, from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from django.conf import settings

from khlong.chain.actions import exact_ref
from khlong.chain.hall import commands as halls
from khlong.chain.load import dump_all, load_all
from khlong.chain.models import Node
from khlong.chain.policies import node_filter
from khlong.chain.queries import Step, trace
from khlong.chain.search import reindex
from khlong.chain.yamlfile import LoadFailed, write
from khlong.people.actor import ANONYMOUS
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
    follow.set_defaults(run=trace_ref)
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


def find_node(text: str) -> Node:
    """The public node of a reference as typed, or a refusal in one line."""
    try:
        ref = exact_ref(text)
    except ValueError as error:
        raise CommandRefused(f"{error}; a reference is a letter, three letters and a number") from None
    seen = scope(ANONYMOUS, Node.objects.select_related("space"))
    node = seen.filter(ref=ref).first()
    if node is None:
        near = seen.filter(ref__startswith=ref[:2]).order_by("ref").values_list("ref", flat=True)[:5]
        raise CommandRefused(
            f"nothing has the reference {ref}; there are for example: {', '.join(near) or 'none'}"
        )
    return node


def trace_ref(options: argparse.Namespace) -> int:
    """Print both directions, nearest first, as the public sees them."""
    node = find_node(options.ref)
    up, down = trace(node, ANONYMOUS, up=True), trace(node, ANONYMOUS, up=False)
    if options.json:
        print(
            json.dumps(
                {"ref": node.ref, "upstream": _plain(up), "downstream": _plain(down)}, ensure_ascii=False
            )
        )
        return 0
    for title, steps in (("upstream", up), ("downstream", down)):
        print(f"{title}: {len(steps)}")
        for step in steps:
            print(f"{'  ' * step.depth}{step.node}")
    return 0


def _plain(steps: list[Step]) -> list[dict[str, object]]:
    return [
        {"ref": s.node.ref, "title": s.node.title_th, "kind": s.node.kind, "depth": s.depth} for s in steps
    ]
