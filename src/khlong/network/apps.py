from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetworkConfig(AppConfig):
    name = "khlong.network"

    def ready(self) -> None:
        from khlong.chain import pages, search
        from khlong.chain.models import Kind
        from khlong.network import (
            further,
        )
        from khlong.network import hall as hall_of_the_network  # noqa: F401
        from khlong.ui import nav

        nav.register(_("Programme"), "network:home", order=15)
        further.offer(_("Canals"), _("the water that joins the cities"), "places:canals", order=20)
        pages.register(Kind.PROGRAMME, "network:programme")
        pages.register(Kind.ORGANISATION, "network:organisation")
        pages.register(Kind.MEETING, "network:meeting")
        search.fields_for(Kind.PROGRAMME, "programme__full_name_th", "programme__full_name_en")
        names = (f"organisation__{name}_{lang}" for name in ("short", "legal_form") for lang in ("th", "en"))
        parts = ("organisation__parts__role_th", "organisation__parts__role_en")
        search.fields_for(Kind.ORGANISATION, *names, *parts)
        says = (f"meeting__{name}_{lang}" for name in ("place", "text") for lang in ("th", "en"))
        search.fields_for(Kind.MEETING, *says)
