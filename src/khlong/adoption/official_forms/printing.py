"""Which proposals stand in a form, and the form as a file."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import override

from khlong.adoption.models import Channel, Form, Proposal, State
from khlong.adoption.official_forms.columns import SUMMARY
from khlong.adoption.official_forms.sheets import Options, form_of, form_sheets
from khlong.paper.official import FormSheet

FORMATS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
FORMS = (SUMMARY, *Form.values)
NOT_PRINTED = (State.MERGED, State.DUPLICATE, State.DECLINED, State.CANCELLED)
"""Side exits that leave no line of their own; what was passed on stands in P. 02/2."""


def chosen(rows: Iterable[Proposal], form: str, options: Options) -> list[Proposal]:
    """Those that belong into this form of this book: its form, its plan, and its edition or the plan itself."""
    return [row for row in rows if _belongs(row, form, options)]


def _belongs(row: Proposal, form: str, options: Options) -> bool:
    if row.channel == Channel.POLICY or row.state in NOT_PRINTED or row.plan_from != options.first_year:
        return False
    return row.edition == options.edition and form in (SUMMARY, form_of(row))


def form_file(sheets: list[FormSheet], kind: str, *, title: str, thai_digits: bool = False) -> bytes:
    """The sheets in one of FORMATS; the library is loaded now, not before."""
    with override("th"):
        if kind == "docx":
            from khlong.paper.official_docx import to_form_docx

            return to_form_docx(sheets, title=title, thai_digits=thai_digits)
        if kind == "xlsx":
            from khlong.paper.official_xlsx import to_form_xlsx

            return to_form_xlsx(sheets, title=title, thai_digits=thai_digits)
        if kind == "pdf":
            from khlong.paper.official_pdf import to_form_pdf

            return to_form_pdf(sheets, title=title, thai_digits=thai_digits)
    raise KeyError(kind)


def of_one(proposal: Proposal, options: Options) -> list[FormSheet]:
    """The form of a single proposal, whatever its state."""
    return form_sheets(str(proposal.form), [proposal], options)
