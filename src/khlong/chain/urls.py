from __future__ import annotations

from django.urls import path, register_converter

from khlong.chain import flow_views, views


class WholeNumber:
    """A number that may be less than nought: links to what people contributed have drawn numbers."""

    regex = "-?[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(WholeNumber, "whole")
app_name = "chain"
urlpatterns = [
    path("search/", views.search_page, name="search"),
    path("r/<str:ref>/", views.go, name="go"),
    path("links/<str:ref>/", views.links_page, name="links"),
    path("links/<str:ref>/<whole:pk>/unlink/", views.unlink, name="unlink"),
    path("trace/<str:ref>/", flow_views.trace_page, name="trace"),
    path("canal/<str:ref>/", flow_views.canal_page, name="canal"),
    path("canal/<str:ref>/dry/<str:key>/", flow_views.dry_page, name="dry"),
    path("status/", flow_views.status_page, name="status"),
]
