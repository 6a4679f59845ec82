"""The search over everything: one table with an index of short runs, the same answers on SQLite and PostgreSQL.

Thai is written without spaces between words, so a search finds any run of letters, and all that a reader
typed with spaces between are required. Comparing each entry takes 30 to 60 ms where there are 20,000, so both
databases keep an index of runs of three letters. That of SQLite (FTS5) knows no shorter ones; there an entry
also keeps its single letters and pairs of letters, each between blanks, and " นา " is a run of four letters
like any other. On PostgreSQL a function of our own gives the runs of one to three letters, and their index
answers for short words alone; only longer ones are compared again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import BooleanField, Case, Count, IntegerField, Q, QuerySet, Value, When, Window
from django.db.models.expressions import RawSQL

from khlong.record.models import SearchEntry
from khlong.thai.canonical import canonical
from khlong.thai.digits import to_arabic

MOST_LETTERS = 200
MOST_WORDS = 10
TRIGRAM = 3
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200c-\u200f\u202a-\u202e\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")
FIELDS = ["ref", "kind", "space", "visibility", "title_th", "title_en", "title", "body", "words", "runs"]


def clean(text: str) -> str:
    """A text on one line in its one spelling, without what nobody sees."""
    return _BLANKS.sub(" ", canonical(_CONTROLS.sub("", text))).strip()


def folded(cleaned: str) -> str:
    """A cleaned text as it is compared: small letters, Arabic digits. Every letter keeps its place."""
    return "".join(map(_small, to_arabic(cleaned)))


def _small(letter: str) -> str:
    lower = letter.lower()
    return lower if len(lower) == 1 else letter


@dataclass(frozen=True)
class Words:
    """What somebody searches for. `cut` says that more was typed than is searched for."""

    all: tuple[str, ...]
    cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.all)


def words_of(typed: str) -> Words:
    """The words of a query, each once; at most 10, from the first 200 letters."""
    text = clean(typed[: 4 * MOST_LETTERS])
    found = list(dict.fromkeys(folded(text[:MOST_LETTERS]).split()))
    cut = len(typed) > 4 * MOST_LETTERS or len(text) > MOST_LETTERS or len(found) > MOST_WORDS
    return Words(tuple(found[:MOST_WORDS]), cut)


@dataclass(frozen=True)
class Found:
    """One page of the answers, best first, and how many there are in all."""

    entries: list[SearchEntry]
    total: int


def find(words: Words, seen: Q, *, offset: int = 0, limit: int = 20) -> Found:
    """The entries that hold all the words, of those that `seen` (a condition on SearchEntry) lets through.

    First the one whose reference was typed, then those with all words in their titles, then the others, each
    by reference. One query for a page that holds something.
    """
    if not words:
        return Found([], 0)
    rows = matching(words).filter(seen)
    keys = rows.annotate(rank=_rank(words), total=Window(Count("*"))).order_by("rank", "ref")
    page = list(keys.values_list("pk", "total")[offset : offset + limit])
    if not page:
        return Found([], rows.count() if offset else 0)
    entries = SearchEntry.objects.in_bulk([pk for pk, _total in page])
    return Found([entries[pk] for pk, _total in page if pk in entries], page[0][1])


def matching(words: Words) -> QuerySet[SearchEntry]:
    """All entries that hold all the words, whoever may see them."""
    if not words:
        return SearchEntry.objects.none()
    rows = SearchEntry.objects.order_by()
    if connection.vendor == "sqlite":
        match = " AND ".join(f"{column} : {_quoted(word)}" for column, word in map(_column, words.all))
        return rows.filter(pk__in=RawSQL(_MATCH, [match]))  # noqa: S611 (a constant and one parameter)
    grams = [gram for word in words.all for gram in grams_of(word)]
    held = RawSQL(_HOLDS, [list(dict.fromkeys(grams))], output_field=BooleanField())  # noqa: S611 (the same)
    return rows.filter(held, *(Q(words__contains=word) for word in words.all if len(word) > TRIGRAM))


_MATCH = "SELECT rowid FROM record_search_fts WHERE record_search_fts MATCH %s"
_HOLDS = 'record_search_grams("record_searchentry"."words") COLLATE "C" @> %s::text[]'


def _column(word: str) -> tuple[str, str]:
    return ("words", word) if len(word) >= TRIGRAM else ("runs", f" {word} ")


def grams_of(word: str) -> list[str]:
    """What PostgreSQL's index is asked for: the word itself, or the runs of three letters in a longer one."""
    return [word[at : at + TRIGRAM] for at in range(max(1, len(word) - TRIGRAM + 1))]


def _quoted(word: str) -> str:
    """A word as a phrase of FTS5, in which nothing has a meaning but the quotation mark."""
    return '"' + word.replace('"', '""') + '"'


def _rank(words: Words) -> Case:
    in_title = Q(*(Q(title__contains=word) for word in words.all))
    typed = Q(ref=words.all[0].upper()) if len(words.all) == 1 else Q(pk=None)
    return Case(
        When(typed, then=Value(0)),
        When(in_title, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )


# --- writing ---------------------------------------------------------------------------------------


def entry(
    *,
    node: UUID,
    ref: str,
    kind: str,
    space: UUID | None,
    visibility: str,
    titles: tuple[str, str],
    texts: Iterable[str],
) -> SearchEntry:
    """An unsaved entry from the titles of a node and the other texts that belong to it."""
    title_th, title_en = map(clean, titles)
    lines = list(dict.fromkeys(filter(None, (clean(line) for text in texts for line in text.splitlines()))))
    title = folded("\n".join(filter(None, (title_th, title_en, ref))))
    body = "\n".join(lines)
    text = f"{title}\n{folded(body)}"
    return SearchEntry(
        node=node,
        ref=ref,
        kind=kind,
        space=space,
        visibility=visibility,
        title_th=title_th,
        title_en=title_en,
        title=title,
        body=body,
        words=text,
        runs=f" {' '.join(short_runs(text))} " if connection.vendor == "sqlite" else "",
    )


def short_runs(text: str) -> list[str]:
    """The single letters and the pairs of letters in a text, each once, sorted."""
    pairs = {text[at : at + 2] for at in range(len(text) - 1)}
    return sorted(run for run in pairs | set(text) if not _BLANKS.search(run))


def keep(entries: Sequence[SearchEntry]) -> None:
    """Write entries in place of those of the same nodes; the caller's transaction holds both or neither."""
    SearchEntry.objects.bulk_create(
        entries, batch_size=500, update_conflicts=True, unique_fields=["node"], update_fields=FIELDS
    )


def forget(nodes: Iterable[UUID]) -> None:
    """Take nodes out of the search."""
    SearchEntry.objects.filter(node__in=list(nodes)).delete()


def mend() -> bool:
    """Make the trigram index of SQLite anew where it is out of step with the table; whether it was.

    PostgreSQL keeps its own in step.
    """
    if connection.vendor != "sqlite":
        return False
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO record_search_fts(record_search_fts, rank) VALUES ('integrity-check', 1)"
            )
    except DatabaseError:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO record_search_fts(record_search_fts) VALUES ('rebuild')")
        return True
    return False
