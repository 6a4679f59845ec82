from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    name = "khlong.places"

    def ready(self) -> None:
        from khlong.chain import pages
        from khlong.chain.models import Kind
        from khlong.places import dump, load, policies  # noqa: F401
        from khlong.ui import nav

        nav.register(_("Cities"), "places:cities", order=20)
        nav.register(_("Canals"), "places:canals", order=50)
        pages.register(Kind.CITY, "places:city_by_ref")
        pages.register(Kind.COMMUNITY, "places:community")
        pages.register(Kind.CANAL, "places:canal")
        pages.register(Kind.GAUGE, "places:gauge")
        pages.register(Kind.FACT, "places:fact")
