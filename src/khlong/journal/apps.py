from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JournalConfig(AppConfig):
    name = "khlong.journal"

    def ready(self) -> None:
        from khlong.chain import pages
        from khlong.chain.models import Kind
        from khlong.journal import again, dump, hall, load, panels, policies, search  # noqa: F401
        from khlong.network import further
        from khlong.ui import nav

        nav.register(_("Reports"), "journal:reports", order=40)
        words = _("patient transport, home adaptation, the health-agriculture network")
        further.offer(_("Related topics"), words, "journal:topics", order=10)
        pages.register(Kind.TOPIC, "journal:topic")
        pages.register(Kind.REPORT, "journal:report")
