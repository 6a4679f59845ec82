from __future__ import annotations

from django.urls import path

from khlong.people import account, views
from khlong.people.pages import code, factors

app_name = "people"
urlpatterns = [
    path("signin/", views.signin, name="signin"),
    path("signout/", views.signout, name="signout"),
    path("signin/code/", code.code, name="code"),
    path("account/confirm/", code.confirm, name="confirm"),
    path("account/email/", factors.email, name="email"),
    path("account/second/", factors.factor, name="second"),
    path("account/second/begin/", factors.begin, name="second_begin"),
    path("account/second/on/", factors.turn_on, name="second_on"),
    path("account/second/codes/", factors.new_codes, name="second_codes"),
    path("account/second/off/", factors.turn_off, name="second_off"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password, name="password"),
    path("account/sessions/<int:pk>/end/", account.end_session, name="end_session"),
    path("account/sessions/end-others/", account.end_others, name="end_others"),
]
