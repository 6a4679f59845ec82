from __future__ import annotations

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "khlong.register"

    def ready(self) -> None:
        from khlong.chain import pages
        from khlong.chain.models import Kind
        from khlong.register import hall, panels, policies, withdrawal  # noqa: F401

        pages.register(Kind.STATEMENT, "register:statement")
