"""The calls that a prompt makes about one letter, and the parts of the letter that each call sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from imrllm.crosscheck import Resolved, resolve
from imrllm.documents import Document, Unreadable
from imrllm.errors import ImrllmError, InternalError, NotALetterError
from imrllm.grammar import LetterReadings, read_values
from imrllm.letter import LetterParts, read_letter
from imrllm.prompts import Kind, Strategy


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call that a prompt makes about a letter.

    Attributes:
        kind: what the call is about.
        parts: the letter's parts, by the names that the prompt's template uses.
        item: number of the disputed item, from 1; None if the call is about more.
    """

    kind: Kind
    parts: dict[str, str]
    item: int | None = None


@dataclass(frozen=True)
class ReadLetter:
    """A document with its form and its readings."""

    document: Document
    parts: LetterParts
    readings: LetterReadings

    @cached_property
    def by_grammar(self) -> Resolved:
        """The record that the grammar makes without a model; its checks are the letter's own contradictions."""
        unanswered = [None] * len(self.parts.items)
        return resolve(self.document.id, self.parts, self.readings, None, unanswered, "repair", asked=False)

    def calls(self, strategy: Strategy) -> list[PlannedCall]:
        """The calls that a prompt of this strategy makes: the letter, or the case and each item in order."""
        if strategy == "letter":
            return [PlannedCall("letter", self._letter_parts())]
        items = [PlannedCall("item", self._item_parts(index), index + 1) for index in range(len(self.parts.items))]
        printed = self.parts.printed
        case = {"credentials": printed(self.parts.credentials) or "", "summary": printed(self.parts.summary) or ""}
        return [PlannedCall("case", case), *items]

    def _item_parts(self, index: int) -> dict[str, str]:
        item, printed = self.parts.items[index], self.parts.printed
        return {
            "heading": printed(item.heading) or "",
            "request": self.readings.items[index].request.request.value,
            "claims_administrator": printed(item.claims_administrator) or "",
            "reviewer_basis": printed(item.reviewer_basis) or "",
            "rationale": printed(item.rationale) or "",
        }

    def _letter_parts(self) -> dict[str, str]:
        """The letter's text from the credentials on, and the requests by number."""
        start = min(
            span[0] for span in (self.parts.credentials, self.parts.summary, self.parts.items[0].heading) if span
        )
        requests = (f"{index}. {item.request.request.value}" for index, item in enumerate(self.readings.items, 1))
        return {"letter": self.parts.folded.printed[start:], "requests": "\n".join(requests)}


def read_in_full(document: Document | Unreadable) -> ReadLetter:
    """Read a document's form and values.

    Raises:
        DocumentError: the document is not text, or not a determination.
        InternalError: the program failed on it unexpectedly.
    """
    if isinstance(document, Unreadable):
        raise document.error
    with error_boundary(document):
        try:
            parts = read_letter(document.text)
        except NotALetterError as error:
            raise NotALetterError(f"`{document.id}` {error}", hint=error.hint) from None
        return ReadLetter(document, parts, read_values(parts))


@contextmanager
def error_boundary(document: Document | Unreadable) -> Iterator[None]:
    """Turn an unexpected exception into a failure of this document alone, so that a run of thousands goes on.

    Raises:
        InternalError: the block raised an exception that is not an `ImrllmError`.
    """
    try:
        yield
    except ImrllmError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is
        # The exception's message may quote the letter: only its type and place are reported.
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else "an unknown place"
        raise InternalError(
            f"`{document.id}` could not be read: {type(error).__name__} at {where}.",
            hint="Please report it with the document, if that may be shared.",
        ) from None
