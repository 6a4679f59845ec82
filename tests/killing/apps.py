from __future__ import annotations

import time
from typing import Any

from django.apps import AppConfig

PARTS = 4
JOB = "killing.word.add"


class KillingConfig(AppConfig):
    name = "tests.killing"
    label = "killing"

    def ready(self) -> None:
        from khlong.places.actions import save_word
        from khlong.places.models import Unit
        from khlong.record.jobs import Step, job

        @job(JOB, title="Add some words", retries=50)
        def add(step: Step, *, number: int) -> dict[str, Any]:
            """Words with keys of their own each time, so that what is done twice shows."""
            step.total(PARTS)
            for part in range(PARTS):
                with step.once(f"part {part}") as first:
                    if first:
                        words = {"label_th": f"งาน {number} {part}", "label_en": f"job {number} part {part}"}
                        save_word(step.actor, Unit(key=f"{step.job.pk.hex[:12]}_{time.time_ns()}"), words)
                    time.sleep(0.03)
                step.advance()
                time.sleep(0.03)
            return {"number": number}
