from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class TrainingConfig(AppConfig):
    name = "khlong.training"

    def ready(self) -> None:
        from khlong.chain.history import writes_as
        from khlong.training import bar, jobs  # noqa: F401
        from khlong.training.making import MAKER

        writes_as(MAKER, pgettext_lazy("who entered", "made as an example"))
