"""The one copy of the keys beside the backups: locked for the same recipient, written over, never in generations.

What a backup holds of a person is sealed under her key, which is in none of them. So the newest copy of the keys
decides who can be read: whoever withdrew is in no copy any more, and old backups hold only noise of her.
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
    if gone := keys.sweep():
        told.append(
            _("%(count)s people had withdrawn since: their data was destroyed again.") % {"count": gone}
        )
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
