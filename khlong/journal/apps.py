from __future__ import annotations

from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "khlong.journal"

    def ready(self) -> None:
        from khlong.chain import pages
        from khlong.chain.models import Kind
        from khlong.journal import dump, load, policies  # noqa: F401

        pages.register(Kind.TOPIC, "journal:topic")
