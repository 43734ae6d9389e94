"""Estimates the calls, tokens and cost of a run before its first call, and limits the cost of a run.

There is no tokenizer here, because those of hosted models must be downloaded. Text is split as tokenizers split it
before they merge (words, digits, runs of punctuation, line breaks), and the pieces are counted. Measured on 414
recorded calls (three prompts, 56 letters, the embedded model's own count), the estimate was within 1.5% for a suite,
4.5% for a letter and 5.1% for a call. OpenAI's tokenizers, which put three digits into one token, count a little less.
How OpenAI counts a schema is not measured; the JSON that is sent is counted. Answers are taken to be as long as the
recorded average; one letter's were between 30% shorter and 70% longer.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from imrllm.answer_models import Kind
from imrllm.documents import Document, Unreadable
from imrllm.errors import ImrllmError, NotALetterError, UsageError
from imrllm.letter import ChosenForm, LetterParts
from imrllm.llm import ModelTarget
from imrllm.llm.cost import price
from imrllm.planning import ReadDocument, ReadLetter, read_in_full
from imrllm.prompts import Prompt
from imrllm.reason_counts import ReasonCounts
from imrllm.records import Usage, strict_schema
from imrllm.unknown_forms import form_prompt, form_questions, parts_are_asked

_PIECE = re.compile(r"[^\W\d_]+|\d|_|[^\w\s]+|\n\s*")
# Tokens per piece, measured on 347,000 tokens of the embedded model: long words are more than one token.
_TOKENS_A_PIECE = 1.072
# What the chat template puts around each turn, and before the answer.
_TOKENS_A_TURN, _TOKENS_BEFORE_ANSWER = 5, 3
# The averages of 97 recorded answers on the case and 263 on an item; on the letter, the line through 54 by their items.
_ANSWER_TOKENS: dict[Kind, int] = {
    "case": 143,
    "item": 212,
    "letter": 191,
    "grounds": 90,
    "verify": 8,
    "form": 400,
    "heading": 8,
}
_LETTER_ANSWER_TOKENS_AN_ITEM = 273
# OpenAI caches prefixes of at least 1,024 tokens, in steps of 128.
_CACHED_FROM, _CACHED_BY = 1024, 128


def count_tokens(text: str) -> float:
    """Estimate the tokens of a text; the module's docstring says how accurately."""
    return sum(1 for _ in _PIECE.finditer(text)) * _TOKENS_A_PIECE


@dataclass(frozen=True, slots=True)
class ExpectedCall:
    """What one call will take, in tokens.

    Attributes:
        kind: the kind of call.
        input_tokens: the prompt, with the answer's schema if the provider counts it.
        shared_tokens: the part of these that every call of the kind begins with.
        cacheable_tokens: the part of the shared tokens that the provider can cache.
        output_tokens: the answer, without a reasoning model's hidden reasoning.
    """

    kind: Kind
    input_tokens: int
    shared_tokens: int
    cacheable_tokens: int
    output_tokens: int


class Estimator:
    """Estimates the calls about a letter, for one model and one prompt."""

    def __init__(self, target: ModelTarget, prompt: Prompt, form: ChosenForm | None = None) -> None:
        """Prepare estimates; `form` is the form that letters are tried by first."""
        self.target = target
        self._form = form
        self._prompt = prompt
        self._shared = {kind: self._shared_tokens(kind) for kind in prompt.asks}

    def calls(self, document: Document | Unreadable) -> list[ExpectedCall]:
        """The calls about one document; none for the model `none`.

        Raises:
            ImrllmError: the document cannot be read, so no call is made about it.
        """
        return self.read(document)[0]

    def read(self, document: Document | Unreadable) -> tuple[list[ExpectedCall], ReadLetter | None]:
        """The calls about one document, as `calls`, and what was read of it; None if no form reads it.

        Raises:
            ImrllmError: as `calls`.
        """
        try:
            letter = read_in_full(document, form=self._form)
        except NotALetterError:
            if isinstance(document, Unreadable) or not self._asks_for_form(document, None):
                raise
            return self._form_calls(document), None
        return self._calls(letter) if self.target.asks else [], letter

    def _calls(self, letter: ReadLetter) -> list[ExpectedCall]:
        items = len(letter.parts.items)
        calls = [self._expected(call.kind, call.parts, items) for call in letter.calls(self._prompt)]
        if self._asks_for_form(letter.document, letter.parts):
            calls = [*self._form_calls(letter.document), *calls]
        return calls

    def _asks_for_form(self, document: Document, parts: LetterParts | None) -> bool:
        asks = self.target.asks and not self.target.batched
        return asks and parts_are_asked(document.text, parts, self._form)

    def _form_calls(self, document: Document) -> list[ExpectedCall]:
        """The calls for a letter's parts. What is asked about the items that they find is not known before."""
        calls = []
        for question in form_questions(document.text, self.target):
            prompt = form_prompt(question.kind)
            shared = round(_turn_tokens(prompt.opening(question.kind)))
            turns = prompt.messages(question.kind, letter=question.shown)
            tokens = message_tokens(turns)
            calls.append(ExpectedCall(question.kind, tokens, shared, 0, _ANSWER_TOKENS[question.kind]))
        return calls

    def price(self, call: ExpectedCall, cached_tokens: int = 0) -> float | None:
        """The price in US dollars of a call with so many of its input tokens in the cache; None if it is not known."""
        usage = Usage(
            calls=1, input_tokens=call.input_tokens, cached_tokens=cached_tokens, output_tokens=call.output_tokens
        )
        return price(self.target, usage)

    def _expected(self, kind: Kind, parts: dict[str, str], items: int) -> ExpectedCall:
        shared = self._shared[kind]
        turns = self._prompt.messages(kind, **parts)[len(self._prompt.opening(kind)) :]
        answer = _ANSWER_TOKENS[kind] + (_LETTER_ANSWER_TOKENS_AN_ITEM * items if kind == "letter" else 0)
        cacheable = shared
        if self.target.hosted_by_openai:
            cacheable = shared // _CACHED_BY * _CACHED_BY if shared >= _CACHED_FROM else 0
        return ExpectedCall(
            kind,
            shared + message_tokens(turns),
            shared,
            cacheable,
            min(answer, self._prompt.max_tokens[kind]),
        )

    def _shared_tokens(self, kind: Kind) -> int:
        tokens = _turn_tokens(self._prompt.opening(kind))
        if self.target.hosted_by_openai:
            # OpenAI puts the schema before the system turn and counts it; self-hosted servers compile it to a grammar.
            tokens += count_tokens(json.dumps(strict_schema(self._prompt.answer_model(kind)), separators=(",", ":")))
        return round(tokens)


def message_tokens(messages: list[dict[str, str]]) -> int:
    """Estimate the tokens of a call's messages, without the answer's schema, which some providers count."""
    return round(_turn_tokens(messages) + _TOKENS_BEFORE_ANSWER)


def _turn_tokens(turns: list[dict[str, str]]) -> float:
    return sum(count_tokens(turn["content"]) + _TOKENS_A_TURN for turn in turns)


@dataclass(slots=True)
class Estimate:
    """What a run will take, added up document by document.

    Attributes:
        estimator: estimates one document.
        documents: documents that the run will read, including those that cannot be read.
        failed: documents that cannot be read.
        before: documents that the run will skip, because an earlier run wrote their rows, by the status there.
        calls: calls by kind.
        input_tokens: tokens of all prompts.
        shared_tokens: the part of these that every call of a kind begins with.
        cacheable_tokens: the part that the provider can read from its cache, which excludes a kind's first call.
        output_tokens: tokens of all answers.
        cost: US dollars without the prompt cache, or None if the price is not known.
        cached_cost: US dollars with the prompt cache, or None.
        failures: documents that cannot be read, by reason.
    """

    estimator: Estimator
    documents: int = 0
    failed: int = 0
    before: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    input_tokens: int = 0
    shared_tokens: int = 0
    cacheable_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = 0.0
    cached_cost: float | None = 0.0
    unknown_forms: int = 0
    failures: ReasonCounts = field(default_factory=ReasonCounts)

    @property
    def done(self) -> int:
        """Documents counted, and those that an earlier run did."""
        return self.documents + self.before.total()

    @property
    def new(self) -> int:
        """Documents counted."""
        return self.documents

    @property
    def progress(self) -> str:
        """The counts beside the number of letters, for a progress display."""
        return f"{self.failed:,} failed"

    def add(self, document: Document | Unreadable) -> None:
        """Count one document, readable or not."""
        self.documents += 1
        try:
            calls = self.estimator.calls(document)
        except ImrllmError as error:
            self.failed += 1
            self.failures.add(document.id, f"{type(error).__name__}: {error} {error.hint}".strip())
            return
        self.unknown_forms += any(call.kind in ("form", "heading") for call in calls)
        for call in calls:
            cached = call.cacheable_tokens if self.calls[call.kind] else 0
            self.calls[call.kind] += 1
            self.input_tokens += call.input_tokens
            self.shared_tokens += call.shared_tokens
            self.cacheable_tokens += cached
            self.output_tokens += call.output_tokens
            self.cost = _sum(self.cost, self.estimator.price(call))
            self.cached_cost = _sum(self.cached_cost, self.estimator.price(call, cached))


def _sum(total: float | None, more: float | None) -> float | None:
    return None if total is None or more is None else total + more


class Budget:
    """Passes documents on while the cost of finished and running ones stays within a limit.

    Running documents are expected to exceed their estimates as much as the finished ones did, because estimates leave
    out hidden reasoning and re-asks. The prompt cache is ignored, so that the budget errs on the safe side.

    Attributes:
        limit: US dollars.
        spent: US dollars that the finished documents cost.
        reached: whether a document was held back.
    """

    def __init__(self, limit: float, estimator: Estimator) -> None:
        """Prepare a budget of `limit` US dollars.

        Raises:
            UsageError: the model's price is not known.
        """
        target = estimator.target
        if target.asks and price(target, Usage(calls=1, input_tokens=1, output_tokens=1)) is None:
            raise UsageError(
                f"What model `{target.name}` costs is not known, so its cost cannot be limited.",
                hint="Leave `--max-cost` out; `--limit` reads the first so many letters.",
            )
        self.limit = limit
        self.spent = 0.0
        self.reached = False
        self._estimator = estimator
        self._under_way: dict[str, float] = {}
        # Of the finished documents.
        self._estimated = 0.0

    def within(self, documents: Iterable[Document | Unreadable]) -> Iterator[Document | Unreadable]:
        """Yield the documents, each when it is asked for, until the next one might exceed the limit.

        With a model they come with what was read of them for the estimate, so that they are not read twice.
        """
        for given in documents:
            document, estimated = self._estimated_cost(given)
            under_way = sum(self._under_way.values()) + estimated
            overrun = self.spent / self._estimated if self._estimated else 1.0
            # Not `>`: the limit may be NaN, which compares as neither greater nor less.
            if not self.spent + under_way * max(1.0, overrun) <= self.limit:
                self.reached = True
                return
            self._under_way[document.id] = estimated
            yield document

    def settle(self, document_id: str, cost: float) -> None:
        """Count what a finished document cost, in US dollars."""
        self._estimated += self._under_way.pop(document_id, 0.0)
        self.spent += cost

    def _estimated_cost(self, document: Document | Unreadable) -> tuple[Document | Unreadable, float]:
        if not self._estimator.target.asks:
            return document, 0.0
        try:
            calls, letter = self._estimator.read(document)
        except ImrllmError:
            return document, 0.0
        cost = sum(self._estimator.price(call) or 0.0 for call in calls)
        return ReadDocument.of(letter) if letter else document, cost
