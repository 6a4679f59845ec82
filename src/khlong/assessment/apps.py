from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

FOUND_BY = ("statement_th", "statement_en", "causes__text_th", "causes__text_en")
"""Fields that a finding is found by."""


class AssessmentConfig(AppConfig):
    name = "khlong.assessment"

    def ready(self) -> None:
        from khlong.assessment import dump, gaps, guards, hall, load, panels, policies, waits  # noqa: F401
        from khlong.chain import pages, search
        from khlong.chain.models import Kind
        from khlong.network import further
        from khlong.ui import nav

        nav.register(_("Events"), "assessment:events", order=35)
        words = _("floods, with the figures of each body side by side")
        further.offer(_("Events"), words, "assessment:events", order=30)
        nav.register(_("Findings"), "assessment:all_findings", order=30)
        pages.register(Kind.EVENT, "assessment:event")
        pages.register(Kind.FINDING, "assessment:finding")
        search.fields_for(Kind.EVENT, "event__area_th", "event__area_en")
        search.fields_for(Kind.FINDING, *(f"finding__{name}" for name in FOUND_BY))
