"""What an action answers when it does not do what was asked. Nothing has been written when one is raised."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

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
