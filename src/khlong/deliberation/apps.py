from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliberationConfig(AppConfig):
    name = "khlong.deliberation"

    def ready(self) -> None:
        from khlong.chain import pages, search
        from khlong.chain.models import Kind
        from khlong.deliberation import answer_ready, erasing, hall, panels, plan_face, policies  # noqa: F401
        from khlong.network import further

        pages.register(Kind.ROUND, "deliberation:round")
        pages.register(Kind.SUGGESTION, "deliberation:suggestion")
        search.fields_for(Kind.ROUND, "round__summary_th", "round__summary_en")
        fields = ("suggestion__words", "suggestion__instead", "suggestion__quote")
        search.fields_for(Kind.SUGGESTION, *fields, "suggestion__translation_th")
        words = _("a city asks what people think of its plan; what was said and what was answered")
        further.offer(_("Rounds of review"), words, "deliberation:rounds", order=32)
