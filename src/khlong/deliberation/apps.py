from __future__ import annotations

from django.apps import AppConfig


class DeliberationConfig(AppConfig):
    name = "khlong.deliberation"

    def ready(self) -> None:
        from khlong.chain import search
        from khlong.chain.models import Kind
        from khlong.deliberation import answer_ready, policies  # noqa: F401

        search.fields_for(Kind.ROUND, "round__summary_th", "round__summary_en")
