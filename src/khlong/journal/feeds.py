"""Feeds: what is new, for those who do not come by every day. Atom (RFC 4287) and JSON Feed 1.1.

A feed is read without signing in, so it holds what everybody may see, whoever asks for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"
register_namespace("", ATOM)


@dataclass(frozen=True)
class Entry:
    """One thing of a feed. `key` never changes, whatever its title or address become."""

    key: UUID
    title: str
    url: str
    updated: datetime
    published: datetime
    summary: str = ""
    html: str = ""
    image: str = ""
    tags: tuple[str, ...] = ()
    suffix: str = ""
    author: str = ""

    @property
    def id(self) -> str:
        return f"urn:uuid:{self.key}{self.suffix}"


@dataclass(frozen=True)
class Feed:
    """A feed: `own` is its address and `page` that of the page which shows the same."""

    key: str
    title: str
    subtitle: str
    own: str
    page: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def lang(self) -> str:
        return get_language() or settings.LANGUAGE_CODE

    @property
    def updated(self) -> datetime:
        """When something in it changed last; a feed of nothing has not changed since the house was opened."""
        empty = datetime(2026, 1, 1, tzinfo=timezone.get_default_timezone())
        return max((entry.updated for entry in self.entries), default=empty)


def stamp(moment: datetime) -> str:
    """A moment as RFC 3339 writes it."""
    return moment.astimezone(timezone.get_default_timezone()).isoformat(timespec="seconds")


def clean(text: str) -> str:
    """A text without what XML 1.0 cannot hold."""
    return "".join(
        c
        for c in text
        if c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c >= "\U00010000"
    )


def _put(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    made = SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    if text:
        made.text = clean(text)
    return made


def atom(feed: Feed) -> bytes:
    """The feed as an Atom document."""
    root = Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": feed.lang})
    _put(root, "id", feed.own)
    _put(root, "title", feed.title)
    _put(root, "subtitle", feed.subtitle)
    _put(root, "updated", stamp(feed.updated))
    _put(root, "link", rel="self", type="application/atom+xml", href=feed.own)
    _put(root, "link", rel="alternate", type="text/html", href=feed.page)
    _put(_put(root, "author"), "name", feed.title)
    for entry in feed.entries:
        _entry(root, entry)
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _entry(root: Element, entry: Entry) -> None:
    made = _put(root, "entry")
    _put(made, "id", entry.id)
    _put(made, "title", entry.title)
    _put(made, "updated", stamp(entry.updated))
    _put(made, "published", stamp(entry.published))
    _put(made, "link", rel="alternate", type="text/html", href=entry.url)
    if entry.author:
        _put(_put(made, "author"), "name", entry.author)
    for tag in entry.tags:
        _put(made, "category", term=clean(tag))
    if entry.summary:
        _put(made, "summary", entry.summary, type="text")
    if entry.html:
        _put(made, "content", entry.html, type="html")


def json_feed(feed: Feed) -> bytes:
    """The feed as JSON Feed 1.1."""
    plain = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.subtitle,
        "home_page_url": feed.page,
        "feed_url": feed.own,
        "language": feed.lang,
        "items": [_without_nothing(_item(entry)) for entry in feed.entries],
    }
    return json.dumps(plain, ensure_ascii=False, indent=1).encode()


def _item(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "content_html": entry.html,
        "content_text": "" if entry.html else entry.summary or entry.title,
        "image": entry.image,
        "date_published": stamp(entry.published),
        "date_modified": stamp(entry.updated),
        "tags": list(entry.tags),
    }


def _without_nothing(plain: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in plain.items() if value}


def newest(entries: Iterable[Entry]) -> list[Entry]:
    """The newest first, as readers expect."""
    return sorted(entries, key=lambda entry: (entry.updated, entry.id), reverse=True)
