"""Django's own command, which makes an empty database complete at once first."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from khlong.web.fresh import make_tables

OTHER_WORK = ("app_label", "plan", "check_unapplied", "fake", "fake_initial", "prune")


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if not any(options.get(name) for name in OTHER_WORK):
            make_tables(connections[options["database"]])
        super().handle(*args, **options)
