"""What an action answers when it does not do what was asked. Nothing has been written when one is raised."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class Refused(Exception):  # noqa: N818 (it is an answer, not a fault)
    """The actor may not do this. `reason` is shown to the person as it stands."""

    def __init__(self, reason: Any = None) -> None:
        self.reason = reason or _("You may not do this here.")
        super().__init__(str(self.reason))


class TooMany(Refused):
    """The actor did this too often; `again_at` is when it may be tried again."""

    def __init__(self, reason: Any, again_at: datetime) -> None:
        self.again_at = again_at
        super().__init__(reason)


class EditConflict(Exception):  # noqa: N818
    """Somebody else saved first.

    `current` holds the values that stand now and `base` those the writer started from, both by field name;
    `by` names who saved last and `revision` is the number to send with the next attempt.
    """

    def __init__(
        self, *, current: Mapping[str, Any], base: Mapping[str, Any] | None, revision: int, by: str = ""
    ) -> None:
        self.current, self.base, self.revision, self.by = dict(current), dict(base or {}), revision, by
        super().__init__(f"revision {revision} stands already")


class CommandRefused(Exception):  # noqa: N818
    """A command cannot do what was asked; the text is one line for the person at the keyboard."""


WHY_NOT_KEPT = {
    "empty": _("The file is empty. Choose it again; if it stays empty, it was not saved where it came from."),
    "too_large": _("The file is larger than %(most)s MB. Choose a smaller one, or make it smaller first."),
    "too_many": _("Together the files are larger than %(most)s MB. Send fewer at a time."),
    "pixels": _("The picture has more than %(most)s million pixels. Make it smaller first."),
    "markup": _("Web pages and SVG drawings can carry programmes and are not taken. Save it as PDF or PNG."),
    "gif": _("GIF pictures are not taken. Save it as PNG or JPEG."),
    "heic": _(
        "This picture is in the HEIC form of newer phones. Set the camera to “most compatible”, or save it as JPEG."
    ),
    "old_office": _("This is the old form of Word or Excel. Open it and save it as DOCX or XLSX."),
    "macros": _("The document carries macros, which are programmes. Save it without them, as DOCX or XLSX."),
    "archive": _("Packed archives are not taken. Unpack it and choose the files themselves."),
    "bomb": _("Unpacked, the document would be far too large. Save it anew, or send it as PDF."),
    "broken": _(
        "The file is damaged or not whole. Open it where it came from, save it again and choose that."
    ),
    "not_utf8": _("The letters of the text are not in UTF-8. Save it again as UTF-8."),
    "not_geojson": _("The file is JSON, but no map data: GeoJSON was expected."),
    "not_what_it_says": _(
        "The name says .%(says)s, but the file is a %(kind)s. Choose the right file, or rename it."
    ),
    "not_here": _("A %(kind)s cannot be put here. What can: %(kinds)s."),
    "unknown": _("What kind of file this is cannot be told from its content. Save it as one that is taken."),
    "disk_full": _(
        "There is no room left for files on this server. Nothing of it was kept; what you typed stays. "
        "Tell whoever looks after this Khlong, and send the file again when there is room."
    ),
    "cannot_write": _(
        "The server cannot write to its folder of files. Nothing of it was kept; what you typed stays. "
        "Tell whoever looks after this Khlong, and send the file again afterwards."
    ),
}


class FileRefused(ValidationError):  # noqa: N818
    """A file is not taken; the words say why and what to do. `code` is one of WHY_NOT_KEPT."""

    def __init__(self, code: str, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(WHY_NOT_KEPT[code], code=code, params=dict(params or {}))
