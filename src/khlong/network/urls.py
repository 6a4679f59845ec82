from __future__ import annotations

from django.urls import path

from khlong.network.views import halls, invited, meetings, members, organisations, programme, recovery

app_name = "network"
urlpatterns = [
    path("programme/", programme.home, name="home"),
    path("programme/<str:ref>/", programme.programme, name="programme"),
    path("programme/<str:ref>/edit/", programme.edit_programme, name="edit_programme"),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/add/", organisations.add_organisation, name="add_organisation"),
    path("organisations/<str:ref>/", organisations.organisation, name="organisation"),
    path("organisations/<str:ref>/edit/", organisations.edit_organisation, name="edit_organisation"),
    path("organisations/<str:ref>/parts/add/", organisations.add_part, name="add_part"),
    path("organisations/<str:ref>/parts/<int:pk>/edit/", organisations.edit_part_of, name="edit_part"),
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/add/", meetings.add_meeting, name="add_meeting"),
    path("meetings/<str:ref>/", meetings.meeting, name="meeting"),
    path("meetings/<str:ref>/edit/", meetings.edit_meeting, name="edit_meeting"),
    path("cities/<slug:slug>/members/", members.members, name="members"),
    path("cities/<slug:slug>/members/<int:pk>/take/", members.take_member, name="take_member"),
    path("cities/<slug:slug>/members/invite/", invited.make, name="invite"),
    path(
        "cities/<slug:slug>/members/invitations/<int:pk>/withdraw/",
        invited.withdraw,
        name="withdraw_invitation",
    ),
    path("cities/<slug:slug>/members/<int:pk>/recover/", recovery.make, name="recover"),
    path("recoveries/<int:pk>/", recovery.recovery, name="recovery"),
    path("recoveries/<int:pk>/approve/", recovery.approve, name="approve_recovery"),
    path("recoveries/<int:pk>/stop/", recovery.stop, name="stop_recovery"),
    path("b/<str:token>/", recovery.open_link, name="open_recovery"),
    path("recover/", recovery.recovered, name="recovered"),
    path("cities/<slug:slug>/halls/", halls.halls, name="halls"),
    path("cities/<slug:slug>/halls/take/", halls.take, name="hall_take"),
    path("cities/<slug:slug>/halls/files/<int:pk>/", halls.hall_file, name="hall_file"),
    path("i/<str:token>/", invited.open_link, name="open_invitation"),
    path("invited/", invited.invited, name="invited"),
]
