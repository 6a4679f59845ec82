"""Who works together: the programme, organisations and their parts in it, meetings, roles in a city."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from khlong.chain.models import Node, Thing
from khlong.people.actor import Role
from khlong.places.models import City, Mark, Source
from khlong.places.models.base import Named, in_language
from khlong.record.fields import SpanField


class Programme(Thing, Named):
    """A programme under which cities work, such as SUCCESS."""

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    full_name_th = models.CharField(_("full name in Thai"), max_length=300)
    full_name_en = models.CharField(_("full name in English"), max_length=300, blank=True)
    cities = models.ManyToManyField(
        City, blank=True, related_name="programmes", verbose_name=_("cities in it")
    )

    class Meta(Named.Meta):
        verbose_name = _("programme")

    @property
    def full_name(self) -> str:
        return in_language(self.full_name_th, self.full_name_en)


class OrganisationKind(models.TextChoices):
    FOUNDATION = "foundation", _("foundation")
    INSTITUTE = "institute", _("institute")
    ASSOCIATION = "association", _("association")
    NETWORK = "network", _("network")
    STATE = "state", _("state body")
    LOCAL_AUTHORITY = "local_authority", _("local authority")
    UNIVERSITY = "university", _("university")
    HOSPITAL = "hospital", _("hospital")
    FUND = "fund", _("fund")
    COMPANY = "company", _("company")
    INTERNATIONAL = "international", _("international body")
    COMMUNITY = "community", _("community organisation")


class Organisation(Thing, Named):
    """An organisation with its kind and legal form."""

    short_th = models.CharField(_("short name in Thai"), max_length=80, blank=True)
    short_en = models.CharField(_("short name in English"), max_length=80, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind.choices)
    legal_form_th = models.CharField(_("legal form in Thai"), max_length=200, blank=True)
    legal_form_en = models.CharField(_("legal form in English"), max_length=200, blank=True)
    url = models.URLField(_("web address"), max_length=300, blank=True)

    class Meta(Named.Meta):
        verbose_name = _("organisation")

    @property
    def legal_form(self) -> str:
        return in_language(self.legal_form_th, self.legal_form_en)

    @property
    def short(self) -> str:
        return in_language(self.short_th or self.name_th, self.short_en or self.name_en)


class Part(models.Model):
    """The part of an organisation in the programme, in all of it or in one city."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="parts")
    role_th = models.CharField(_("role in Thai"), max_length=300)
    role_en = models.CharField(_("role in English"), max_length=300, blank=True)
    city = models.ForeignKey(
        City, null=True, blank=True, on_delete=models.CASCADE, related_name="parts", verbose_name=_("city")
    )
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))
    mark = models.CharField(_("mark"), max_length=1, choices=Mark.choices, default=Mark.READ)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "role_th", "city"],
                name="one_part_of_a_name",
                violation_error_message=_("The organisation has this part already."),
            )
        ]

    def __str__(self) -> str:
        return self.role

    @property
    def role(self) -> str:
        return in_language(self.role_th, self.role_en)


class Meeting(Thing, Named):
    """A meeting or workshop. Activity codes are free text, because programmes number them as they like."""

    activity = models.CharField(_("activity number"), max_length=60, blank=True)
    date = SpanField(_("date"), null=True, blank=True)
    place_th = models.CharField(_("place in Thai"), max_length=300, blank=True)
    place_en = models.CharField(_("place in English"), max_length=300, blank=True)
    text_th = models.TextField(_("what happened, in Thai"), blank=True)
    text_en = models.TextField(_("what happened, in English"), blank=True)
    organisers = models.ManyToManyField(
        Organisation, blank=True, related_name="organised", verbose_name=_("organisers")
    )
    took_part = models.ManyToManyField(
        Organisation, blank=True, related_name="took_part_in", verbose_name=_("organisations that took part")
    )
    cities = models.ManyToManyField(City, blank=True, related_name="meetings", verbose_name=_("cities"))
    work_group = models.ForeignKey(
        "network.WorkGroup",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="meetings",
        verbose_name=_("meeting of the working group"),
    )
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))
    mark = models.CharField(_("mark"), max_length=1, choices=Mark.choices, default=Mark.READ)

    class Meta(Named.Meta):
        ordering = ["-date", "sort_key"]
        verbose_name = _("meeting")

    @property
    def place(self) -> str:
        return in_language(self.place_th, self.place_en)

    @property
    def text(self) -> str:
        return in_language(self.text_th, self.text_en)


class Membership(models.Model):
    """The role of an account in a city or in the programme; a city may have several owners."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    space = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=[(role.value, role.value) for role in Role])
    since = models.DateField(auto_now_add=True)

    class Meta:
        ordering = ["space", "role", "user__name_key"]
        constraints = [models.UniqueConstraint(fields=["user", "space"], name="one_role_in_a_space")]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"

    @property
    def ref(self) -> str:
        return self.space.ref


class LinkState(models.TextChoices):
    """What has become of a link."""

    WAITING = "waiting", pgettext_lazy("link", "waiting")
    USED = "used", _("used")
    EXPIRED = "expired", _("expired")
    WITHDRAWN = "withdrawn", _("withdrawn")


class SecretLink(models.Model):
    """A link that works once and not for long. Of its token only the SHA-256 is kept."""

    digest = models.CharField(max_length=64, unique=True, null=True, editable=False)
    space = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="+")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def state(self) -> LinkState:
        return self.state_at(timezone.now())

    def state_at(self, now: datetime) -> LinkState:
        if self.used_at is not None:
            return LinkState.USED
        if self.withdrawn_at is not None:
            return LinkState.WITHDRAWN
        return LinkState.EXPIRED if self.expires_at <= now else LinkState.WAITING


class Invitation(SecretLink):
    """An invitation to a role in a city, for somebody who may have no account and no e-mail address."""

    role = models.CharField(_("role"), max_length=10, choices=[(role.value, role.value) for role in Role])
    note = models.CharField(_("whom it is for"), max_length=80, blank=True)
    username = models.CharField(_("user name"), max_length=60, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"invitation {self.pk} {self.role}"


class Recovery(SecretLink):
    """A link with which somebody who cannot get in any more chooses a new password.

    An account that may do more than this space gives needs the approval of somebody else. When the second factor
    goes too, the link opens only after a wait in which the person can object, or when a second owner has approved it.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recoveries")
    drops_factors = models.BooleanField(_("take the second factor away"), default=False)
    opens_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("recovery of an account")

    def __str__(self) -> str:
        return f"recovery {self.pk}"


class ActingLink(SecretLink):
    """A link with which somebody without an account does a few things in one space, once or until a day.

    `actions` are names of actions. `binds` ties it to the browser that opens it first, so that it cannot be passed on;
    `bound_to` is the SHA-256 of what that browser holds.
    """

    name = models.CharField(_("what it is for"), max_length=80)
    actions = models.JSONField(default=list)
    most_uses = models.PositiveIntegerField(pgettext_lazy("link", "how often"), null=True)
    uses = models.PositiveIntegerField(default=0)
    binds = models.BooleanField(_("only the browser that opens it first"), default=False)
    bound_to = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("link to act")

    def __str__(self) -> str:
        return f"acting link {self.pk}"

    @property
    def label(self) -> str:
        """What the audit calls who holds it."""
        return f"link {self.pk}"


from khlong.network.meeting_models import AgendaItem, Attendance, Decision, Minutes  # noqa: E402
from khlong.network.work_models import Seat, Task, WorkGroup  # noqa: E402

__all__ = [
    "ActingLink",
    "AgendaItem",
    "Attendance",
    "Decision",
    "Invitation",
    "LinkState",
    "Meeting",
    "Membership",
    "Minutes",
    "Organisation",
    "OrganisationKind",
    "Part",
    "Programme",
    "Recovery",
    "Seat",
    "SecretLink",
    "Task",
    "WorkGroup",
]
