from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StrategyConfig(AppConfig):
    name = "khlong.strategy"

    def ready(self) -> None:
        from khlong.chain import pages
        from khlong.chain.models import Kind
        from khlong.chain.search import fields_for
        from khlong.strategy import canal, dump, gaps, hall, load, panels, policies, search, waits  # noqa: F401
        from khlong.ui import nav

        fields_for(Kind.INDICATOR, "indicator__unit_th", "indicator__means_th", "indicator__means_en")
        nav.register(_("Strategies"), "strategy:plans", order=40)
        pages.register(Kind.PLAN, "strategy:plan_by_ref")
        pages.register(Kind.ITEM, "strategy:item")
        pages.register(Kind.MEASURE, "strategy:item")
        pages.register(Kind.INDICATOR, "strategy:indicator")
