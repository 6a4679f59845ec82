"""Papers to a step or an adoption. Letters name people, so only the working group sees them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from khlong.adoption.models import Adoption, Step
from khlong.record.files import uses_files


@uses_files
def files_of_proposals() -> Iterable[UUID]:
    """All files that some step or adoption shows."""
    steps = Step.objects.exclude(file=None).values_list("file_id", flat=True)
    adoptions = Adoption.objects.exclude(file=None).values_list("file_id", flat=True)
    return [key for key in (*steps, *adoptions) if key]
