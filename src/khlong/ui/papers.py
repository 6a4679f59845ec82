"""What pages say of the files that they make."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

MOST_LETTERS = 20


def no_letters(characters: str, others: Sequence[str] = ("DOCX", "XLSX")) -> str:
    """What is said where the font of the PDF cannot draw some characters; `others` are the kinds to take instead."""
    said = (
        _("The font of the PDF has no letters for %(letters)s. Take the DOCX or the XLSX instead.")
        if "XLSX" in others
        else _("The font of the PDF has no letters for %(letters)s. Take the DOCX instead.")
    )
    return said % {"letters": characters[:MOST_LETTERS]}
