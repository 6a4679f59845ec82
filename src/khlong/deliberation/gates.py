"""What stands before the adoption of a version: every suggestion that was made in time is answered."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from khlong.deliberation.answering import owed_words
from khlong.deliberation.models import Round
from khlong.deliberation.standing import owed_of_plan
from khlong.record.actions import Act, guard
from khlong.record.errors import Refused
from khlong.strategy.models import Plan, Version


@guard("strategy.version.adopt")
def answers_first(act: Act, obj: Any) -> None:
    """Refuse while an answer is owed; the refusal says how many, and leads to them round by round."""
    plan = obj.plan if isinstance(obj, Version) else obj
    if not isinstance(plan, Plan):
        return
    number = owed_of_plan(plan).count()
    if number:
        raise Refused(_refusal(plan, number))


class Linked(str):
    """Plain words, for a command or a programme; on a page they end in links, also after str()."""

    links: SafeString

    def __str__(self) -> str:
        return self

    def __html__(self) -> str:
        return format_html("{} {}", str.__str__(self), self.links)


def _refusal(plan: Plan, number: int) -> Linked:
    rounds = Round.objects.filter(pk__in=owed_of_plan(plan).values("round")).select_related("node")
    links = format_html_join(
        ", ",
        '<a href="{}?state=owed">{}</a>',
        ((reverse("deliberation:answers", args=[one.ref]), one.name) for one in rounds[:10]),
    )
    words = _("A version is adopted when everybody who spoke in time has an answer with its reason.")
    made = Linked(f"{owed_words(number)} {words}")
    made.links = links
    return made
