"""Whether an answer answers: said by who suggested, with her receipt or under her pseudonym."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.deliberation.models import Answer, Verdict
from khlong.people.policy import Verb
from khlong.record.actions import Act, action, changed_fields
from khlong.record.errors import Refused
from khlong.record.limits import Limit
from khlong.strategy.models import normal

JUDGED = "deliberation.answer.judged"


@action("deliberation.answer.judge", limit=Limit(60, per=timedelta(hours=1)))
def judge(act: Act, answer: Answer, answers: bool, words: str = "") -> Verdict:
    """Say whether an answer answers. A "no" that says what is missing goes back to those who answer.

    It may be said otherwise until a further answer is given. Raises Refused for anybody but who suggested, and
    where a further answer was given meanwhile.
    """
    standing = Verdict.objects.filter(answer=answer).first()
    made = standing or Verdict(answer=answer)
    act.require(Verb.ADD, made)
    if Answer.objects.filter(suggestion=answer.suggestion_id, number__gt=answer.number).exists():
        raise Refused(_("A further answer was given meanwhile. Read that one, and say whether it answers."))
    said = {"answers": answers, "words": "" if answers else normal(words)[:2000]}
    changed = changed_fields(made, said)
    if standing is not None and not changed:
        act.nothing()
        return standing
    made.on = timezone.localdate()
    made.save()
    act.note(made, fields=["answers", *(["words"] if made.words else [])], ref=answer.ref)
    act.fact(JUDGED, answer.suggestion, {"answers": answers})
    return made
