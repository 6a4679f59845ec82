"""The real settings, with the room of these tests beside the real ones."""

from __future__ import annotations

from khlong.web.settings import *  # noqa: F403
from khlong.web.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.killing.apps.KillingConfig"]
