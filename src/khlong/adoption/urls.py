from __future__ import annotations

from django.urls import path

from khlong.adoption.views import papers, proposals, reply, rows

app_name = "adoption"
ONE = "proposals/<str:ref>/"
urlpatterns = [
    path("proposals/", proposals.every, name="all"),
    path("proposals/answer/", reply.page, name="reply_page"),
    path("proposals/answer/form.<slug:kind>", reply.form_file, name="reply_form"),
    path("proposals/answer/<str:token>/", reply.open_link, name="reply"),
    path("cities/<slug:slug>/proposals/", proposals.of_city, name="proposals"),
    path("cities/<slug:slug>/proposals/add/", proposals.add, name="add_proposal"),
    path("cities/<slug:slug>/proposals/forms/", papers.forms_page, name="forms"),
    path("cities/<slug:slug>/proposals/forms/file/", papers.city_form, name="form_file"),
    path("organisations/<str:ref>/asked/", proposals.of_organisation, name="asked"),
    path(ONE, proposals.proposal, name="proposal"),
    path(f"{ONE}edit/", proposals.edit, name="edit_proposal"),
    path(f"{ONE}stands/", proposals.old_words, name="old_words"),
    path(f"{ONE}publish/", proposals.publish, name="publish_proposal"),
    path(f"{ONE}withdraw/", proposals.withdraw, name="withdraw_proposal"),
    path(f"{ONE}form.<slug:kind>", papers.one_form, name="one_form"),
    path(f"{ONE}letter.docx", papers.letter, name="letter"),
    path(f"{ONE}step/", rows.add_step, name="add_step"),
    path(f"{ONE}steps/<uuid:pk>/", rows.put_papers, name="put_papers"),
    path(f"{ONE}adopted/", rows.add_adoption, name="add_adoption"),
    path(f"{ONE}adopted/<uuid:pk>/", rows.edit_adoption, name="edit_adoption"),
    path(f"{ONE}adopted/<uuid:pk>/remove/", rows.remove_adoption, name="remove_adoption"),
    path(f"{ONE}money/", rows.add_line, name="add_line"),
    path(f"{ONE}money/<uuid:pk>/", rows.edit_line, name="edit_line"),
    path(f"{ONE}money/<uuid:pk>/remove/", rows.remove_line, name="remove_line"),
    path(f"{ONE}links/", reply.make, name="reply_links"),
    path(f"{ONE}links/<int:pk>/withdraw/", reply.withdraw, name="withdraw_link"),
]
