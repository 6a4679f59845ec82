from __future__ import annotations

from django.urls import path

from khlong.people import account, views
from khlong.people.line import views as line
from khlong.people.pages import code, factors, forgotten, passkeys, tokens

app_name = "people"
urlpatterns = [
    path("signin/", views.signin, name="signin"),
    path("signout/", views.signout, name="signout"),
    path("signin/code/", code.code, name="code"),
    path("signin/passkey/begin/", passkeys.begin_enter, name="passkey_begin_enter"),
    path("signin/passkey/", passkeys.finish_enter, name="passkey_enter"),
    path("account/passkeys/", passkeys.mine, name="passkeys"),
    path("account/passkeys/begin/", passkeys.begin_add, name="passkey_begin_add"),
    path("account/passkeys/add/", passkeys.add, name="passkey_add"),
    path("account/passkeys/<int:pk>/remove/", passkeys.remove, name="passkey_remove"),
    path("account/confirm/passkey/begin/", passkeys.begin_confirm, name="passkey_begin_confirm"),
    path("account/confirm/passkey/", passkeys.finish_confirm, name="passkey_confirm"),
    path("signin/line/", line.begin, name="line_begin"),
    path("signin/line/back/", line.back, name="line_back"),
    path("account/line/", line.mine, name="line"),
    path("account/line/unlink/", line.unlink, name="line_unlink"),
    path("signin/forgotten/", forgotten.forgotten, name="forgotten"),
    path("signin/reset/<uuid:pk>/<str:token>/", forgotten.open_link, name="reset"),
    path("signin/new-password/", forgotten.reset, name="reset_password"),
    path("account/confirm/", code.confirm, name="confirm"),
    path("account/email/", factors.email, name="email"),
    path("account/second/", factors.factor, name="second"),
    path("account/second/begin/", factors.begin, name="second_begin"),
    path("account/second/on/", factors.turn_on, name="second_on"),
    path("account/second/codes/", factors.new_codes, name="second_codes"),
    path("account/second/off/", factors.turn_off, name="second_off"),
    path("account/tokens/", tokens.mine, name="tokens"),
    path("account/tokens/<int:pk>/revoke/", tokens.revoke, name="revoke_token"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password, name="password"),
    path("account/sessions/<int:pk>/end/", account.end_session, name="end_session"),
    path("account/sessions/end-others/", account.end_others, name="end_others"),
]
