"""Where each room's pages are."""

from __future__ import annotations

from django.urls import include, path

from khlong.web import hallpage, health, metrics, views
from khlong.web.api import api

handler404 = "khlong.web.views.not_found"
urlpatterns = [
    path("", views.home, name="home"),
    path("health/", health.health, name="health"),
    path("health/ready/", health.ready, name="ready"),
    path("metrics", metrics.metrics, name="metrics"),
    path("api/", views.api_page, name="api"),
    path("api/v1/", api.urls),
    path("hall/", hallpage.hall, name="hall"),
    path("hall/here/", hallpage.hall_here, name="hall_here"),
    path("language/", include("django.conf.urls.i18n")),
    path("", include("khlong.people.urls")),
    path("", include("khlong.ui.urls")),
    path("", include("khlong.privacy.urls")),
    path("", include("khlong.record.urls")),
    path("", include("khlong.chain.urls")),
    path("", include("khlong.places.urls")),
    path("", include("khlong.strategy.urls")),
    path("", include("khlong.network.urls")),
    path("", include("khlong.register.urls")),
    path("", include("khlong.assessment.urls")),
    path("", include("khlong.deliberation.urls")),
    path("", include("khlong.adoption.urls")),
    path("", include("khlong.reports.urls")),
    path("", include("khlong.pilots.urls")),
    path("", include("khlong.journal.urls")),
    path("", include("khlong.training.urls")),
]
