"""How long what the first rooms keep is kept, and how it goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.people.actor import system_actor
from khlong.people.models import Attempt, SessionRecord
from khlong.privacy.models import Consent, PersonRequest
from khlong.privacy.registries import Activity, Period, Remove, processing, retention

KEEPER = system_actor("retention")


def rows(find: Any) -> Remove:
    """A remover of rows: `find` gives those that are older than a moment."""

    def remove(before: datetime, *, dry: bool) -> int:
        found: QuerySet[Any] = find(before)
        count = found.count()
        if not dry:
            found.delete()
        return count

    return remove


def end_consents(before: datetime, *, dry: bool) -> int:
    """Consents that held for their time are withdrawn as if the person had said so, unless newer words hold."""
    from khlong.privacy.actions import withdraw_consent

    standing = Consent.objects.filter(withdrawn_on=None).select_related("text")
    over = [consent for consent in standing.iterator() if consent.ends_on <= before.date()]
    for consent in [] if dry else over:
        withdraw_consent(KEEPER, consent, over=True)
    return len(over)


def empty_requests(before: datetime, *, dry: bool) -> int:
    """Requests answered long ago lose their words and answers; that they were made stays."""
    old = PersonRequest.objects.filter(answered_on__lt=before.date()).exclude(words=None, answer=None)
    count = old.count()
    if not dry:
        old.update(words=None, answer=None)
    return count


def register() -> None:
    """Called when the room is loaded."""
    retention(
        Period(
            "privacy.consent",
            _("Consents and all that is kept under them"),
            timedelta(0),
            _("A consent ends after the months that its words name; it is then taken back by itself."),
            end_consents,
        )
    )
    retention(
        Period(
            "privacy.request",
            _("Words of requests that were answered"),
            timedelta(days=365),
            _("Proof that a request was answered; the words are no longer needed after a year."),
            empty_requests,
        )
    )
    retention(
        Period(
            "people.attempt",
            _("Wrong passwords and dead links (only a hash of who and where)"),
            timedelta(minutes=15),
            _("Counting attempts against guessing."),
            rows(lambda before: Attempt.objects.filter(at__lt=before)),
        )
    )
    retention(
        Period(
            "people.session",
            _("Where somebody was signed in"),
            timedelta(seconds=settings.SESSION_COOKIE_AGE),
            _("So that everybody can see and end her own sessions."),
            rows(lambda before: SessionRecord.objects.filter(seen_at__lt=before)),
        )
    )
    retention(
        Period(
            "people.session_store",
            _("Sessions that have run out"),
            timedelta(0),
            _("They open nothing any more."),
            rows(lambda _before: Session.objects.filter(expire_date__lt=timezone.now())),
        )
    )
    processing(
        Activity(
            title=_("Accounts"),
            purpose=_("Knowing who writes what, and who may"),
            people=_("people with an account"),
            data=_("user name, name to show, e-mail address if given, hash of the password, roles, sessions"),
            basis=_("needed for the service that the person asked for"),
            recipients=_("nobody; user names stand in public histories"),
            kept=_("until the account is closed"),
            protected=_("Argon2id, rights by role, audit without values"),
        )
    )
    processing(
        Activity(
            title=_("Consents and requests"),
            purpose=_("Proof of what people agreed to and asked for"),
            people=_("everybody of whom a city keeps something"),
            data=_("name, witness, place and day of the consent; words of the request"),
            basis=_("duty under the Personal Data Protection Act"),
            recipients=_("the owners of the city; the office of the committee when it asks"),
            kept=_("names until the consent ends; the row without a name stays as proof"),
            protected=_(
                "sealed with a key for each person and purpose, which is destroyed when it is taken back"
            ),
        )
    )
