from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PilotsConfig(AppConfig):
    name = "khlong.pilots"

    def ready(self) -> None:
        from khlong.chain import pages, search
        from khlong.chain.models import Kind
        from khlong.pilots import (  # noqa: F401
            beside,
            files,
            gaps,
            hall,
            hand_over,
            money,
            panels,
            policies,
            queries,
            rules,
            values,
            waits,
        )
        from khlong.ui import nav

        nav.register(_("Pilots"), "pilots:all", order=45)
        pages.register(Kind.PILOT, "pilots:pilot")
        pages.register(Kind.VALUE, "pilots:value")
        search.fields_for(Kind.PILOT, "pilot__aim_th", "pilot__aim_en")
