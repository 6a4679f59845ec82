from __future__ import annotations

from django.apps import AppConfig


class ChainConfig(AppConfig):
    name = "khlong.chain"

    def ready(self) -> None:
        from khlong.chain import jobs, policies  # noqa: F401
        from khlong.chain.hall import edges, files  # noqa: F401
        from khlong.chain.hall import policies as of_halls  # noqa: F401
        from khlong.ui import nav

        nav.search_at("chain:search")
