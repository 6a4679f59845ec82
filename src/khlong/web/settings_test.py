"""Settings of the tests: the real ones with a key of their own, plain static files and a fast hasher."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ.setdefault("KHLONG_SECRET_KEY", "only-for-tests-" + "x" * 40)
# Processes that share the tests inherit the folder of the one that began them: each makes one of its own, once.
worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if "KHLONG_VAR" not in os.environ or os.environ.get("TESTS_FOLDER_OF", worker) != worker:
    os.environ["KHLONG_VAR"] = tempfile.mkdtemp(prefix="khlong-test-")
os.environ["TESTS_FOLDER_OF"] = worker

from khlong.web.settings import *  # noqa: E402, F403
from khlong.web.settings import DATABASES, MASTER_KEY_FILE, PSEUDONYM_KEY_FILE, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATABASES["default"].setdefault("OPTIONS", {}).pop("pool", None)
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
STATIC_ROOT = Path(os.environ["KHLONG_VAR"]) / "static"
for file in (MASTER_KEY_FILE, PSEUDONYM_KEY_FILE):
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(f"only-for-tests-{file.stem}-{'x' * 40}")
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
