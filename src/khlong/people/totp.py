"""Codes of six digits that change every half minute (RFC 6238): which one holds, and for which half minute."""

from __future__ import annotations

import hmac
import time

import pyotp

STEP_SECONDS = 30
DRIFT = 1
"""Half minutes by which the clock of a phone may differ, either way."""
ISSUER = "Khlong"


def new_secret() -> str:
    """160 bits in base 32."""
    return pyotp.random_base32()


def address(secret: str, name: str) -> str:
    """What the QR code says to an authenticator app."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def matching_step(secret: str, code: str, after: int) -> int | None:
    """The number of the half minute whose code this is, of those at hand that come after `after`."""
    totp, now = pyotp.TOTP(secret), int(time.time()) // STEP_SECONDS
    for step in range(now - DRIFT, now + DRIFT + 1):
        if step > after and hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def grouped(secret: str) -> str:
    """A secret in groups of four letters, to be typed."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
