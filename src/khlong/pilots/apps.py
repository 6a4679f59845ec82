from __future__ import annotations

from django.apps import AppConfig


class PilotsConfig(AppConfig):
    name = "khlong.pilots"

    def ready(self) -> None:
        from khlong.chain import search
        from khlong.chain.models import Kind
        from khlong.pilots import files, hall, money, policies, queries, rules, values  # noqa: F401

        search.fields_for(Kind.PILOT, "pilot__aim_th", "pilot__aim_en")
