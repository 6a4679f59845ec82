from __future__ import annotations

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "khlong.training"

    def ready(self) -> None:
        from khlong.training import bar, jobs  # noqa: F401
