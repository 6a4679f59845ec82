from __future__ import annotations

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    name = "khlong.network"

    def ready(self) -> None:
        from khlong.chain import pages
        from khlong.chain.models import Kind
        from khlong.network import load, policies, roles  # noqa: F401

        pages.register(Kind.PROGRAMME, "network:programme")
        pages.register(Kind.ORGANISATION, "network:organisation")
        pages.register(Kind.MEETING, "network:meeting")
