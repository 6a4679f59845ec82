from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "khlong.reports"

    def ready(self) -> None:
        from khlong.chain import pages
        from khlong.chain.models import Kind
        from khlong.network import further
        from khlong.reports import gaps, hall, policies  # noqa: F401

        pages.register(Kind.LOGFRAME, "reports:by_ref")
        words = _("what was promised, how far it has come, each value down to its records")
        further.offer(_("Logframe"), words, "reports:logframes", order=60)
