"""Jobs about the chain as a whole."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from khlong.chain.search import reindex
from khlong.record.jobs import Step, job, stewards


@job(
    "chain.search.reindex",
    title=gettext_lazy("Make the search index anew"),
    may=stewards,
    offer=gettext_lazy(
        "When the search misses something that is there. Reading and writing go on meanwhile."
    ),
)
def make_index_anew(step: Step) -> dict[str, Any]:
    """The search index, a part at a time; it holds at every moment."""
    done = reindex(step.chunk, step.total)
    lines = [
        ngettext("%(n)s thing is in the search.", "%(n)s things are in the search.", done.entries)
        % {"n": f"{done.entries:,}"}
    ]
    if done.gone:
        words = ngettext(
            "%(n)s that is gone was taken out.", "%(n)s that are gone were taken out.", done.gone
        )
        lines.append(words % {"n": f"{done.gone:,}"})
    if done.mended:
        lines.append(_("The index of the database was out of step and was made anew."))
    return {"lines": lines, "entries": done.entries, "gone": done.gone}
