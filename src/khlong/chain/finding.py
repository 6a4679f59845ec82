"""What a search shows: titles and excerpts with the words that were searched for marked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from khlong.chain.models import Kind, Node
from khlong.chain.policies import can_node, node_filter
from khlong.people.actor import Actor
from khlong.people.policy import Verb, scope
from khlong.record import search
from khlong.record.models import SearchEntry
from khlong.record.search import Words, clean, folded
from khlong.ui.text import THAI, language, no_break

PER_PAGE = 20
AROUND = 90
"""Letters of an excerpt on either side of the first hit."""


@dataclass(frozen=True)
class Text:
    """A text with its hits marked, and the language that it must say it is in."""

    html: SafeString
    lang: str


@dataclass(frozen=True)
class Hit:
    """One answer as it is read."""

    node: Node
    kind: str
    place: str
    title: Text
    excerpt: Text | None


def hits(words: Words, actor: Actor, *, page: int = 1) -> tuple[list[Hit], int]:
    """One page of the answers that an actor may see, and how many there are; three queries."""
    seen = node_filter(actor, Verb.VIEW)
    found = search.find(words, seen, offset=(page - 1) * PER_PAGE, limit=PER_PAGE)
    keys = [entry.node for entry in found.entries]
    nodes = scope(actor, Node.objects.select_related("space")).in_bulk(keys) if keys else {}
    made = [_hit(words, entry, nodes[entry.node], actor) for entry in found.entries if entry.node in nodes]
    return made, found.total


def _hit(words: Words, entry: SearchEntry, node: Node, actor: Actor) -> Hit:
    english = language() == "en" and entry.title_en
    title, other = (entry.title_th, entry.title_en)[:: -1 if english else 1]
    excerpt = _excerpt(words, title, [other, *entry.body.split("\n")])
    return Hit(
        node=node,
        kind=str(Kind(node.kind).label),
        place=_place(node, actor),
        title=_text(title, words),
        excerpt=_text(excerpt, words) if excerpt else None,
    )


def _place(node: Node, actor: Actor) -> str:
    space = node.space
    if space is None or space.pk == node.pk or not can_node(actor, Verb.VIEW, space):
        return ""
    return space.title


def _excerpt(words: Words, title: str, lines: list[str]) -> str:
    """Some letters around the first hit in the line that holds most of the words which the title lacks."""
    lacking = [word for word in words.all if word not in folded(title)]
    counts = [sum(word in folded(line) for word in lacking) for line in lines]
    best = max(counts, default=0)
    if not best:
        return ""
    line = lines[counts.index(best)]
    at = min(folded(line).find(word) for word in lacking if word in folded(line))
    start, end = max(0, at - AROUND), at + AROUND
    start = _boundary(line, start)
    return ("…" if start else "") + line[start:end].strip() + ("…" if end < len(line) else "")


def _boundary(line: str, start: int) -> int:
    """A place near `start` where a text may begin: after a blank, or at least not at a mark of a letter."""
    if start == 0:
        return 0
    blank = line.find(" ", start, start + AROUND // 2)
    if blank >= 0:
        return blank + 1
    while start > 0 and re.match("[\u0e30-\u0e3a\u0e45-\u0e4e]", line[start]):
        start -= 1
    return start


def _text(text: str, words: Words) -> Text:
    lang = "th" if language() == "en" and THAI.search(text) else ""
    return Text(marked(text, words), lang)


def marked(text: str, words: Words) -> SafeString:
    """A text, escaped, with each hit in <mark>. Hits that touch or overlap are one."""
    text = clean(text)
    plain = folded(text)
    pieces, at = [], 0
    for start, end in _spans(plain, words):
        pieces += [no_break(text[at:start]), format_html("<mark>{}</mark>", text[start:end])]
        at = end
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, no_break(text[at:])]))


def _spans(plain: str, words: Words) -> list[tuple[int, int]]:
    every = sorted(
        (match.start(), match.end()) for word in words.all for match in re.finditer(re.escape(word), plain)
    )
    joined: list[tuple[int, int]] = []
    for start, end in every:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
