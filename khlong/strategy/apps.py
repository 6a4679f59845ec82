from __future__ import annotations

from django.apps import AppConfig


class StrategyConfig(AppConfig):
    name = "khlong.strategy"

    def ready(self) -> None:
        from khlong.chain import pages
        from khlong.chain.models import Kind
        from khlong.strategy import load, policies  # noqa: F401

        pages.register(Kind.PLAN, "strategy:plan_by_ref")
        pages.register(Kind.ITEM, "strategy:item")
        pages.register(Kind.MEASURE, "strategy:item")
