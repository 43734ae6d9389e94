"""The calls that a prompt makes about one letter, and the parts of the letter that each call sees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from imrllm.answer_models import ASKABLE, Kind
from imrllm.documents import Document, Unreadable
from imrllm.errors import ImrllmError, InternalError, NotALetterError
from imrllm.fields import BY_NAME, ITEMS, SIDES
from imrllm.letter import ChosenForm, LetterParts, is_rationale, read_letter, read_rationale
from imrllm.letter.quotes import with_lost_parts
from imrllm.letter.refusals import refusal, refuse_copies, refuse_several_letters
from imrllm.prompts import Prompt
from imrllm.trust import Arbitration, fold_of, load_table
from imrllm.unknown_forms import FormAnswers, parts_by_quotes

# Compiling the patterns of the grammar is a third of the start: a process that reads no letter does not import it.
if TYPE_CHECKING:
    from imrllm.crosscheck import Resolved
    from imrllm.grammar import LetterReadings, Reading

# A rationale quotes its guidelines first and ends with the case: so many of its last characters are asked about.
_CLOSING = 700


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

    def pointers(self, asks: Iterable[str]) -> frozenset[str]:
        """The JSON Pointers of what the call asks for.

        Args:
            asks: the names of what its kind of call asks for.
        """
        if self.kind == "letter":
            return frozenset(f"/{name.partition('.')[0]}" for name in ASKABLE["case"]) | {f"/{ITEMS}"}
        if self.kind == "case":
            return frozenset(BY_NAME[name].pointer for name in asks)
        return frozenset(f"/{ITEMS}/{(self.item or 1) - 1}/{name}" for name in asks)


@dataclass(frozen=True)
class ReadLetter:
    """A document with its form and its readings.

    Attributes:
        document: the document.
        parts: the letter's parts.
        readings: what the grammar reads.
        review_above: the risk above which a person is asked to look; None for what the calibration table states.
    """

    document: Document
    parts: LetterParts
    readings: LetterReadings
    review_above: float | None = None

    @cached_property
    def by_grammar(self) -> Resolved:
        """The record that the grammar makes without a model; its checks are the letter's own contradictions."""
        from imrllm.crosscheck import resolve

        return resolve(
            self.document.id,
            self.parts,
            self.readings,
            None,
            [None] * len(self.parts.items),
            "repair",
            asked=frozenset(),
            arbitration=self.arbitration("none"),
        )

    def arbitration(self, model: str, prompt: Prompt | None = None) -> Arbitration:
        """What gold shows of a model and a prompt, without the letters of this letter's fold.

        Args:
            model: model string; `none` where the grammar reads alone.
            prompt: the prompt; None for the model `none`.
        """
        if is_rationale(self.parts):
            # Gold has whole letters. What it shows of their values says nothing of a rationale that stands alone.
            return Arbitration(None, None, self.review_above)
        table = load_table(model, prompt.name, prompt.sha256) if prompt else load_table(model)
        return Arbitration(table, fold_of(self.document.sha256), self.review_above)

    def calls(self, prompt: Prompt) -> list[PlannedCall]:
        """The calls that a prompt makes, by kind in the prompt's order, of one kind in the order of the items."""
        return [call for call, is_made in self.possible_calls(prompt) if is_made]

    def possible_calls(self, prompt: Prompt) -> list[tuple[PlannedCall, bool]]:
        """All calls that a prompt could make, each with whether it is made: some are only if the grammar is unsure."""
        return [
            (call, kind not in prompt.only_if_unsure or self._is_unsure(call, asks))
            for kind, asks in prompt.asks.items()
            for call in self._calls(kind)
        ]

    def _calls(self, kind: Kind) -> Iterator[PlannedCall]:
        from imrllm.grammar import decided

        printed = self.parts.printed
        if is_rationale(self.parts) and kind not in ("grounds", "verify"):
            # A model is asked what a rationale argues, not for parts of a letter that are not there.
            return
        if kind == "letter":
            yield PlannedCall(kind, self._letter_parts())
        elif kind == "case":
            yield PlannedCall(
                kind,
                {"credentials": printed(self.parts.credentials) or "", "summary": printed(self.parts.summary) or ""},
            )
        elif kind == "item":
            for index in range(len(self.parts.items)):
                yield PlannedCall(kind, self._item_parts(index), index + 1)
        else:
            for index, (item, reading) in enumerate(zip(self.parts.items, self.readings.items, strict=True)):
                outcome = decided(item, reading.medically_necessary)
                if reading.rationale is None or outcome is None:
                    continue
                parts = {"rationale": reading.rationale.printed, "decision": outcome}
                if kind == "grounds":
                    yield PlannedCall(kind, parts, index + 1)
                # The two grounds of an overturned item hardly ever stand in words that do not mean them.
                elif outcome == "upheld":
                    for ground in reading.grounds:
                        if not ground.applied:
                            continue
                        closing = reading.rationale.closing(_CLOSING, ground.span)
                        yield PlannedCall(kind, {**parts, "rationale": closing, "ground": ground.value}, index + 1)

    def _is_unsure(self, call: PlannedCall, asks: Iterable[str]) -> bool:
        """Whether the grammar reads nothing of a field that a call asks for, where the field's part is printed.

        Of grounds, whether it reads none whose words are about this case.
        """
        from imrllm.crosscheck import attribute
        from imrllm.grammar import decided

        if call.kind in ("letter", "case"):
            fields = [BY_NAME[name] for name in asks]
            return any(getattr(self.parts, each.part) and not attribute(self.readings, each.path) for each in fields)
        reading = self.readings.items[(call.item or 1) - 1]
        if call.kind == "item":
            request = reading.request
            read = {"treatment": request.treatment, "category": request.category} | {
                name: getattr(reading, name) for name in (*SIDES, "medically_necessary")
            }
            # What an item may leave out is not in doubt if it is not read.
            return any(name in read and read[name] is None for name in asks)
        # Words that only describe a guideline do not say why a request was denied; what was allowed mostly met it.
        allowed = decided(self.parts.items[(call.item or 1) - 1], reading.medically_necessary) == "overturned"
        return not any(ground.applied or allowed for ground in reading.grounds)

    def _item_parts(self, index: int) -> dict[str, str]:
        item, printed = self.parts.items[index], self.parts.printed
        return {
            "heading": printed(item.heading) or "",
            "request": _words(self.readings.items[index].request.request),
            "claims_administrator": printed(item.claims_administrator) or "",
            "reviewer_basis": printed(item.reviewer_basis) or "",
            "rationale": printed(item.rationale) or "",
        }

    def _letter_parts(self) -> dict[str, str]:
        """The letter's text from the credentials on, and the requests by number."""
        start = min(
            span[0] for span in (self.parts.credentials, self.parts.summary, self.parts.items[0].heading) if span
        )
        requests = (f"{index}. {_words(item.request.request)}" for index, item in enumerate(self.readings.items, 1))
        return {"letter": self.parts.folded.printed[start:], "requests": "\n".join(requests)}


@dataclass(frozen=True, slots=True, repr=False)
class ReadDocument(Document):
    """A document that has been read already, for a run that must know its calls before it starts them.

    Attributes:
        letter: its form and readings, by the form that the run tries first.
    """

    letter: ReadLetter = field(kw_only=True)

    @classmethod
    def of(cls, letter: ReadLetter) -> ReadDocument:
        """The document of a letter, with what was read of it."""
        document = letter.document
        return cls(**{each.name: getattr(document, each.name) for each in fields(Document)}, letter=letter)


def _words(reading: Reading[str] | None) -> str:
    return reading.value if reading else ""


def read_in_full(
    document: Document | Unreadable, review_above: float | None = None, form: ChosenForm | None = None
) -> ReadLetter:
    """Read a document's form and values.

    Args:
        document: the document. A `ReadDocument` is not read again.
        review_above: the risk above which a person is asked to look, 0 to 1; by default the calibration table's.
        form: a form that is tried before the known ones; or `rationale`, for a text that is only a decision's
            reasoning.

    Raises:
        DocumentError: the document is not text, or not a determination.
        InternalError: the program failed on it unexpectedly.
    """
    if isinstance(document, Unreadable):
        raise document.error
    if isinstance(document, ReadDocument):
        return replace(document.letter, review_above=review_above)
    with error_boundary(document):
        from imrllm.grammar import read_values

        parts = _parts(document, form)
        return ReadLetter(document, parts, read_values(parts), review_above)


def _parts(document: Document, form: ChosenForm | None) -> LetterParts:
    """The parts of a letter, or of a text that is only a rationale.

    Raises:
        NotALetterError: the document is neither.
    """
    if form and form.is_rationale:
        try:
            return read_rationale(document.text, document.outcome)
        except NotALetterError as error:
            raise NotALetterError(f"`{document.id}` {error}", hint=error.hint) from None
    forms = form.forms if form else None
    refuse_several_letters(document.text, f"`{document.id}`", forms)
    try:
        parts = read_letter(document.text, forms)
    except NotALetterError as error:
        why, hint = refusal(document.text, error)
        raise NotALetterError(f"`{document.id}` {why}", hint=hint) from None
    refuse_copies(parts, f"`{document.id}`")
    return parts


def read_by_quotes(
    document: Document,
    answers: FormAnswers,
    review_above: float | None = None,
    known: ReadLetter | None = None,
) -> ReadLetter:
    """Read a document's form by what a model quotes of it, and then its values.

    Args:
        document: the document.
        answers: what the model answers to each of `form_questions`.
        review_above: as for `read_in_full`.
        known: what a known form reads of it, which stays; only what that form lost is read by the quotes.

    Raises:
        NotALetterError: the text supports no disputed item.
        InternalError: the program failed on it unexpectedly.
    """
    with error_boundary(document):
        from imrllm.grammar import read_values

        try:
            parts = parts_by_quotes(document.text, answers)
        except NotALetterError as error:
            raise NotALetterError(f"`{document.id}` {error}", hint=error.hint) from None
        refuse_copies(parts, f"`{document.id}`")
        parts = with_lost_parts(known.parts, parts) if known else parts
        return ReadLetter(document, parts, read_values(parts), review_above)


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
