from __future__ import annotations

from django.apps import AppConfig


class AdoptionConfig(AppConfig):
    name = "khlong.adoption"

    def ready(self) -> None:
        from khlong.adoption import files, hall, policies, search, waits  # noqa: F401
