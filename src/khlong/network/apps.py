from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetworkConfig(AppConfig):
    name = "khlong.network"

    def ready(self) -> None:
        from khlong.chain import pages, search
        from khlong.chain.models import Kind
        from khlong.network import (  # noqa: F401
            account,
            acting,
            dump,
            further,
            hall_jobs,
            invitations,
            load,
            offers,
            panels,
            policies,
            roles,
            waits,
            work_policies,
        )
        from khlong.network import hall as hall_of_the_network  # noqa: F401
        from khlong.ui import nav

        nav.register(_("Programme"), "network:home", order=15)
        further.offer(_("Canals"), _("the water that joins the cities"), "places:canals", order=20)
        further.offer(
            _("Working groups"), _("who works on what, and with whom"), "network:work_groups", order=12
        )
        further.offer(
            _("Tasks"), _("what is to be done, for those who work in a city"), "network:tasks", order=14
        )
        further.offer(_("Programmes"), _("all programmes in this Khlong"), "network:programmes", order=16)
        pages.register(Kind.WORKGROUP, "network:work_group")
        pages.register(Kind.PROGRAMME, "network:programme")
        pages.register(Kind.ORGANISATION, "network:organisation")
        pages.register(Kind.MEETING, "network:meeting")
        search.fields_for(Kind.PROGRAMME, "programme__full_name_th", "programme__full_name_en")
        purpose = (f"workgroup__{name}_{lang}" for name in ("purpose",) for lang in ("th", "en"))
        search.fields_for(Kind.WORKGROUP, *purpose)
        names = (f"organisation__{name}_{lang}" for name in ("short", "legal_form") for lang in ("th", "en"))
        parts = ("organisation__parts__role_th", "organisation__parts__role_en")
        search.fields_for(Kind.ORGANISATION, *names, *parts)
        says = (f"meeting__{name}_{lang}" for name in ("place", "text") for lang in ("th", "en"))
        search.fields_for(Kind.MEETING, *says)
