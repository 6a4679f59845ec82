"""What of an account is kept sealed: the secret of its second factor, its id with another provider.

The keys are derived from the house's own secret, which lies outside the database: a copy of the database alone
opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac

from khlong.people import keystore
from khlong.people.sealing import derived, open_bytes, seal_bytes


def seal(text: str, context: str) -> bytes:
    """The text sealed for one place, such as "authenticator:<account>"."""
    return seal_bytes(derived(keystore.house_secret(), "account"), text.encode(), context)


def unseal(sealed: bytes, context: str) -> str:
    """The text again. Raises SealBrokenError."""
    return open_bytes(derived(keystore.house_secret(), "account"), bytes(sealed), context).decode()


def blind(text: str, context: str) -> str:
    """A mark by which a text is found again and from which nobody without the key learns it: 64 letters."""
    key = derived(keystore.house_secret(), "account marks")
    return hmac.new(key, f"{context}:{text}".encode(), hashlib.sha256).hexdigest()
