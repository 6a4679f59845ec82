from __future__ import annotations

from django.urls import path

from khlong.chain import views

app_name = "chain"
urlpatterns = [
    path("search/", views.search_page, name="search"),
    path("r/<str:ref>/", views.go, name="go"),
    path("links/<str:ref>/", views.links_page, name="links"),
    path("links/<str:ref>/<int:pk>/unlink/", views.unlink, name="unlink"),
    path("trace/<str:ref>/", views.trace_page, name="trace"),
]
