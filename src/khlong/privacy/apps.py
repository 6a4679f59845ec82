from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from khlong.ui import nav


class PrivacyConfig(AppConfig):
    name = "khlong.privacy"

    def ready(self) -> None:
        from khlong.privacy import (  # noqa: F401
            account_data,
            actions,
            contributed,
            jobs,
            panels,
            periods,
            policies,
            sittings,
        )

        periods.register()
        nav.foot_at(_("What is kept of people"), "privacy:mine")
