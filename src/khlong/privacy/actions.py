"""Giving and taking back consent, what people ask, breaches, and removing what is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khlong.people import keys, spaces
from khlong.people.actor import Actor
from khlong.people.models import Subject, User
from khlong.people.policy import Verb
from khlong.privacy import registries
from khlong.privacy.models import (
    Breach,
    Consent,
    ConsentText,
    How,
    PersonRequest,
    Purpose,
    RequestKind,
    RetentionRun,
)
from khlong.record.actions import Act, action, changed_fields
from khlong.record.errors import Refused


@dataclass(frozen=True)
class Said:
    """How somebody agreed: what is written down beside the words.

    On paper the place and the day belong to it, spoken also the name of the witness, and for a child that of the
    parent or guardian. `name` is who agreed, left out in a sitting (`nameless`); `explicit` is the person's own mark
    beside sensitive data.
    """

    how: How = How.OWN
    language: str = "th"
    explicit: bool = False
    name: str = ""
    witness: str = ""
    site: str = ""
    day: date | None = None
    nameless: bool = False


# --- words --------------------------------------------------------------------------------


@action("privacy.text.publish")
def publish_text(
    act: Act,
    space: UUID | None,
    purpose: Purpose,
    words: dict[str, str],
    *,
    sensitive: bool,
    months: int = 24,
    is_draft: bool = True,
    valid_from: date | None = None,
) -> ConsentText:
    """Add the next version of the words for a purpose. Raises ValidationError at words and months."""
    made = ConsentText(
        space=space, purpose=Purpose(purpose), sensitive=sensitive, months=months, is_draft=is_draft
    )
    act.require(Verb.ADD, made)
    made.words = {language: text.strip() for language, text in words.items() if text.strip()}
    if "th" not in made.words:
        raise ValidationError({"words": _("Write the words in Thai at least.")})
    if not 1 <= months <= 120:
        raise ValidationError({"months": _("A consent holds from 1 to 120 months.")})
    standing = ConsentText.objects.filter(space=space, purpose=purpose).aggregate(last=Max("version"))
    made.version, made.valid_from = (standing["last"] or 0) + 1, valid_from or timezone.localdate()
    made.save()
    act.note(made, fields=["words", "version"])
    return made


# --- consent ------------------------------------------------------------------------------


def own_subject(user: User, space: UUID | None) -> Subject:
    """The person as whom an account is known in a city; made when there is none yet. Only within an action."""
    standing = Subject.objects.filter(account=user, space=space).first()
    return standing or keys.new_subject(space=space, account=user)


@action("privacy.consent.give")
def give_consent(
    act: Act, text: ConsentText, space: UUID, said: Said, subject: Subject | None = None
) -> Consent:
    """Note that somebody agreed: the account that acts, or a person who is written down (a new one without `subject`).

    Raises Refused, and ValidationError by field: explicit, language, name, witness, site, day.
    """
    known = subject or _who_agrees(act, space, said)
    made = Consent(subject=known, text=text, language=said.language, how=said.how)
    act.require(Verb.ADD, made)
    _check(act, text, space, known, said)
    if (standing := Consent.objects.filter(subject=known, text=text, withdrawn_on=None).first()) is not None:
        act.nothing()
        return standing
    made.subject = known if not known._state.adding else keys.new_subject(space=space, account=known.account)
    made.site, made.given_on, made.explicit = (
        said.site.strip(),
        said.day or timezone.localdate(),
        said.explicit,
    )
    made.noted_by = "" if said.how is How.OWN else act.actor.label
    keys.put(made, "name", said.name.strip())
    keys.put(made, "witness", said.witness.strip())
    made.save(force_insert=True)
    if said.name.strip():
        keys.remember(made.subject, "name", said.name)
    act.note(made, fields=["text", "how"], space=space)
    return made


def _who_agrees(act: Act, space: UUID, said: Said) -> Subject:
    """The person of an account as it stands or, not saved yet, a person whom nobody knew."""
    account = act.actor.user if said.how is How.OWN else None
    standing = Subject.objects.filter(account=account, space=space).first() if account else None
    return standing or Subject(space=space, account=account, made_on=timezone.localdate())


def _check(act: Act, text: ConsentText, space: UUID, subject: Subject, said: Said) -> None:
    if said.how is How.OWN and (act.actor.user is None or subject.account_id != act.actor.user.pk):
        raise Refused(_("By own hand on the screen only the person herself can agree."))
    if said.how is not How.OWN and subject.account_id is not None:
        raise Refused(_("This person has an account and agrees there herself."))
    if text.space not in {None, space} or subject.space != space or not spaces.known(space):
        raise Refused(_("These words belong to another city."))
    complaints: dict[str, Any] = {}
    if text.sensitive and not said.explicit:
        complaints["explicit"] = _("Health, disability, belief and origin need a mark of their own here.")
    if said.language not in text.words:
        complaints["language"] = _("There are no words in this language.")
    if said.how is not How.OWN:
        complaints |= _missing_on_paper(said)
    if complaints:
        raise ValidationError(complaints)


def _missing_on_paper(said: Said) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if not said.name.strip() and not said.nameless:
        found["name"] = _(
            "Write the name of who agreed. It is sealed and goes when the consent is taken back."
        )
    if not said.site.strip():
        found["site"] = _("Write where this was.")
    if said.day is None or said.day > timezone.localdate():
        found["day"] = _("Give the day on which this was, not one to come.")
    if said.how in {How.SPOKEN, How.GUARDIAN} and not said.witness.strip():
        found["witness"] = _("Write who was the witness, or for a child the parent or guardian.")
    return found


def note_consents(actor: Actor, texts: list[ConsentText], space: UUID, said: Said) -> list[Consent]:
    """Note that somebody who is written down agreed to each of these words; all of them or none.

    Raises as `give_consent`. What needs the person's own mark comes first, so that nothing is begun without it.
    """
    noted: list[Consent] = []
    with transaction.atomic():
        for text in sorted(texts, key=lambda text: not text.sensitive):
            subject = noted[0].subject if noted else None
            noted.append(give_consent(actor, text, space, said, subject))
    return noted


@action("privacy.consent.withdraw")
def withdraw_consent(act: Act, consent: Consent, *, over: bool = False) -> Consent:
    """Take one consent back: what was kept for its purpose is erased at once, and its key destroyed.

    Consents to other words for the same purpose end with it. When none for another purpose stands, everything goes
    with all keys of the person. `over` says that only the time of these words is over: where she agreed to other
    words for the purpose since, these alone end.
    """
    standing = (
        Consent.objects.select_for_update(of=("self",)).select_related("subject", "text").get(pk=consent.pk)
    )
    act.require(Verb.CHANGE, standing)
    if standing.withdrawn_on is not None:
        act.nothing()
        return standing
    _end(act, standing)
    subject, purpose = standing.subject, standing.text.purpose
    others = Consent.objects.filter(subject=subject, withdrawn_on=None).select_related("text", "subject")
    same = [other for other in others if other.text.purpose == purpose]
    if over and same:
        return standing
    for other in same:
        _end(act, other)
    if len(others) > len(same):
        keys.end(subject, purpose)
    else:
        _destroy(act, subject)
    return standing


@action("privacy.person.withdraw")
def withdraw_everything(act: Act, subject: Subject) -> Subject:
    """Take back everything at once: all consents end, every room erases, the key is destroyed."""
    standing = Subject.objects.select_for_update().get(pk=subject.pk)
    act.require(Verb.CHANGE, standing)
    if standing.destroyed_on is not None:
        act.nothing()
        return standing
    for consent in Consent.objects.filter(subject=standing, withdrawn_on=None).select_related(
        "text", "subject"
    ):
        _end(act, consent)
    _destroy(act, standing)
    return standing


def _end(act: Act, consent: Consent) -> None:
    consent.withdrawn_on, consent.name, consent.witness = timezone.localdate(), None, None
    consent.save(update_fields=["withdrawn_on", "name", "witness"])
    act.note(consent, fields=["withdrawn_on"], space=consent.subject.space)


def _destroy(act: Act, subject: Subject) -> None:
    keys.destroy(subject)
    act.note(subject, fields=["destroyed_on"], space=subject.space)


@registries.on_withdrawal
def erase_own_rows(subject: Subject, purpose: str | None) -> None:
    """Of this room: consents to the purpose end without a name; requests lose their words when everything goes.

    Where somebody took something back nothing is left to do; an older copy may have brought it back.
    """
    rows = Consent.objects.filter(subject=subject)
    rows = rows if purpose is None else rows.filter(text__purpose=purpose)
    rows.update(name=None, witness=None)
    rows.filter(withdrawn_on=None).update(withdrawn_on=timezone.localdate())
    if purpose is not None:
        return
    PersonRequest.objects.filter(subject=subject).update(words=None, answer=None)


# --- requests -----------------------------------------------------------------------------


@action("privacy.request.note")
def note_request(act: Act, subject: Subject, kind: str, identity: str, words: str = "") -> PersonRequest:
    """Note what a person asks; the clock of 30 days begins. Raises ValidationError at words."""
    made = PersonRequest(
        subject=subject, kind=RequestKind(kind), identity=identity, asked_on=timezone.localdate()
    )
    act.require(Verb.ADD, made)
    if subject.destroyed_on is not None:
        raise Refused(_("Nothing is kept of this person any more."))
    if kind != RequestKind.ACCESS and not words.strip():
        raise ValidationError({"words": _("Write in a few words what is asked.")})
    keys.put(made, "words", words.strip())
    made.save(force_insert=True)
    act.note(made, fields=["kind", "identity"])
    return made


@action("privacy.request.answer")
def answer_request(act: Act, request: PersonRequest, answer: str) -> PersonRequest:
    """Answer a request. Raises ValidationError at answer."""
    standing = (
        PersonRequest.objects.select_for_update(of=("self",)).select_related("subject").get(pk=request.pk)
    )
    act.require(Verb.CHANGE, standing)
    if standing.answered_on is not None or standing.subject.destroyed_on is not None:
        raise Refused(_("This request is closed already."))
    if not answer.strip():
        raise ValidationError({"answer": _("Write what was done, or why it was not.")})
    keys.put(standing, "answer", answer.strip())
    standing.answered_on = timezone.localdate()
    standing.save(update_fields=["answer", "answered_on"])
    act.note(standing, fields=["answer", "answered_on"])
    return standing


@action("privacy.person.hand_over")
def hand_over(act: Act, subject: Subject, identity: str) -> list[registries.Kept]:
    """Everything that is kept of a person, for whom it was asked; that it was given is noted."""
    act.require(Verb.CHANGE, subject)
    if subject.destroyed_on is not None:
        raise Refused(_("Nothing is kept of this person any more."))
    act.note(subject, fields=["handed over", f"identity: {identity}"], space=subject.space)
    return registries.kept_of(subject)


# --- breaches -----------------------------------------------------------------------------


@action("privacy.breach.save")
def save_breach(act: Act, breach: Breach, values: dict[str, Any]) -> Breach:
    """Log a breach or add to one. Raises ValidationError by field."""
    new = breach._state.adding
    act.require(Verb.ADD if new else Verb.CHANGE, breach)
    changed = changed_fields(breach, values)
    complaints = {
        name: _("This cannot lie in the future.")
        for name in ("noticed_at", "office_told_at", "people_told_at")
        if (moment := getattr(breach, name)) is not None and moment > timezone.now()
    }
    if complaints:
        raise ValidationError(complaints)
    breach.full_clean(exclude=["space"])
    if not changed:
        act.nothing()
        return breach
    breach.save()
    act.note(breach, fields=changed)
    return breach


# --- what is over -------------------------------------------------------------------------


@action("privacy.retention.apply")
def apply_retention(act: Act) -> RetentionRun:
    """Remove everything whose time is over; the counts stand in the audit, kinds with nothing to remove do not."""
    run = RetentionRun()
    act.require(Verb.ADD, run)
    counts = {period.key: period.remove(period.before, dry=False) for period in registries.periods()}
    run.counts = {key: count for key, count in counts.items() if count}
    if not run.counts:
        act.nothing()
        return run
    run.save()
    act.note(run, fields=[f"{key}: {count}" for key, count in run.counts.items()])
    return run


@registries.what_is_kept
def own_rows(subject: Subject) -> list[registries.Kept]:
    """Of this room: consents with their words' version, and requests."""
    consents = Consent.objects.filter(subject=subject).select_related("text")
    requests = PersonRequest.objects.filter(subject=subject)
    return [*map(_kept_consent, consents), *map(_kept_request, requests)]


def _kept_consent(consent: Consent) -> registries.Kept:
    texts = keys.read_all([consent], "name", "witness")[0]
    values = (
        (_("purpose"), consent.text.get_purpose_display()),
        (_("version"), str(consent.text.version)),
        (_("how it was given"), consent.get_how_display()),
        (_("place"), consent.site),
        (_("name"), texts["name"]),
        (_("witness"), texts["witness"]),
    )
    title = _("Consent") if consent.withdrawn_on is None else _("Consent, taken back or over")
    return registries.Kept(title, tuple((label, value) for label, value in values if value), consent.given_on)


def _kept_request(request: PersonRequest) -> registries.Kept:
    texts = keys.read_all([request], "words", "answer")[0]
    values = (
        (_("asks to"), request.get_kind_display()),
        (_("how identity was checked"), request.get_identity_display()),
        (_("words"), texts["words"]),
        (_("answer"), texts["answer"]),
    )
    return registries.Kept(
        _("Request"), tuple((label, value) for label, value in values if value), request.asked_on
    )
