from __future__ import annotations

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "khlong.assessment"

    def ready(self) -> None:
        from khlong.assessment import dump, load, policies  # noqa: F401
        from khlong.chain import pages
        from khlong.chain.models import Kind

        pages.register(Kind.EVENT, "assessment:event")
