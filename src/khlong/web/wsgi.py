"""The application that a server runs."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from khlong.web.counting import COUNTED, counting_folder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khlong.web.settings")
if COUNTED not in os.environ:
    from django.conf import settings

    os.environ[COUNTED] = str(counting_folder(Path(settings.VAR_DIR)))
application = get_wsgi_application()
# Asked for before the server forks, so that its processes share the code of all pages.
pages = get_resolver().url_patterns
