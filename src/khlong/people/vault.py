"""What of an account is kept sealed: the secret of its second factor, its id with another provider.

The keys are derived from the house's own secret, which lies outside the database: a copy of the database alone
opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from django.conf import settings

from khlong.people.sealing import derived, open_bytes, seal_bytes


def _root() -> bytes:
    path = Path(settings.VAR_DIR) / "master.key"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_bytes()


def seal(text: str, context: str) -> bytes:
    """The text sealed for one place, such as "authenticator:<account>"."""
    return seal_bytes(derived(_root(), "account"), text.encode(), context)


def unseal(sealed: bytes, context: str) -> str:
    """The text again. Raises SealBrokenError."""
    return open_bytes(derived(_root(), "account"), bytes(sealed), context).decode()


def blind(text: str, context: str) -> str:
    """A mark by which a text is found again and from which nobody without the key learns it: 64 letters."""
    key = derived(_root(), "account marks")
    return hmac.new(key, f"{context}:{text}".encode(), hashlib.sha256).hexdigest()
