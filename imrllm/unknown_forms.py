"""Letters of unknown forms: whether a model is asked for their parts, in which stretches, and what its quotes give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from imrllm.answer_models import FormAnswer, FormItem, Kind, QuotedWords
from imrllm.folding import Folded
from imrllm.letter import ChosenForm, LetterParts, is_rationale, letter_starts
from imrllm.letter.numbered import NumberedLetter
from imrllm.letter.other_documents import what_it_looks_like
from imrllm.letter.quote_finding import Quote, QuotedItem, QuotedWindow, Section
from imrllm.letter.quotes import read_quotes
from imrllm.llm import ModelTarget
from imrllm.prompts import Prompt, load_prompt
from imrllm.spans import FoldedSpan

# What a determination says in any form: who decides, on what grounds, and what was decided.
_SIGNS = (
    re.compile(
        r"medical(?:ly)?\s+necess|utilization\s+review|independent\s+medical\s+review|claims\s+administrator",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:guidelines?|mtus|odg|acoem|criteria|evidence-based|rationale)\b", re.IGNORECASE),
    re.compile(
        r"\b(?:uph[eo]ld|overturn|affirm|revers|sustain|den(?:y|ied|ial)|approv|certif|not\s+medically|set\s+aside"
        r"|is\s+medically|are\s+medically|determination)",
        re.IGNORECASE,
    ),
)
# A shorter text decides nothing. In characters.
_SHORTEST = 300
# How much of a letter one call shows, in characters: an embedded or self-hosted model has room for some thousand
# tokens, and reads faster the less it is shown.
_OWN_WINDOW, _HOSTED_WINDOW = 9_000, 40_000
# Windows overlap by more than most items are long.
_OVERLAP = 4_000
# Above this probability a paragraph is taken for a heading. Of 99 lines of 20 drifted letters, the embedded model gave
# each of 64 headings more, and 24 of 35 others less. What is no item by its structure is dropped anyway.
_LIKELY = 0.05
_SECTIONS: tuple[Section, ...] = ("header", "credentials", "summary")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a letter's source text, `[start, end)` in characters."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FormQuestion:
    """One call for the parts of a letter.

    Attributes:
        kind: `form` asks for quotes, `heading` whether a paragraph names a treatment.
        shown: the text that the model is shown.
        window: the stretch of the letter that it stands for; of a paragraph, the whole letter.
        number: of the window, or of the paragraph, from 1.
    """

    kind: Kind
    shown: str
    window: Window
    number: int


# The quotes of a window, or the probability that a paragraph names a treatment.
FormAnswers = Sequence[tuple[FormQuestion, FormAnswer | float]]
_PROMPTS: dict[Kind, str] = {"form": "forms/form-1", "heading": "forms/heading-1"}


def form_prompt(kind: Kind) -> Prompt:
    """The prompt that asks where a letter's parts are, by the kind of its call."""
    return load_prompt(_PROMPTS[kind])


def may_be_determination(text: str) -> bool:
    """Whether a text that no known form reads could be a determination, so that a model is worth asking.

    Another decision, a file of several letters and a page about letters are not: they are refused by name.
    """
    if len(text) < _SHORTEST or not all(sign.search(text) for sign in _SIGNS):
        return False
    return not what_it_looks_like(text, surely=True) and not letter_starts(text)


def parts_are_asked(text: str, parts: LetterParts | None, form: ChosenForm | None) -> bool:
    """Whether a model is worth asking for a letter's parts.

    Args:
        text: the source text.
        parts: what a known form reads of it; None if none does.
        form: the form that was tried before the known ones.
    """
    if (form and form.is_rationale) or (parts and not has_lost_parts(parts)):
        return False
    return may_be_determination(text)


def has_lost_parts(parts: LetterParts) -> bool:
    """Whether a known form reads a letter with a whole kind of its parts lost: its headings may be another form's."""
    if is_rationale(parts):
        return False
    return parts.summary is None or not any(
        item.claims_administrator or item.reviewer_basis or item.rationale for item in parts.items
    )


def windows_of(text: str, target: ModelTarget) -> list[Window]:
    """The stretches of a letter that one call each shows, in order; each but the first repeats the end of the last.

    Args:
        text: the source text.
        target: the model.
    """
    size = _HOSTED_WINDOW if target.provider == "openai" else _OWN_WINDOW
    windows = []
    start = 0
    while True:
        end = min(len(text), start + size)
        if end < len(text):
            end = text.rfind("\n", start + size // 2, end) + 1 or end
        windows.append(Window(start, end))
        if end >= len(text):
            return windows
        start = text.find("\n", end - _OVERLAP, end) + 1 or end - _OVERLAP


def form_questions(text: str, target: ModelTarget) -> list[FormQuestion]:
    """The calls for the parts of a letter.

    The embedded model cannot quote the ends of a part: it repeats whole paragraphs, and takes sentences for headings.
    It is asked of each paragraph that may be a heading whether it names a treatment.

    Args:
        text: the source text.
        target: the model.
    """
    if target.embedded:
        whole = Window(0, len(text))
        return [FormQuestion("heading", words, whole, number) for number, words in NumberedLetter.of(text).candidates()]
    return [
        FormQuestion("form", text[each.start : each.end], each, number)
        for number, each in enumerate(windows_of(text, target), 1)
    ]


def parts_by_quotes(text: str, answers: FormAnswers) -> LetterParts:
    """The parts of a letter by a model's answers.

    Args:
        text: the source text.
        answers: what the model answers to each of `form_questions`.

    Raises:
        NotALetterError: the text supports no item. Its message has no subject.
    """
    windows = [_quoted(question.window, answer) for question, answer in answers if isinstance(answer, FormAnswer)]
    headings = [question.number for question, answer in answers if isinstance(answer, float) and answer > _LIKELY]
    if headings:
        letter = NumberedLetter.of(text)
        windows.append(letter.quoted(letter.sections(headings), headings))
    return read_quotes(text, windows, _concludes)


def _quoted(window: Window, answer: FormAnswer) -> QuotedWindow:
    sections = {name: found for name in _SECTIONS if (found := _quote(getattr(answer, name)))}
    return QuotedWindow(window.start, window.end, sections, tuple(map(_item, answer.items)))


def _item(item: FormItem) -> QuotedItem:
    return QuotedItem(
        Quote(item.heading.first, item.heading.last),
        item.outcome,
        _quote(item.claims_administrator),
        _quote(item.reviewer_basis),
        _quote(item.rationale),
    )


def _quote(words: QuotedWords | None) -> Quote | None:
    return Quote(words.first, words.last) if words else None


def _concludes(folded: Folded, rationale: FoldedSpan) -> tuple[bool, FoldedSpan] | None:
    from imrllm.grammar import Part
    from imrllm.grammar.rationale.conclusions import read_conclusion

    found = read_conclusion(Part.of(folded, rationale))
    return (found.value, found.span) if found else None
