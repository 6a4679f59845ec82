from __future__ import annotations

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "khlong.register"

    def ready(self) -> None:
        from khlong.register import hall, policies, withdrawal  # noqa: F401
