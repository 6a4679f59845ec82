from __future__ import annotations

from django.urls import path

from khlong.privacy.views import keeping, noted, own, sitting, words

app_name = "privacy"
urlpatterns = [
    path("privacy/", own.mine, name="mine"),
    path("privacy/agree/<uuid:space>/", own.agree, name="agree"),
    path("privacy/consents/<uuid:pk>/withdraw/", own.withdraw, name="withdraw"),
    path("privacy/mine/download/<slug:kind>/", own.download_all, name="download_all"),
    path("privacy/mine/contributed/take-back/", own.take_back, name="take_back_all"),
    path("privacy/mine/contributed/<uuid:space>/take-back/", own.take_back, name="take_back"),
    path("privacy/mine/<uuid:pk>/withdraw/", own.withdraw_all, name="withdraw_all"),
    path("privacy/mine/<uuid:pk>/ask/", own.ask, name="ask"),
    path("privacy/mine/<uuid:pk>/download/<slug:kind>/", own.download, name="download"),
    path("privacy/cities/<uuid:space>/", keeping.city, name="city"),
    path("privacy/cities/<uuid:space>/receipt/", keeping.withdraw_by_receipt, name="withdraw_by_receipt"),
    path("privacy/cities/<uuid:space>/consents/add/", noted.note, name="note_consent"),
    path("privacy/consents/noted/", noted.paper, name="noted"),
    path("privacy/cities/<uuid:space>/words/", words.city_words, name="words"),
    path("privacy/cities/<uuid:space>/words/<slug:purpose>/", words.city_text, name="text"),
    path("privacy/words/", words.house_words, name="house_words"),
    path("privacy/words/<slug:purpose>/", words.house_text, name="house_text"),
    path("privacy/requests/<uuid:pk>/", keeping.request_page, name="request"),
    path("privacy/breaches/", keeping.breaches, name="breaches"),
    path("privacy/breaches/add/", keeping.add_breach, name="add_breach"),
    path("privacy/breaches/add/<uuid:space>/", keeping.add_breach, name="add_city_breach"),
    path("privacy/breaches/<uuid:pk>/", keeping.breach, name="breach"),
    path("privacy/retention/", keeping.retention, name="retention"),
    path("privacy/processing/", keeping.processing, name="processing"),
    path("privacy/sitting/", sitting.sitting, name="sitting"),
    path("privacy/sitting/end/", sitting.end, name="end_sitting"),
    path("privacy/sitting/begin/<uuid:space>/", sitting.begin, name="begin_sitting"),
]
