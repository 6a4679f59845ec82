"""The number that somebody takes home, by which she sees what became of her words.

Twelve digits in three groups, since every keyboard and every mouth has digits: eleven by chance and one that checks
(Damm's method: it notices each single wrong digit and each exchange of two neighbours). Thai digits are read too.
Only the SHA-256 is kept. The number is made from the key with which the words were sent, so that words sent twice on a
bad line get one number, and from the number of a paper sheet, so that the slip can be printed before anything is said.
"""

from __future__ import annotations

import hashlib
import re

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from khlong.deliberation.models import Suggestion
from khlong.people.actor import Actor, ActorKind
from khlong.record.errors import Refused
from khlong.thai.digits import to_arabic

DIGITS = 12
DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
"""The quasigroup of Damm's dissertation (2004)."""
WRONG_LENGTH = _("A receipt has 12 digits. Type all three groups.")
MISTYPED = _("One of the digits is not right. Compare them with the paper, one by one.")
UNKNOWN = _("No suggestion has this receipt here. Compare the digits, and that this is the right Khlong.")


def code_for(key: str) -> str:
    """The receipt of words that were sent with this key."""
    digest = salted_hmac("khlong.deliberation.receipts", key, algorithm="sha256").digest()
    digits = f"{int.from_bytes(digest) % 10 ** (DIGITS - 1):0{DIGITS - 1}d}"
    return digits + check_digit(digits)


def check_digit(digits: str) -> str:
    """The digit that makes Damm's sum nought."""
    at = 0
    for digit in digits:
        at = int(DAMM[at][int(digit)])
    return str(at)


def shown(code: str) -> str:
    """As it is printed: 1234 5678 9012."""
    return " ".join(code[at : at + 4] for at in range(0, DIGITS, 4))


def read(text: str) -> str:
    """The twelve digits of what somebody typed. Raises Refused with the mend."""
    digits = re.sub(r"[\s\-‐-―.·]", "", to_arabic(text))
    if not re.fullmatch(r"[0-9]{12}", digits):
        raise Refused(WRONG_LENGTH)
    if check_digit(digits) != "0":
        raise Refused(MISTYPED)
    return digits


def digest_of(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def find(code: str) -> Suggestion | None:
    """The suggestion of a receipt, from its twelve digits; also one that is hidden."""
    rows = Suggestion.objects.select_related("node__space", "round__node", "round__plan__city", "item__node")
    return rows.filter(receipt=digest_of(code)).first()


def holder(_actor: Actor, suggestion: Suggestion) -> Actor:
    """Who shows the receipt of a suggestion, for what she may do with it; under her pseudonym, or under no name."""
    return Actor(ActorKind.LINK, label=suggestion.by, link=suggestion.receipt, contributes=True)
