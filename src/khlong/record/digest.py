"""The letter on what waits: set once, sent at most once a day or week, never when nothing waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from khlong.people.actor import Actor, ActorKind, account_actor
from khlong.people.models import User
from khlong.people.panels import Line, Panel, on_account
from khlong.people.policy import Verb
from khlong.record import mail
from khlong.record.actions import Act, action, changed_fields
from khlong.record.jobs import Step, every, job, stewards
from khlong.record.letter import written
from khlong.record.models import Digest
from khlong.record.waits import Wait, waiting

SALT = "khlong.record.digest"


def of(user: User) -> Digest:
    """How somebody wants the letter; an unsaved "never" where she never said."""
    return Digest.objects.filter(user=user).first() or Digest(user=user)


@action("record.digest.set")
def set_digest(act: Act, user: User, every: str, hour: int, language: str) -> Digest:
    """Set how often and when. The day or week that runs now counts as served when its hour is over.

    Raises Refused, and ValidationError at `every` when the account has no address.
    """
    standing = of(user)
    act.require(Verb.CHANGE, standing)
    if every != Digest.Every.NEVER and not user.email:
        raise ValidationError({"every": _("Your account has no e-mail address.")})
    adding = standing._state.adding
    changed = changed_fields(standing, {"every": every, "hour": hour, "language": language})
    if not changed and not adding:
        act.nothing()
        return standing
    now = timezone.localtime()
    standing.period = period_of(standing, now) if is_over(standing, now) else ""
    standing.full_clean()
    standing.save(force_insert=adding)
    act.note(standing, fields=changed or ["every"])
    return standing


@action("record.digest.stop")
def _stop(act: Act, standing: Digest) -> Digest:
    """End the letters; whoever holds the link of one may."""
    act.require(Verb.USE, standing)
    if standing.every == Digest.Every.NEVER:
        act.nothing()
        return standing
    standing.every = Digest.Every.NEVER
    standing.save(update_fields=["every"])
    act.note(standing, fields=["every"])
    return standing


def stop(standing: Digest) -> Digest:
    """End the letters for who holds the link of one."""
    return _stop(Actor(ActorKind.LINK, label="letter", link=standing.stop_key.hex), standing)


def token_of(standing: Digest) -> str:
    return signing.Signer(salt=SALT).sign(standing.stop_key.hex).replace(":", ".")


def by_token(token: str) -> Digest | None:
    """Whose letters a link ends; None for one that was not made here."""
    try:
        key = signing.Signer(salt=SALT).unsign(token.replace(".", ":"))
    except signing.BadSignature:
        return None
    return Digest.objects.filter(stop_key=key).first()


# --- when --------------------------------------------------------------------------------------------


def period_of(standing: Digest, now: datetime) -> str:
    """The day, or the ISO week, that a letter sent now would be for."""
    if standing.every == Digest.Every.WEEK:
        year, week, _day = now.isocalendar()
        return f"{year}-W{week:02d}"
    return now.date().isoformat()


def is_over(standing: Digest, now: datetime) -> bool:
    """Whether the hour of this day, or of this week's Monday, has come."""
    day = now.date()
    if standing.every == Digest.Every.WEEK:
        day -= timedelta(days=day.weekday())
    return (now.date(), now.hour) >= (day, standing.hour)


def in_words(standing: Digest) -> str:
    """How the letter is set, for the account page."""
    if standing.every == Digest.Every.NEVER:
        return _("No e-mail about it")
    return _("E-mail %(every)s at %(hour)s") % {
        "every": standing.get_every_display(),
        "hour": f"{standing.hour:02d}:00",
    }


@on_account
def letter_panel(actor: Actor) -> Iterable[Panel]:
    """What somebody reads of it on her account page, with the way to change it; one query."""
    lines = [
        Line(_("What waits for you, on one page"), reverse("record:waits")),
        Line(in_words(of(actor.account)), reverse("record:letter")),
    ]
    if not mail.is_on():
        lines.append(Line(_("This Khlong sends no e-mail: whoever runs it has not set it up.")))
    elif not actor.account.email:
        lines.append(Line(_("For an e-mail your account needs an address.")))
    yield Panel(_("Waits for me"), tuple(lines))


def nothing() -> None:
    """What is done after each letter when nobody watches."""


# --- sending -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """What became of one account's letter: sent, "nothing waits", or why not."""

    username: str
    number: int
    outcome: str


def due(now: datetime) -> list[Digest]:
    """Whose hour has come and whose day or week has had no letter yet."""
    rows = Digest.objects.exclude(every=Digest.Every.NEVER).select_related("user").order_by("pk")
    open_ones = rows.filter(user__is_active=True).exclude(user__email="")
    return [row for row in open_ones if is_over(row, now) and row.period != period_of(row, now)]


@job("record.digest.send", title=gettext_lazy("Send the letters on what waits"), may=stewards)
def send(step: Step) -> dict[str, Any]:
    """What every half hour does by itself; gives how many letters had which outcome."""
    return dict(Counter(sent.outcome for sent in send_due(after_each=step.advance)))


every("record.digest.send", timedelta(minutes=30))


def send_due(
    now: datetime | None = None, *, dry_run: bool = False, after_each: Callable[[], None] = nothing
) -> list[Sent]:
    """Send all letters whose hour has come. Raises NotReached, and then nobody's day or week is used up."""
    now = timezone.localtime(now)
    rows = due(now)
    if not rows:
        return []
    if dry_run:
        return [
            Sent(row.user.username, len(waiting(account_actor(row.user))), "would be sent") for row in rows
        ]
    if not mail.is_on():
        return []
    with mail.carrier() as carrier:
        return [_send(carrier, row, now, after_each) for row in rows]


def _send(carrier: mail.Carrier, row: Digest, now: datetime, after: Callable[[], None] = nothing) -> Sent:
    """Take the day or week for this letter first: two senders, or one that dies, never send it twice."""
    after()
    period = period_of(row, now)
    mine = Digest.objects.filter(pk=row.pk, every=row.every).exclude(period=period).update(period=period)
    if not mine:
        return Sent(row.user.username, 0, "sent by another")
    found = _waiting(row)
    if not found:
        return Sent(row.user.username, 0, "nothing waits")
    try:
        carrier.send(written(row.user.email, row.language, found, now.date(), token_of(row)))
    except (OSError, SMTPException) as error:
        return Sent(row.user.username, len(found), f"refused by the server: {type(error).__name__}")
    return Sent(row.user.username, len(found), "sent")


def _waiting(row: Digest) -> list[Wait]:
    with override(row.language):
        return waiting(account_actor(row.user))
