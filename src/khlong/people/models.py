from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from khlong.people import proofs  # noqa: F401 (more models of this room)

NAME = r"^[\w\u0e31\u0e34-\u0e3a\u0e47-\u0e4e.\-]+\Z"
"""What a user name is made of; Thai vowels and tone marks above and below are no letters to a computer."""


RESERVED = frozenset({"loader", "system", "anonymous"})
"""Names by which the audit and histories know the programme itself."""


class UserManager(BaseUserManager["User"]):
    """Makes accounts; names are kept as typed and compared without case."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.email = (user.email or "").strip().lower()
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def by_name_or_email(self, text: str) -> User | None:
        """The account with this user name or this e-mail address, case ignored."""
        key = self.model.normalize_username(text.strip()).casefold()
        return self.filter(models.Q(name_key=key) | models.Q(email=key) & ~models.Q(email="")).first()


class User(AbstractBaseUser):
    """An account. The e-mail address is optional: many people here have none."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(
        _("user name"),
        max_length=60,
        validators=[RegexValidator(NAME, _("Use letters, digits, dots, dashes and underscores only."))],
    )
    name_key = models.CharField(max_length=120, unique=True, editable=False)
    display_name = models.CharField(_("name to show"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    is_active = models.BooleanField(default=True)
    is_steward = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email"], condition=~models.Q(email=""), name="one_account_per_email"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    def clean(self) -> None:
        super().clean()
        self.name_key = self.username.casefold()
        if self.name_key in RESERVED:
            raise ValidationError(
                {"username": _("This name belongs to the programme itself. Choose another.")}
            )

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = self.username.casefold()
        super().save(*args, **kwargs)


class Attempt(models.Model):
    """One wrong password; only a hash of who and where, kept for a quarter of an hour."""

    key = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"attempt at {self.at:%H:%M}"


DEVICES = {
    "iphone": _("iPhone"),
    "ipad": _("iPad"),
    "android": _("Android phone or tablet"),
    "windows": _("Windows computer"),
    "chromeos": _("Chromebook"),
    "mac": _("Mac"),
    "linux": _("Linux computer"),
}
BROWSERS = {
    "line": "LINE",
    "facebook": "Facebook",
    "samsung": "Samsung Internet",
    "edge": "Edge",
    "opera": "Opera",
    "firefox": "Firefox",
    "chrome": "Chrome",
    "safari": "Safari",
}


class SessionRecord(models.Model):
    """One place where an account is signed in. Of the session's key only a hash, of the browser two words."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="session_records")
    key_hash = models.CharField(max_length=64, unique=True)
    since = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)
    device = models.CharField(max_length=24, blank=True)

    class Meta:
        ordering = ["-seen_at", "-pk"]

    def __str__(self) -> str:
        return f"session since {self.since:%Y-%m-%d}"

    @property
    def device_words(self) -> str:
        """The device in plain words."""
        system, _blank, browser = self.device.partition(" ")
        words = [str(DEVICES.get(system, "")), BROWSERS.get(browser, "")]
        return ", ".join(filter(None, words)) or gettext("a device that does not say what it is")


class Subject(models.Model):
    """A person as data: what is kept of her is sealed under a key of her own, which lies in the key store.

    `space` is the city that keeps it (the uuid of its node), or nothing. When the person has withdrawn, the row stays
    with the day and without anything else: it says that there was somebody, not who.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    space = models.UUIDField(null=True, db_index=True)
    account = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="subjects")
    made_on = models.DateField()
    destroyed_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("person as data")
        constraints = [
            models.UniqueConstraint(fields=["account", "space"], name="one_subject_of_an_account_in_a_space"),
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(space=None),
                name="one_subject_of_an_account_in_no_space",
            ),
        ]

    def __str__(self) -> str:
        return f"person {str(self.pk)[:8]}"

    @property
    def space_id(self) -> uuid.UUID | None:
        return self.space


class EndedKey(models.Model):
    """The key of one purpose that a person took back, by its id in the store of keys (see `people.keys`)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="ended_keys")
    purpose = models.CharField(max_length=20)
    ended_on = models.DateField()

    def __str__(self) -> str:
        return f"key of {self.subject_id} for {self.purpose}, ended"


class BlindIndex(models.Model):
    """A trace of a name or a number by which equal ones are found without being read (see `people.keys`)."""

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="blind_indexes")
    kind = models.CharField(max_length=12)
    value = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "kind", "value"], name="one_trace_of_a_value")
        ]
        indexes = [models.Index(fields=["kind", "value"], name="trace_by_value")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject_id}"


class Pseudonym(models.Model):
    """A name under which somebody contributes in a city; whose it is can only be asked with her key in hand.

    See `people.pseudonyms`. Rows have no day and a random id, so that their order tells nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    space = models.UUIDField()
    name = models.CharField(max_length=40)
    mark = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["space", "name"], name="one_bearer_of_a_pseudonym")]

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """A token with which a programme acts for an account. Only the SHA-256 of it is kept, and its first letters.

    `spaces` are the cities in which it holds, none for all that the account has.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    begins = models.CharField(max_length=16)
    spaces = models.JSONField(default=list)
    writes = models.BooleanField(default=False)
    made_on = models.DateField(default=timezone.localdate)
    expires_on = models.DateField()
    last_used_on = models.DateField(null=True)
    revoked_on = models.DateField(null=True)

    class Meta:
        ordering = ["revoked_on", "-made_on", "-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def holds(self) -> bool:
        return self.revoked_on is None and timezone.localdate() <= self.expires_on
