"""What is kept of somebody, as a file to take home."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from khlong.paper.docx import to_docx
from khlong.paper.model import Column, Document, Table, h, p
from khlong.privacy.registries import Kept
from khlong.ui.text import language

TYPES = {
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def as_json(kept: list[Kept]) -> bytes:
    """For a programme: titles, labels and values in the language of the page, days in ISO 8601."""
    rows = [
        {
            "title": str(one.title),
            "since": one.since.isoformat() if one.since else None,
            "values": [{"label": str(label), "value": value} for label, value in one.values],
        }
        for one in kept
    ]
    whole: dict[str, Any] = {"made": timezone.localdate().isoformat(), "kept": rows}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def as_docx(kept: list[Kept], keeper: str) -> bytes:
    """For people: one table for each thing."""
    blocks: list[Any] = [p(_("Everything that is kept of you here. Write to us when something is wrong."))]
    columns = (Column(_("what"), width_mm=50), Column(_("kept")))
    for one in kept:
        blocks += [
            h(2, str(one.title)),
            Table("", columns, [(str(label), value) for label, value in one.values]),
        ]
    title = _("What %(keeper)s keeps of you") % {"keeper": keeper}
    lang: Any = language()
    return to_docx(
        Document(title=title, lang=lang, blocks=tuple(blocks), generated=timezone.localdate().isoformat())
    )
