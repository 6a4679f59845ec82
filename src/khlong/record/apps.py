from __future__ import annotations

from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "khlong.record"

    def ready(self) -> None:
        from khlong.record import accounts, checks, housekeeping, outbox, policies  # noqa: F401
