"""Mutations of accounts. (The audit of sign-ins and invitations belongs to the record room.)"""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from khlong.people import notices, second, sessions
from khlong.people.line import identities
from khlong.people.line.client import Person
from khlong.people.models import SessionRecord, User
from khlong.people.witness import tell


@transaction.atomic
def open_account(
    username: str, password: str | None, *, display_name: str = "", proven: Person | None = None
) -> User:
    """Make the account of somebody who chose her own name and password, or who is proven at LINE and needs none.

    Raises ValidationError by field: username, display_name, password1. An address of another account may not
    stand as a name either, since both sign in.
    """
    if User.objects.by_name_or_email(username) is not None:
        raise ValidationError({"username": _("This name is taken. Choose another.")})
    if proven is None:
        check_password(password or "", User(username=username, display_name=display_name))
    user = User.objects.create_user(username, password, display_name=display_name)
    if proven is not None:
        identities.keep(user, proven.subject)
    return user


def check_password(password: str, user: User) -> None:
    """Raises ValidationError at the field password1 when a password is too easy for this account."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password1": error.error_list}) from error


@transaction.atomic
def set_account(
    username: str, password: str, *, display_name: str = "", email: str = "", steward: bool = False
) -> tuple[User, bool]:
    """Make an account or change the one with this name. Only the command line calls it: who can run a
    command on the machine holds the database anyway.

    Raises ValidationError with what is wrong with the name, the address or the password.
    """
    existing = User.objects.by_name_or_email(username)
    validate_password(password, existing or User(username=username, email=email))
    if existing is None:
        user = User.objects.create_user(
            username, password, display_name=display_name, email=email, is_steward=steward
        )
        return user, True
    existing.set_password(password)
    existing.is_steward = existing.is_steward or steward
    existing.display_name = display_name or existing.display_name
    existing.email = email.strip().lower() or existing.email
    existing.full_clean(exclude=["password"])
    existing.save()
    return existing, False


@transaction.atomic
def change_details(user: User, *, display_name: str) -> None:
    """Change one's own name to show. Raises ValidationError by field."""
    _change(user, "people.account.change", "display_name", display_name.strip())


@transaction.atomic
def change_email(user: User, email: str) -> None:
    """Change one's own address, or take it away. Raises ValidationError by field."""
    _change(user, "people.account.email", "email", email.strip().lower())


def _change(user: User, name: str, field: str, value: str) -> None:
    if getattr(user, field) == value:
        return
    setattr(user, field, value)
    user.full_clean(exclude=["password"])
    user.save(update_fields=[field])
    tell(name, user, [field])


@transaction.atomic
def change_password(user: User, password: str, *, keep: str | None = None) -> None:
    """Give one's own account a new password and end its sessions but the one with the key `keep`.

    Raises ValidationError at the field password1.
    """
    check_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    sessions.end_all(user, but=keep)
    tell("people.account.password", user, ["password"])


@transaction.atomic
def end_session(user: User, record: SessionRecord) -> None:
    """End one of one's own sessions."""
    sessions.end_one(record)
    tell("people.session.end", user, ["session"])


@transaction.atomic
def end_other_sessions(user: User, keep: str | None) -> None:
    """End all of one's own sessions but this one."""
    sessions.end_all(user, but=keep)
    tell("people.session.end_others", user, ["sessions"])


def recover(user: User, password: str, *, drop_factors: bool) -> list[str]:
    """Give somebody a new password whom others have let in again, within their action; names what changed.

    All sessions end. With `drop_factors` the app, the codes on paper, passkeys and other providers go too.
    Raises ValidationError at the field password1.
    """
    check_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    sessions.end_all(user)
    if not drop_factors:
        return ["password", "sessions"]
    second.remove(user)
    user.passkeys.all().delete()
    user.identities.all().delete()
    return ["authenticator", "identities", "passkeys", "password", "recovery_codes", "sessions"]


@transaction.atomic
def reset_password(user: User, password: str) -> None:
    """A new password for whoever came by the link in a letter to her address; a second factor stays.

    Raises ValidationError at the field password1.
    """
    changed = recover(user, password, drop_factors=False)
    tell("people.account.reset", user, changed)
    notices.by_mail(user, "mail.use")
