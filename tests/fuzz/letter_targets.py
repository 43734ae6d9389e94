"""Targets of what reads a letter's text: the forms, the splitter, the grammar and the whole way to a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from functools import cache

from imrllm.answer_models import FormAnswer
from imrllm.documents import Document
from imrllm.errors import DocumentError, NotALetterError, UsageError
from imrllm.export.rows import rows_of
from imrllm.letter import LetterParts, choose_form, read_letter
from imrllm.letter.parts import ItemParts
from imrllm.llm import resolve_model
from imrllm.pipeline import check_record, read_without_model
from imrllm.records import Determination, Result
from imrllm.unknown_forms import form_questions, may_be_determination, parts_by_quotes
from tests.crosscheck.pointers import every_text
from tests.fuzz.file_targets import EVALS, written
from tests.fuzz.targets import Target, repeated
from tests.letters import SUMMARY, THREE, Item, letter

# What a reader goes after and never finds whole, and what it finds over and over.
NEARLY = (
    "1", "1 ", "1/", "1,", "#1 ", "a ", "A. ", "(", "(a ", " - ", ", ", ": ", "not ", "2 x ", "5mg/", "L4-", "\n",
    "\n\n", "Section(s): a, ", "p. 1, 2 and ", "(ODG ", "Upheld: ", "Uphe1d ", "1) the request for ", "medically ",
    "Decision rationale", "Decision rationa1e: ", "Claims Administrator guide1ine: ", "MAXlMUS guideline: ",
    "Expert Reviewer ", "Case Number: ", "CLINICAL CASE ", "IMR ISSUES, ", "HOW THE IMR FINAL ", "On 1/1/16 ",
)  # fmt: skip
FOUND = (
    "Norco 10/325mg #30 ", "2 times a week for 6 weeks ", "right knee ", "diagnosed with a, b. ",
    "Decision based on MTUS Low Back Complaints 2004, Section(s): a. ", "Decision based on Non-MTUS Citation ODG MRI; ",
    "no documentation of benefit. ", "is medically necessary. ", "1/1/2016 ", "The request for Norco #30 was denied. ",
)  # fmt: skip
WHOLE_ITEM = f"\n\n{THREE[0].heading}: Upheld\n\n" + "\n\n".join(THREE[0].labelled) + "\n\n"
END = "The request is not medically necessary."
# Where in a letter a family of inputs is put.
PLACES: dict[str, Callable[[str], str]] = {
    "alone": lambda text: text,
    "heading": lambda text: letter(Item(f"Norco {text}")),
    "rationale": lambda text: letter(Item("Norco #45", rationale=f"{text}. {END}")),
    "basis": lambda text: letter(Item("Norco #45", maximus=f"Decision based on MTUS {text}")),
    "summary": lambda text: letter(Item("Norco #45"), summary=f"{SUMMARY} {text}"),
}
_MARK = "\ue000"


def placed(unit: str, place: Callable[[str], str]) -> Callable[[int], bytes]:
    """One unit over and over at a place of a letter."""
    before, _, after = place(_MARK).partition(_MARK)
    return repeated(unit, before=before, after=after)


def families() -> Iterator[tuple[str, Callable[[int], bytes]]]:
    """Each unit at each place, whole items one after another, and whole letters."""
    for name, place in PLACES.items():
        for unit in (*NEARLY, *FOUND):
            yield f"{unit!r}, {name}", placed(unit, place)
    yield "items", placed(WHOLE_ITEM, lambda text: letter(*THREE) + text)
    yield "letters", repeated(letter(*THREE))
    yield "letters of 2013", repeated(letter(*THREE, period="2013"))


def text_of(data: bytes) -> str | None:
    """A letter's text by its bytes; None if no file of text could hold them."""
    try:
        return Document.from_text(data.decode("utf-8", "surrogateescape"), "a").text
    except DocumentError:
        return None


def check_parts(parts: LetterParts) -> None:
    """Check that every span lies within the folded text and maps back into the source."""
    length = len(parts.folded.text)
    spans = [parts.header, parts.credentials, parts.summary, *parts.undecided, *(each.span for each in parts.unsure)]
    for item in parts.items:
        spans += [getattr(item, each.name) for each in fields(ItemParts) if each.name != "decision"]
    for span in spans:
        if span is not None:
            assert 0 <= span[0] < span[1] <= length, "a part's span is not one"
            start, end = parts.folded.source_span(span)
            assert start < end


def check_result(result: Result, text: str) -> str:
    """Check that a row holds nothing impossible and can be written and read again.

    Returns:
        How it ended, in a few words.
    """
    if result.error:
        assert result.error.type != "InternalError", result.error.message
    for pointer, spans in result.evidence.items():
        for start, end in spans:
            assert 0 <= start < end <= len(text), f"the evidence of {_shape(pointer)} is no stretch of the text"
    for check in result.checks:
        if check.span is not None:
            assert 0 <= check.span[0] <= check.span[1] <= len(text), f"the span of {_shape(check.pointer)}"
    assert all(0 <= risk <= 1 for risk in result.risks.values())
    assert Result.model_validate_json(result.model_dump_json()).record == result.record
    rows_of(result)
    if result.record is None:
        assert result.error
        return f"{result.error.type}: {''.join(sign for sign in result.error.message if not sign.isdigit())[:60]}"
    assert all(map(_shows_nothing_unseen, every_text(result.record.model_dump())))
    doubts = {_shape(check.pointer) for check in result.checks if check.status != "confirmed"}
    return f"{result.status}, {len(result.record.disputed_items)} items, {sorted(doubts)[:4]}"


def _shape(pointer: str) -> str:
    return "/".join("0" if step.isdigit() else step for step in pointer.split("/"))


def _shows_nothing_unseen(text: str) -> bool:
    return not any(sign in text for sign in ("\x00", "\x1b", "\u202e", "\u200b", "\U000e0041"))


def read_parts(data: bytes) -> str:
    """Find a letter's parts by its form."""
    text = text_of(data)
    if text is None:
        return "no text"
    try:
        parts = read_letter(text)
    except NotALetterError as error:
        assert error.hint
        return str(error)
    check_parts(parts)
    return f"{parts.form}, {len(parts.items)} items, {len(parts.unsure)} unsure, {len(parts.undecided)} undecided"


def extract(data: bytes) -> str:
    """Make a letter's record without a model, and check it again as another program's."""
    text = text_of(data)
    if text is None:
        return "no text"
    document = Document.from_text(text, "a")
    result = read_without_model(document)
    ended = check_result(result, text)
    if result.record is not None and len(text) < 50_000:
        check_result(check_record(document, result.record), text)
    return ended


def extract_rationale(data: bytes) -> str:
    """Make the record of a text that is only a rationale."""
    text = text_of(data)
    if text is None:
        return "no text"
    return check_result(read_without_model(Document.from_text(text, "a"), form=choose_form("rationale")), text)


_MODEL = resolve_model("vllm/stand-in", environ={})
_QUOTE = ("Norco 10/325mg", "Upheld", "is not medically necessary.", "Claims", "Decision rationale:", "1", "", " ", "a")


def find_quotes(data: bytes) -> str:
    """Find the parts of a letter of an unknown form by quotes that a model could have made up or copied."""
    text = text_of(data)
    if text is None or len(text) < 20:
        return "no text"
    likely = may_be_determination(text)
    quotes = [*_QUOTE, *(text[at : at + 30] for at in range(0, min(len(text), 3_000), 211))]

    def words(number: int) -> dict[str, str]:
        return {"first": quotes[number % len(quotes)], "last": quotes[(7 * number + 3) % len(quotes)]}

    answer = FormAnswer.model_validate(
        {
            **{name: words(len(text) + number) for number, name in enumerate(("header", "credentials", "summary"))},
            "items": [
                {
                    "heading": words(number),
                    "outcome": quotes[(3 * number + 1) % len(quotes)],
                    **{
                        name: words(5 * number + at)
                        for at, name in enumerate(("claims_administrator", "reviewer_basis", "rationale"))
                    },
                }
                for number in range(12)
            ],
        }
    )
    try:
        parts = parts_by_quotes(text, [(question, answer) for question in form_questions(text, _MODEL)])
    except NotALetterError:
        return f"no letter, {likely}"
    check_parts(parts)
    return f"{min(len(parts.items), 9)} items, {likely}"


@cache
def golds() -> tuple[bytes, ...]:
    """Records: a text of the letter, a mark, and the record as another program could give it."""
    folder = EVALS / "written" / "gold"
    return tuple(path.read_bytes() for path in sorted(folder.glob("*.json"))[:8])


def check_foreign_record(data: bytes) -> str:
    """Check a record of another program against a letter that it may have nothing to do with."""
    import json

    from pydantic import ValidationError

    document = Document.from_text(letter(*THREE), "a")
    try:
        record = Determination.model_validate(json.loads(data)["record"])
    except (ValueError, ValidationError, KeyError, TypeError, RecursionError):
        return "no record"
    try:
        result = check_record(document, record)
    except UsageError as error:
        return str(error)
    assert not result.error or result.error.type != "InternalError", result.error.message
    return f"{result.status}, {len(result.checks)} checks"


def _all_letters() -> Sequence[bytes]:
    return written()


LETTERS = (
    Target("letter's form", read_parts, _all_letters, dict(families()), share=3),
    Target("grammar", extract, _all_letters, dict(families()), share=6),
    Target(
        "rationale alone",
        extract_rationale,
        lambda: [f"{item.rationale} {item.maximus}".encode() for item in THREE] + list(_all_letters()[:3]),
        {repr(unit): repeated(unit, after=END) for unit in (*NEARLY, *FOUND)},
        share=2,
    ),
    Target(
        "unknown form",
        find_quotes,
        _all_letters,
        {repr(unit): repeated(unit, before=letter(THREE[0])) for unit in (*NEARLY, *FOUND)},
    ),
    Target("foreign records", check_foreign_record, golds),
)
