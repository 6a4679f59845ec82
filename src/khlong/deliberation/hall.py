"""What a hall takes along of rounds: rounds and what was said and answered, to be read there.

A round that is changed in the hall comes home. Links stay at home: they lead to the server's own address.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from khlong.chain.hall.documents import ThingDocument, register, stays_in_the_hall
from khlong.chain.hall.travel import travels
from khlong.deliberation.models import Agreement, AnchorMove, Answer, Circle, Round, Suggestion, Verdict
from khlong.deliberation.rounds import save_round

travels(Circle, instead={"digest": None, "bound_to": ""})
for _model in (Suggestion, Answer, Verdict, AnchorMove, Agreement):
    travels(_model)
register(ThingDocument(Round, save_round, order=70))
for _action in ("deliberation.suggestion.make", "deliberation.suggestion.note"):
    stays_in_the_hall(
        _action,
        _(
            "Suggestions made in the hall stay there. Print them before the hall is closed, and enter them here."
        ),
    )
for _action in ("deliberation.suggestion.answer", "deliberation.suggestion.answer_several"):
    stays_in_the_hall(_action, _("Answers given in the hall stay there. Enter them here again."))
for _action in ("agree", "disagree", "take_back", "hide", "show"):
    stays_in_the_hall(
        f"deliberation.suggestion.{_action}",
        _("Whatever else was done with suggestions in the hall stays there. Do it here again."),
    )
for _action in ("deliberation.answer.judge", "deliberation.anchor.decide"):
    stays_in_the_hall(
        _action,
        _("What people said in the hall of answers and of new words stays there. Ask them here again."),
    )
for _action in ("save", "link", "withdraw"):
    stays_in_the_hall(
        f"deliberation.circle.{_action}",
        _("Circles and their links of the hall stay there. Make them here again."),
    )
