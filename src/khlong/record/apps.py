from __future__ import annotations

from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "khlong.record"

    def ready(self) -> None:
        from khlong.record import policies  # noqa: F401
