"""The copy of the keys beside the backups, made anew as soon as somebody has withdrawn.

An old backup is noise only when no copy of the person's key is left anywhere. So a withdrawal leaves a job in its own
transaction, and once an hour the worker looks whether the keys have changed in some other way.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from khlong.people import keys, keystore
from khlong.people.actor import system_actor
from khlong.people.models import Subject
from khlong.record.errors import CommandRefused
from khlong.record.jobs import JobFailed, Step, enqueue, every, job, stewards

NAME = "record.keys.copy"


def noted() -> Path:
    """Where it is noted in which folder the copy lies and of which state of the keys it is."""
    return Path(settings.VAR_DIR) / "keys.copied"


def note(folder: Path) -> None:
    """Remember that the copy in a folder is of the keys as they stand."""
    noted().write_text(json.dumps({"folder": str(folder.absolute()), "serial": keystore.serial()}))


@job(NAME, title=_("Copy the keys beside the backups"), retries=8, may=stewards)
def copy_again(step: Step) -> dict[str, Any]:
    """Make the copy anew where one lies and the keys have changed since; the keys of the withdrawn go first."""
    step.check()
    keys.sweep()
    if not noted().exists():
        return {"lines": [gettext("There is no copy of the keys yet: the first backup makes it.")]}
    known = json.loads(noted().read_text())
    if known["serial"] == keystore.serial():
        return {"lines": [gettext("The copy of the keys is up to date.")]}
    from khlong.record.backup.keycopies import copy_keys
    from khlong.record.backup.locks import recipient

    folder = Path(known["folder"])
    try:
        copy_keys(folder, recipient())
    except (OSError, CommandRefused) as error:
        words = gettext("The copy of the keys in %(folder)s is out of date and could not be made anew: %(why)s")
        raise JobFailed(words % {"folder": folder, "why": error}) from error
    return {"lines": [gettext("The copy of the keys in %(folder)s is new.") % {"folder": folder}]}


@keys.on_destroyed
def copy_soon(subject: Subject) -> None:
    """Called in the transaction of a withdrawal."""
    enqueue(system_actor("keys"), NAME, key=uuid4().hex)


every(NAME, timedelta(hours=1))
