"""How bytes are sealed: AES-256-GCM in one format with a version, and keys derived from keys.

A sealed value is  version (1 byte, 0x01) | nonce (12 random bytes) | ciphertext and tag.  The context (where the
value stands and whose it is) is authenticated with it: a value that is moved to another column, table or person does
not open. A nonce is never chosen, only drawn; one key seals far fewer than the 2^32 values for which that is sound
(NIST SP 800-38D, 8.3). Nothing here knows Django or a file.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES, NONCE_BYTES = 32, 12
VERSION = b"\x01"


class SealBrokenError(Exception):
    """What was sealed does not open: another key, another place, or somebody changed it."""


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def derived(secret: bytes, purpose: str) -> bytes:
    """32 bytes made of a strong secret for one purpose (HKDF-SHA256); two purposes share nothing."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"khlong:{purpose}".encode()).derive(secret)


def seal_bytes(key: bytes, plain: bytes, context: str) -> bytes:
    """Seal with a key of 32 bytes."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plain, _bound(context))


def open_bytes(key: bytes, sealed: bytes, context: str) -> bytes:
    """What was sealed. Raises SealBrokenError."""
    if sealed[:1] != VERSION:
        raise SealBrokenError(f"format {sealed[:1].hex() or 'none'} is not known here")
    nonce, rest = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, rest, _bound(context))
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError(f"what was sealed for {context} does not open") from error


def _bound(context: str) -> bytes:
    return VERSION + context.encode()
