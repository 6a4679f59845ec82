"""The addresses of proposals: which are no pages, and which open only where some proposal is."""

from __future__ import annotations

POST_ONLY = frozenset(
    {
        "adoption:publish_proposal",
        "adoption:withdraw_proposal",
        "adoption:remove_adoption",
        "adoption:remove_line",
        "adoption:withdraw_link",
    }
)
FILES = frozenset({"adoption:one_form", "adoption:letter", "adoption:form_file", "adoption:reply_form"})
NEEDS_A_LINK = frozenset({"adoption:reply", "adoption:reply_page"})
NOT_IN_THE_DATA = frozenset(
    {
        "adoption:proposal",
        "adoption:edit_proposal",
        "adoption:old_words",
        "adoption:add_step",
        "adoption:put_papers",
        "adoption:add_adoption",
        "adoption:edit_adoption",
        "adoption:add_line",
        "adoption:edit_line",
        "adoption:reply_links",
    }
)
NO_PAGE = FILES | NEEDS_A_LINK | NOT_IN_THE_DATA
