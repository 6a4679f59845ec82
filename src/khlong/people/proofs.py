"""What proves who somebody is, beside a password: models of second factors, passkeys and other providers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Authenticator(models.Model):
    """An app that counts codes from a secret and the time (RFC 6238). It counts once a code has confirmed it.

    `secret` is sealed. `last_step` is the number of the half minute whose code was used last; a code is good for
    later ones only.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="authenticator"
    )
    secret = models.BinaryField()
    last_step = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"authenticator since {self.made_at:%Y-%m-%d}"


class RecoveryCode(models.Model):
    """A code on paper for somebody who has lost the phone. Each works once; only a mark of it is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    mark = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class Passkey(models.Model):
    """A passkey (WebAuthn): of it the public key is kept, and how often it says that it was used."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(_("name of the passkey"), max_length=60)
    credential_id = models.CharField(max_length=1400, unique=True, editable=False)
    credential = models.BinaryField()
    count = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["made_at", "pk"]

    def __str__(self) -> str:
        return self.name


class Challenge(models.Model):
    """A question to a browser that is answered once and soon: of a passkey, or of another provider's sign-in."""

    key = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=20)
    data = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"challenge for {self.purpose}"


class Identity(models.Model):
    """An account of another provider that signs this account in. Its id is sealed; `mark` finds it again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identities")
    provider = models.CharField(max_length=12)
    mark = models.CharField(max_length=64, unique=True)
    subject = models.BinaryField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "provider"], name="one_identity_of_a_provider"),
        ]

    def __str__(self) -> str:
        return self.provider
