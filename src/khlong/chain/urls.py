from __future__ import annotations

from django.urls import path

from khlong.chain import flow_views, views

app_name = "chain"
urlpatterns = [
    path("search/", views.search_page, name="search"),
    path("r/<str:ref>/", views.go, name="go"),
    path("links/<str:ref>/", views.links_page, name="links"),
    path("links/<str:ref>/<int:pk>/unlink/", views.unlink, name="unlink"),
    path("trace/<str:ref>/", flow_views.trace_page, name="trace"),
    path("canal/<str:ref>/", flow_views.canal_page, name="canal"),
    path("canal/<str:ref>/dry/<str:key>/", flow_views.dry_page, name="dry"),
    path("status/", flow_views.status_page, name="status"),
]
