from __future__ import annotations

from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "khlong.record"

    def ready(self) -> None:
        from khlong.record import accounts, checks, digest, policies, waits  # noqa: F401
        from khlong.ui import nav

        nav.waits_at("record:waits", waits.counted)
