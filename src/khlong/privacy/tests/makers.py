from __future__ import annotations

from datetime import date
from typing import Any

from khlong.people.actor import Actor, system_actor
from khlong.privacy.actions import Said, give_consent
from khlong.privacy.models import Consent, ConsentText, How

SYSTEM = system_actor("test")
NAME, WITNESS = "สมศรี ดีงาม", "วิเชียร พยานดี"


def words(purpose: str = "contact") -> ConsentText:
    """The first words of the house for a purpose."""
    return ConsentText.objects.get(space=None, purpose=purpose, version=1)


def on_paper(**more: Any) -> Said:
    values: dict[str, Any] = {"how": How.PAPER, "name": NAME, "site": "ศาลากลางบ้าน", "day": date(2026, 1, 5)}
    return Said(**values | more)


def agreed(city: Any, actor: Actor = SYSTEM, purpose: str = "contact", **more: Any) -> Consent:
    """Somebody agreed on paper."""
    subject = more.pop("subject", None)
    return give_consent(actor, words(purpose), city.pk, on_paper(**more), subject)
