from __future__ import annotations

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "khlong.privacy"

    def ready(self) -> None:
        from khlong.privacy import actions, jobs, panels, periods, policies, sittings  # noqa: F401

        periods.register()
