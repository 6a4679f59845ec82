"""What a document is being made of: its language, the sources met on the way, tables that stand below parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from urllib.parse import unquote

from django.utils.translation import gettext as _

from khlong.paper.model import Block, Cite, Table, Text, p
from khlong.paper.model import Source as PaperSource
from khlong.places.models import Source
from khlong.strategy.queries import Leaf
from khlong.thai.dates import Span, format_date, format_span

Lang = Literal["th", "en"]


@dataclass
class Press:
    """What a document is being made of: its language and the sources met on the way."""

    lang: Lang
    sources: dict[str, Source] = field(default_factory=dict)
    tables: dict[Any, Table] = field(default_factory=dict)
    """What stands below the words of a part, by the key of the part."""

    def cite(self, source: Source) -> Cite:
        self.sources[source.key] = source
        return Cite(source.key)

    def key(self, source: Source) -> str:
        self.sources[source.key] = source
        return source.key

    def when(self, span: Span | None, style: Literal["long", "short"] = "long") -> str:
        return format_span(span, self.lang, style) if span else _("undated")

    def day(self, day: date) -> str:
        return format_date(day, self.lang, "short")

    def paper_sources(self) -> tuple[PaperSource, ...]:
        return tuple(
            PaperSource(key=row.key, text=_source_words(row), url=unquote(row.url), date=self.when(row.date))
            for row in self.sources.values()
        )

    def generated(self) -> str:
        return _("Printed from Khlong on %(date)s") % {"date": format_date(date.today(), self.lang)}

    def original(self, leaf: Leaf) -> list[Block]:
        """In English: that the words are ours, and the Thai that counts."""
        if self.lang == "th" or not leaf.english:
            return []
        said = _("Our translation of “%(words)s”") % {"words": leaf.text}
        return [p(Text(said, quiet=True), style="note")]

    def words(self, leaf: Leaf) -> str:
        return leaf.english if self.lang == "en" and leaf.english else leaf.text


def _source_words(source: Source) -> str:
    words = f"{source.publisher}. {source.title}" if source.title else source.publisher
    return f"{words} ({source.note})" if source.note else words
