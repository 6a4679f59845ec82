"""What the five levels of participation promise, in words for whoever is asked to speak."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from khlong.deliberation.models import Level

PROMISES = {
    Level.INFORM: _(
        "You learn what is planned and why. You may say what you think, and every suggestion gets an answer; "
        "the plan itself will hardly change any more."
    ),
    Level.CONSULT: _(
        "The working group listens before it decides. Every suggestion gets an answer with its reason, "
        "and what changed is shown."
    ),
    Level.INVOLVE: _(
        "The working group works with you from draft to draft, so that your concerns stand in the plan "
        "or the reason why not."
    ),
    Level.COLLABORATE: _(
        "You look for solutions together with the working group; what you agree on goes into the plan "
        "as far as the law allows."
    ),
    Level.EMPOWER: _("You decide. What the circles agree on is what the working group writes into the plan."),
}
"""After the spectrum of public participation (IAP2), in plain words."""


def promise(level: str) -> object:
    """What people may expect of a round of this level."""
    return PROMISES[Level(level)]
