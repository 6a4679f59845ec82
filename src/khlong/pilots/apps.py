from __future__ import annotations

from django.apps import AppConfig


class PilotsConfig(AppConfig):
    name = "khlong.pilots"
