from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlacesConfig(AppConfig):
    name = "khlong.places"

    def ready(self) -> None:
        from khlong.chain import pages, search
        from khlong.chain.models import Kind
        from khlong.places import boundary_jobs, canal_panel, dump, hall, load, policies, spaces  # noqa: F401
        from khlong.places.spaces import ref_of_address
        from khlong.ui import nav

        nav.register(_("Cities"), "places:cities", order=20)
        nav.register(_("Canals"), "places:canals", order=50)
        pages.names(ref_of_address)
        pages.register(Kind.CITY, "places:city_by_ref")
        pages.register(Kind.COMMUNITY, "places:community")
        pages.register(Kind.CANAL, "places:canal")
        pages.register(Kind.GAUGE, "places:gauge")
        pages.register(Kind.FACT, "places:fact")
        lines = (f"city__{name}_{lang}" for name in ("where", "joins", "basin") for lang in ("th", "en"))
        search.fields_for(Kind.CITY, *lines, "city__groups__name_th", "city__groups__name_en")
        search.fields_for(Kind.COMMUNITY, "community__zones__name_th", "community__zones__name_en")
        search.fields_for(Kind.CANAL, "canal__flows_into_th", "canal__flows_into_en")
        search.fields_for(Kind.GAUGE, "gauge__code")
        says = ("statement", "scope", "reporter", "source_note")
        search.fields_for(Kind.FACT, *(f"fact__{name}_{lang}" for name in says for lang in ("th", "en")))
