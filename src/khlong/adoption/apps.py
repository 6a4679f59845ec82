from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AdoptionConfig(AppConfig):
    name = "khlong.adoption"

    def ready(self) -> None:
        from khlong.adoption import (  # noqa: F401
            beside,
            files,
            gaps,
            hall,
            panels,
            policies,
            search,
            values,
            waits,
        )
        from khlong.chain import pages
        from khlong.chain.models import Kind
        from khlong.ui import nav

        nav.register(_("Proposals"), "adoption:all", order=41)
        pages.register(Kind.PROPOSAL, "adoption:proposal")
