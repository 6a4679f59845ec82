"""Passkeys (WebAuthn level 2): a key in a phone or a computer that signs in by itself, with a finger or a PIN.

The challenge is kept on the server and taken once (`challenges`); origin and RP id are those of the address by which
the reader came, which Django has compared with the host names that are answered here; the user must be verified; a
counter that does not rise means a copied key.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from khlong.people.models import User
from khlong.people.proofs import Passkey
from khlong.people.witness import tell

NAME = "Khlong คลอง"
MOST = 20
"""Passkeys of one account."""
REQUIRED = UserVerificationRequirement.REQUIRED


class PasskeyRefused(Exception):  # noqa: N818 (it is an answer)
    """The browser's answer does not hold. The text is for the log, not for the reader."""


def host_of(request: HttpRequest) -> str:
    """The name by which the reader came, without the port."""
    host = request.get_host()
    return host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host


def possible(request: HttpRequest) -> bool:
    """Whether browsers make passkeys at this address: a name over HTTPS, or localhost; never a number."""
    host = host_of(request)
    return host == "localhost" or (request.is_secure() and not _is_number(host))


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _server(request: HttpRequest) -> Fido2Server:
    scheme = "https" if request.is_secure() else "http"
    own = f"{scheme}://{request.get_host()}"
    entity = PublicKeyCredentialRpEntity(name=NAME, id=host_of(request))
    return Fido2Server(entity, verify_origin=lambda origin: origin == own)


def _credentials(rows: Iterable[Passkey]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(bytes(row.credential)) for row in rows]


# --- registering --------------------------------------------------------------------------


def begin_registration(request: HttpRequest, user: User) -> tuple[dict[str, Any], Any]:
    """What the browser is asked for a new passkey, and what is kept until it answers."""
    entity = PublicKeyCredentialUserEntity(id=user.pk.bytes, name=user.username, display_name=str(user))
    options, state = _server(request).register_begin(
        entity,
        _credentials(user.passkeys.all()),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=REQUIRED,
    )
    return dict(options), state


@transaction.atomic
def finish_registration(
    request: HttpRequest, user: User, state: Any, answer: Mapping[str, Any], name: str
) -> Passkey:
    """Keep the new passkey. Raises PasskeyRefused."""
    try:
        data = _server(request).register_complete(state, answer)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PasskeyRefused(str(error)) from error
    credential = data.credential_data
    if credential is None:
        raise PasskeyRefused("no credential in the answer")
    known = websafe_encode(credential.credential_id)
    if Passkey.objects.filter(credential_id=known).exists() or user.passkeys.count() >= MOST:
        raise PasskeyRefused("known already, or too many")
    made = Passkey.objects.create(
        user=user, name=name, credential_id=known, credential=bytes(credential), count=data.counter
    )
    tell("people.passkey.add", user, ["passkeys"])
    return made


@transaction.atomic
def remove(user: User, passkey: Passkey) -> None:
    """Take one of one's own passkeys away; it signs in no more."""
    passkey.delete()
    tell("people.passkey.remove", user, ["passkeys"])


# --- showing one --------------------------------------------------------------------------


def begin_proof(request: HttpRequest, user: User | None = None) -> tuple[dict[str, Any], Any]:
    """What the browser is asked: any passkey of this house that it has, or one of this account."""
    known = _credentials(user.passkeys.all()) if user is not None else None
    options, state = _server(request).authenticate_begin(known, user_verification=REQUIRED)
    return dict(options), state


@transaction.atomic
def finish_proof(
    request: HttpRequest, state: Any, answer: Mapping[str, Any], user: User | None = None
) -> User:
    """Whose passkey it is, when it holds; of `user` alone when one is given. Raises PasskeyRefused."""
    try:
        parsed = AuthenticationResponse.from_dict(answer)
        row = _row_of(parsed, user)
        _server(request).authenticate_complete(state, _credentials([row]), parsed)
        count = parsed.response.authenticator_data.counter
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PasskeyRefused(str(error)) from error
    _raise_count(row, count)
    return row.user


def _row_of(answer: AuthenticationResponse, user: User | None) -> Passkey:
    rows = Passkey.objects.select_for_update(of=("self",)).select_related("user")
    row = rows.filter(credential_id=websafe_encode(answer.raw_id), user__is_active=True).first()
    if row is None or (user is not None and row.user != user):
        raise PasskeyRefused("no such passkey")
    handle = answer.response.user_handle
    if handle != row.user.pk.bytes and (handle is not None or user is None):
        raise PasskeyRefused("of somebody else")
    return row


def _raise_count(row: Passkey, count: int) -> None:
    if (count or row.count) and count <= row.count:
        raise PasskeyRefused("the counter did not rise: perhaps a copy")
    Passkey.objects.filter(pk=row.pk).update(count=count, used_at=timezone.now())
