"""What somebody is told by e-mail, if she has an address, when others or she herself changed how she gets in."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khlong.people import mail
from khlong.people.models import User

WORDS = {
    "recovery.make": gettext_lazy(
        "An owner of a city made a link with which a new password can be chosen for your account."
    ),
    "recovery.approve": gettext_lazy("A second person approved the link for a new password of your account."),
    "recovery.stop": gettext_lazy("The link for a new password of your account was stopped."),
    "recovery.use": gettext_lazy("A new password was chosen for your account with a link."),
    "mail.use": gettext_lazy("A new password was chosen for your account with a link sent to this address."),
}


def by_mail(user: User, what: str) -> None:
    """Write to the person's address, if there is one."""
    text = _(
        "%(what)s\n\nUser name: %(name)s\nIf you did not ask for this, sign in, look at your account page, "
        "stop it there, and speak to an owner of your city whom you trust."
    )
    mail.post(user.email, _("Khlong: your account"), text % {"what": WORDS[what], "name": user.username})
