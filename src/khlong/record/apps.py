from __future__ import annotations

from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "khlong.record"

    def ready(self) -> None:
        from khlong.record import (  # noqa: F401
            accounts,
            backup_job,
            checks,
            digest,
            file_policies,
            hall,
            housekeeping,
            job_account,
            keys_job,
            outbox,
            policies,
            sweeping,
            waits,
        )
        from khlong.ui import nav

        nav.waits_at("record:waits", waits.counted)
