"""Settings. Everything that differs between machines is one line of `khlong.web.options` and fails loudly.

Every room reads them by key: `settings.KHLONG["backup.keep"]`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from khlong.web.env import database_from_url, secret
from khlong.web.options import OWN_MACHINE, load

OPTIONS = load()
KHLONG: Mapping[str, Any] = OPTIONS

BASE_DIR = Path(__file__).resolve().parents[3]
VAR_DIR: Path = OPTIONS["var"]
DATA_DIR: Path = OPTIONS["data"]

DEBUG: bool = OPTIONS["debug"]
SECRET_KEY = secret(OPTIONS, "secret_key", VAR_DIR / "secret.key")
MASTER_KEY_FILE = VAR_DIR / "master.key"
PSEUDONYM_KEY_FILE = VAR_DIR / "pseudonym.key"
KEY_STORE = VAR_DIR / "keys.sqlite3"
ALLOWED_HOSTS: list[str] = list(dict.fromkeys([*OPTIONS["hosts"], *OWN_MACHINE]))
CSRF_TRUSTED_ORIGINS: list[str] = OPTIONS["origins"]
BEHIND_HTTPS: bool = OPTIONS["https"]
REQUIRE_SECOND_FACTOR: bool = OPTIONS["require_second_factor"]

ROOMS = [
    "ui",
    "people",
    "record",
    "privacy",
    "chain",
    "places",
    "network",
    "register",
    "assessment",
    "strategy",
    "deliberation",
    "adoption",
    "pilots",
    "reports",
    "journal",
    "training",
    "web",
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *(f"khlong.{room}" for room in ROOMS),
]

MIDDLEWARE = [
    "khlong.web.proxies.ProxyMiddleware",
    "khlong.web.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "khlong.web.middleware.WordsGZipMiddleware",
    "khlong.people.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "khlong.people.middleware.ActorMiddleware",
    "khlong.people.middleware.SessionInUseMiddleware",
    "khlong.people.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "khlong.record.middleware.AddressMiddleware",
    "khlong.record.middleware.RefusalMiddleware",
    "khlong.web.hallpage.HallMiddleware",
    "khlong.web.middleware.NoNulMiddleware",
]

ROOT_URLCONF = "khlong.web.urls"
WSGI_APPLICATION = "khlong.web.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["khlong.ui.templatetags.ui"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "khlong.people.context.actor",
                "khlong.web.hallpage.hall_of_page",
            ],
        },
    }
]

DATABASES = {"default": database_from_url(OPTIONS["database_url"], VAR_DIR / "db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # name_key, the name without case, is unique
AUTHENTICATION_BACKENDS = ["khlong.people.backends.NameOrEmailBackend"]
LOGIN_URL = "people:signin"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Without a server that takes it, e-mail goes nowhere; who sends asks settings.KHLONG["email.host"] first.
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if OPTIONS['email.host'] else 'dummy'}.EmailBackend"
EMAIL_HOST: str = OPTIONS["email.host"]
EMAIL_PORT: int = OPTIONS["email.port"]
EMAIL_HOST_USER: str = OPTIONS["email.user"]
EMAIL_HOST_PASSWORD: str = OPTIONS["email.password"]
EMAIL_USE_TLS = OPTIONS["email.security"] == "starttls"
EMAIL_USE_SSL = OPTIONS["email.security"] == "tls"
EMAIL_TIMEOUT = 20
PASSWORD_RESET_TIMEOUT = 3600
DEFAULT_FROM_EMAIL: str = OPTIONS["email.sender"] or "khlong@localhost"

LANGUAGE_CODE = "th"
LANGUAGES = [("th", _("Thai")), ("en", _("English"))]
TIME_ZONE = "Asia/Bangkok"
USE_I18N = True
USE_TZ = True
LANGUAGE_COOKIE_NAME = "khlong_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = BEHIND_HTTPS
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 365 * 24 * 3600

# Set by ./run --hall for one run: its address, and the Wi-Fi that phones join. Sessions then end with the day.
HALL = {
    "address": os.environ.get("KHLONG_HALL", ""),
    "wifi": os.environ.get("KHLONG_HALL_WIFI", ""),
    "wifi_password": os.environ.get("KHLONG_HALL_WIFI_PASSWORD", ""),
}
if HALL["address"]:
    SESSION_COOKIE_AGE = 10 * 3600
    SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_ENGINE = "khlong.people.session_engine"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "khlong.web.views.csrf_failure"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS
SECURE_SSL_REDIRECT = BEHIND_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = None if HALL["address"] else "same-origin"
X_FRAME_OPTIONS = "DENY"
if BEHIND_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440  # of a form's words; files have limits of their own

FILES_DIR = VAR_DIR / "files"
FILES_LIMITS = {"image": 12 << 20, "document": 20 << 20, "data": 10 << 20, "sound": 20 << 20}
FILES_MOST_TOGETHER = 120 << 20
FILES_MOST_PIXELS = 52_000_000
FILES_RESERVE = 200 << 20  # what the disk must have left, so that the database can go on
DATA_UPLOAD_MAX_NUMBER_FILES = 40
FILE_UPLOAD_HANDLERS = [
    "khlong.record.uploads.Gate",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}

SEARCH_CHUNK: int = OPTIONS["search.chunk"]
JOB_LEASE_SECONDS: int = OPTIONS["jobs.lease"]

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 1500}}
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": OPTIONS["log_level"]},
}
