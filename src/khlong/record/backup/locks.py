"""The two halves of a backup's lock: the public key lies on this machine, the secret one anywhere else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage
from django.conf import settings
from django.utils.translation import gettext as _

from khlong.record.backup.errors import BackupRefused, unwritable

SECRET = "AGE-SECRET-KEY-"
SEALED = b"age-encryption.org/v1"
MOST_BYTES = 100_000


@dataclass(frozen=True, repr=False)
class Pair:
    """A fresh pair. `secret` opens every backup that is made for `public`."""

    public: str
    secret: str


def new_pair() -> Pair:
    identity = pyrage.x25519.Identity.generate()
    return Pair(str(identity.to_public()), str(identity))


def recipient_path() -> Path:
    return Path(settings.VAR_DIR) / "backup.recipient"


def recipient_text() -> str:
    """The public key that backups are made for, or nothing."""
    if given := settings.KHLONG["backup.recipient"]:
        return str(given)
    try:
        return recipient_path().read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def recipient() -> Any:
    """Who can open the backups. Raises BackupRefused in words."""
    text = recipient_text()
    if not text:
        words = _("There is no key to lock a backup with. Make one: ./khlong backup keys")
        raise BackupRefused(words)
    return recipient_of(text)


def recipient_of(text: str) -> Any:
    """A public key as age wants it."""
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        words = _("The public key of the backups is damaged (%(where)s). Put the right one there (age1…).")
        raise BackupRefused(words % {"where": recipient_path()}) from error


def keep_recipient(public: str, *, replace: bool = False) -> Path:
    """Write the public key into the folder of what changes. Raises BackupRefused where another one stands."""
    path = recipient_path()
    if path.exists() and not replace and path.read_text(encoding="utf-8").strip() != public:
        words = _(
            "There is a key already (%(path)s). --replace makes a new one for new backups; keep the old one too."
        )
        raise BackupRefused(words % {"path": path})
    try:
        unfinished = path.with_suffix(".new")
        unfinished.write_text(f"{public}\n", encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    return path


def locked_with(secret: str, passphrase: str) -> bytes:
    """The secret key sealed with words that somebody remembers (age's scrypt)."""
    if len(passphrase) < 12:
        raise BackupRefused(_("These words are too short: at least 12 letters."))
    return bytes(pyrage.passphrase.encrypt(f"{secret}\n".encode(), passphrase))


def identity_from(path: Path, ask: Any = None) -> Any:
    """The secret key in a file, one line of which is AGE-SECRET-KEY-…; `ask()` gives the words of a sealed one.

    Raises BackupRefused in words.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES)
    except OSError as error:
        words = _("The key %(path)s cannot be read (%(why)s).")
        raise BackupRefused(words % {"path": path, "why": error.strerror}) from error
    if data.startswith(SEALED):
        data = _opened(data, ask)
    for line in data.decode("utf-8", "replace").splitlines():
        if line.strip().upper().startswith(SECRET):
            try:
                return pyrage.x25519.Identity.from_str(line.strip())
            except pyrage.IdentityError as error:
                raise BackupRefused(
                    _("The secret key in %(path)s is damaged: copy it again, whole.") % {"path": path}
                ) from error
    words = _("There is no secret key in %(path)s: it begins with AGE-SECRET-KEY-.")
    raise BackupRefused(words % {"path": path})


def _opened(data: bytes, ask: Any) -> bytes:
    words = os.environ.get("KHLONG_PASSWORD") or (ask() if ask else "")
    try:
        return bytes(pyrage.passphrase.decrypt(data, words))
    except pyrage.DecryptError as error:
        raise BackupRefused(_("These are not the words that the key was sealed with.")) from error
