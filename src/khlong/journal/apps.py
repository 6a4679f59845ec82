from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JournalConfig(AppConfig):
    name = "khlong.journal"

    def ready(self) -> None:
        from khlong.chain import pages
        from khlong.chain.models import Kind
        from khlong.journal import dump, hall, load, policies  # noqa: F401
        from khlong.network import further

        words = _("patient transport, home adaptation, the health-agriculture network")
        further.offer(_("Related topics"), words, "journal:topics", order=10)
        pages.register(Kind.TOPIC, "journal:topic")
