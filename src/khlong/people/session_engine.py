"""The database's sessions, which remember that the one they were asked for was not there (any more)."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    lost = False

    def load(self) -> dict[str, Any]:
        found = super().load()
        self.lost = self.session_key is None
        return found
