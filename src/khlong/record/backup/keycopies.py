"""The one copy of the keys beside the backups: locked for the same recipient, written over, never in generations.

What a backup holds of a person is sealed under her keys, which are in none of them. So the newest copy of the keys
decides what can be read: of whoever withdrew no key is in a copy any more, of a purpose that was taken back not its
key, and old backups hold only noise of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from khlong.people import keycopy, keys, keystore
from khlong.people.sealing import SealBrokenError
from khlong.record.backup.errors import BackupRefused
from khlong.record.backup.sealed import Part, lock, unlock
from khlong.record.keys_job import note

NAME = "khlong-keys.khk"
INSIDE = "keys.json"


def copy_keys(folder: Path, recipient: Any) -> Path | None:
    """Write the copy of the keys anew, over the one before it; None where there are none yet."""
    document = keycopy.copy_of_keys()
    found = json.loads(document)
    if not found["files"] and not keystore.path().exists():
        return None
    path = folder / NAME
    lock(path, [Part(INSIDE, len(document), [document])], recipient)
    note(folder, dict(found["tables"]["house"]).get("serial", 0))
    return path


def put_keys_back(where: Path, identity: Any, *, asked: bool = False) -> list[str]:
    """Put the keys of the copy in their place, then destroy again whom the newest keys know as destroyed.

    `where` is the copy or the folder it lies in. Gives lines that tell what was done. Raises BackupRefused.
    """
    path = where if asked else where / NAME
    told = []
    if asked or path.is_file():
        keycopy.put_back(_document(path, identity))
        told.append(_("The keys were put back from %(path)s.") % {"path": path})
    lost: list[Any] = []
    if gone := keys.sweep(lost.append):
        told.append(
            _("%(count)s people had withdrawn since, in all or one purpose: that was destroyed again.")
            % {"count": gone}
        )
    if lost:
        words = _(
            "This backup is from before each purpose had its key. Of %(count)s people who took one purpose back since, "
            "also what was sealed for the others cannot be read from it; a later backup has it."
        )
        told.append(words % {"count": len(lost)})
    if missing := keys.without_key():
        words = _(
            "The keys of %(count)s people are missing, so what is sealed cannot be read. Name the copy: --keys FILE"
        )
        told.append(words % {"count": missing})
    return told


def _document(path: Path, identity: Any) -> bytes:
    found: dict[str, bytes] = {}
    unlock(path, identity, lambda name, content: found.update({name: content.read()}))
    try:
        document = found[INSIDE]
        json.loads(document)
    except (KeyError, ValueError, SealBrokenError) as error:
        raise BackupRefused(_("%(path)s is no copy of keys.") % {"path": path}) from error
    return document
