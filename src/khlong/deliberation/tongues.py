"""The languages in which people speak to a plan: one list for forms, the interface and what is read of a suggestion."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Tongue:
    """A language: its code, what it calls itself, and its name in the reader's language."""

    code: str
    own: str
    name: str | Promise


TONGUES = (
    Tongue("th", "ไทย", _("Thai")),
    Tongue("en", "English", _("English")),
    Tongue("ms", "Bahasa Melayu", _("Malay")),
    Tongue("my", "မြန်မာ", _("Burmese")),
    Tongue("lo", "ລາວ", _("Lao")),
    Tongue("km", "ខ្មែរ", _("Khmer")),
)
LANGUAGES = tuple(tongue.code for tongue in TONGUES)
CHOICES = tuple((tongue.code, tongue.own) for tongue in TONGUES)
NAMES = {tongue.code: tongue.name for tongue in TONGUES}
