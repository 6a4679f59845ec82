from __future__ import annotations

from django.urls import path

from khlong.journal import feed_views, related_views, report_views, views

app_name = "journal"
urlpatterns = [
    path("topics/", views.topics, name="topics"),
    path("topics/add/", views.add_topic, name="add_topic"),
    path("topics/<str:ref>/", views.topic, name="topic"),
    path("topics/<str:ref>/edit/", views.edit_topic, name="edit_topic"),
    path("reports/", report_views.reports, name="reports"),
    path("reports/add/", report_views.add_report, name="add_report"),
    path("reports/<str:ref>/", report_views.report, name="report"),
    path("reports/<str:ref>/edit/", report_views.edit_report, name="edit_report"),
    path("reports/<str:ref>/publish/", report_views.publish_report, name="publish_report"),
    path("reports/<str:ref>/withdraw/", report_views.withdraw_report, name="withdraw_report"),
    path("related/<str:ref>/", related_views.edit_related, name="related"),
    path("feeds/reports.atom", feed_views.reports, {"form": "atom"}, name="feed"),
    path("feeds/reports.json", feed_views.reports, {"form": "json"}, name="json_feed"),
    path("feeds/<slug:slug>/reports.atom", feed_views.reports, {"form": "atom"}, name="city_feed"),
    path("feeds/changes.atom", feed_views.changes, {"form": "atom"}, name="changes_feed"),
]
