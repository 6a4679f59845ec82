"""Letters through an SMTP server, or through any other backend that Django's settings name."""

from __future__ import annotations

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from khlong.record.mail import Letter, NotReached


class SmtpCarrier:
    """One open connection for as many letters as there are."""

    def __init__(self) -> None:
        self._connection = get_connection()

    def open(self) -> None:
        try:
            self._connection.open()
        except (OSError, SMTPException) as error:
            raise NotReached(str(error)) from error

    def close(self) -> None:
        self._connection.close()

    def send(self, letter: Letter) -> None:
        """Hand one letter over. Raises OSError or SMTPException when the server refuses it."""
        message = EmailMultiAlternatives(
            letter.subject,
            letter.text,
            settings.KHLONG["email.sender"],
            [letter.to],
            headers=headers_of(letter),
            connection=self._connection,
        )
        message.attach_alternative(letter.html, "text/html")
        message.send()


def headers_of(letter: Letter) -> dict[str, str]:
    """What tells mail programmes that nobody typed this letter, and how to end such letters with one press."""
    found = {"Auto-Submitted": "auto-generated", "Content-Language": letter.language}
    if letter.stop:
        found |= {
            "List-Unsubscribe": f"<{letter.stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return found
