"""What the engine says when a model cannot stand: one sentence, the field, and the mend, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One sentence in Thai and in English."""

    th: str
    en: str

    def __str__(self) -> str:
        return self.en


class FuturesError(Exception):
    """Every refusal of the engine. `field` is a path in the model file (`measures[2].acts[0].by`), or empty."""

    def __init__(self, field: str, wrong: Words, mend: Words) -> None:
        self.field, self.wrong, self.mend = field, wrong, mend
        place = f"{field}: " if field else ""
        super().__init__(f"{place}{wrong.en} {mend.en}")

    def in_words(self, language: str) -> str:
        """The sentence with field and mend in `th` or `en`."""
        place = f"{self.field}: " if self.field else ""
        if language == "th":
            return f"{place}{self.wrong.th} {self.mend.th}"
        return str(self)


class ModelError(FuturesError):
    """The model file or a part of the model is wrong."""


class TooLargeError(FuturesError):
    """The run would need more memory than there is."""


class TooLongError(FuturesError):
    """The run would take longer than one that nobody asked for expressly may."""


class CancelledError(FuturesError):
    """Somebody stopped the run; no partial result stands as whole."""
