from __future__ import annotations

import errno
from pathlib import Path

from django.utils.translation import gettext as _

from khlong.record.errors import CommandRefused

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class BackupRefused(CommandRefused):
    """A backup cannot be made or taken back; the text says why and what to do."""


def unwritable(path: Path, error: OSError) -> BackupRefused:
    """A disk that is full or a folder that cannot be written, in words."""
    if error.errno in FULL:
        words = _(
            "The disk is full at %(path)s. Nothing half written was left. Make room, or choose another folder."
        )
        return BackupRefused(words % {"path": path})
    words = _("%(path)s cannot be written (%(why)s). Choose another folder (KHLONG_BACKUP_FOLDER or --out).")
    return BackupRefused(words % {"path": path, "why": error.strerror or error})
