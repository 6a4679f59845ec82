"""Letters about one's account. Without a server for e-mail and an address of ours none is sent, and pages say so."""

from __future__ import annotations

import logging
import threading
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import get_language, override

log = logging.getLogger(__name__)


def configured() -> bool:
    """Whether letters are sent: links in them lead to the address of the settings, and to no name a request says."""
    return bool(settings.KHLONG["email.host"] and settings.KHLONG["address"])


def post(to: str, subject: object, text: object) -> None:
    """Send a letter after the transaction, beside the request: nobody learns from the clock whether there was one."""
    if not (to and configured()):
        return
    with override(get_language() or settings.LANGUAGE_CODE):
        words = (str(subject), str(text))
    transaction.on_commit(lambda: threading.Thread(target=_send, args=(to, *words), daemon=True).start())


def _send(to: str, subject: str, text: str) -> None:
    try:
        send_mail(subject, text, None, [to])
    except (OSError, SMTPException) as error:
        log.warning("a letter about an account could not be sent: %s", type(error).__name__)
