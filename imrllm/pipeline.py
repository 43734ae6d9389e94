"""One document in, one checked result out; many documents in, a stream of results out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, aclosing
from copy import copy
from dataclasses import dataclass, field, replace
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

import imrllm
from imrllm.concurrency import in_thread, map_concurrent
from imrllm.crosscheck import ConflictPolicy, Resolved, compare, resolve
from imrllm.documents import Document, Unreadable, redacted
from imrllm.errors import (
    CassetteError,
    ImrllmError,
    InvalidAnswerError,
    ModelUnavailableError,
    PendingError,
    RefusedError,
    TruncatedError,
    UsageError,
)
from imrllm.llm import Client, ModelTarget, Spent, resolve_model
from imrllm.llm.calls import Call, naming
from imrllm.planning import PlannedCall, ReadLetter, error_boundary, read_in_full
from imrllm.prompts import ANSWERS, DEFAULT_PROMPT, Prompt, load_prompt
from imrllm.records import CaseAnswer, Check, Determination, Failure, ItemAnswer, LetterAnswer, Provenance, Result

T = TypeVar("T")

_CASE_POINTERS = ("/reviewer", "/injured_worker", "/clinical_summary")


@dataclass(frozen=True, slots=True)
class Readouts:
    """One document read three ways, from one set of a model's answers.

    Attributes:
        model: the model alone, its values kept whatever the letter says; None where no model is asked.
        grammar: the grammar alone.
        resolved: what `extract` gives.
    """

    model: Result | None
    grammar: Result
    resolved: Result


@dataclass(slots=True)
class _Answers:
    case: CaseAnswer | None = None
    items: list[ItemAnswer | None] = field(default_factory=list)
    # Pointers that the model was asked about once more.
    reasked: set[str] = field(default_factory=set)
    # Why parts of the letter have no answer.
    failures: list[ImrllmError] = field(default_factory=list)


class Extractor:
    """Turns letters into checked records with one model, one prompt and one policy.

    As an async context manager it starts the embedded server where the model is `local`, and stops it again;
    `extract` does so by itself.

    Attributes:
        target: the model.
        prompt: the prompt.
        on_conflict: the conflict policy.
        redact: whether identifiers are masked in what the model is sent.
        concurrency: calls at a time, at most.
    """

    def __init__(
        self,
        model: str | None = None,
        prompt: str = DEFAULT_PROMPT,
        on_conflict: ConflictPolicy = "repair",
        concurrency: int | None = None,
        *,
        rpm: int | None = None,
        tpm: int | None = None,
        redact: bool = False,
        target: ModelTarget | None = None,
        client: Client | None = None,
    ) -> None:
        """Prepare an extractor; no model is loaded or asked yet.

        Args:
            model: `provider/name`, `local` or `none`; by default an OpenAI model where its key is set, else `local`.
            prompt: a prompt version's name, or the path of a prompt file.
            on_conflict: what becomes of a value that the letter contradicts: `flag` keeps the model's, `repair` takes
                the letter's, `reask` asks the model once more and repairs what still differs.
            concurrency: calls at a time, fewer while the server says "too many"; what suits the model by default.
            rpm: requests a minute at most; no limit by default.
            tpm: tokens a minute at most, those of questions and answers; no limit by default.
            redact: mask identifiers (`imrllm.documents.redacted` says which) in what the model is sent. The record
                keeps the letter's own characters wherever it takes a value from the letter.
            target: the model's address, where it is served already; it goes before `model`.
            client: what asks in place of a client of its own, such as one that has answers already.

        Raises:
            UsageError: the model string or the policy makes no sense.
            PromptError: there is no such prompt.
        """
        if on_conflict not in ("flag", "repair", "reask"):
            raise UsageError(
                f"There is no conflict policy `{on_conflict}`.", hint="Choose `flag`, `repair` or `reask`."
            )
        self.target = target or resolve_model(model)
        self.prompt: Prompt = load_prompt(prompt)
        self.on_conflict: ConflictPolicy = on_conflict
        self.redact = redact
        self._sent: Callable[[str], str] = redacted if redact else str
        self.concurrency = concurrency or self.target.concurrency
        self._rpm = rpm
        self._tpm = tpm
        self._given = client
        self._client: Client | None = None
        self._stack: AsyncExitStack | None = None

    @property
    def model(self) -> str:
        """The model as it was given or chosen, or `none`."""
        return self.target.name

    @property
    def letters_at_a_time(self) -> int:
        """Letters under way at most: some more than calls, so that none lacks a letter while others are read."""
        return self.concurrency + self.concurrency // 4 + 1

    def share(self, of: int) -> Extractor:
        """The same extractor, not open, with a share of the calls at a time, requests and tokens a minute.

        Args:
            of: how many share them; each has at least one.
        """
        part = copy(self)
        part._client = part._stack = None
        part.concurrency = max(1, self.concurrency // of)
        part._rpm = self._rpm and max(1, self._rpm // of)
        part._tpm = self._tpm and max(1, self._tpm // of)
        return part

    async def __aenter__(self) -> Self:
        self._stack = AsyncExitStack()
        try:
            self._client = await self._open(self._stack)
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stack, self._stack, self._client = self._stack, None, None
        if stack is not None:
            await stack.aclose()

    async def _open(self, stack: AsyncExitStack) -> Client | None:
        target = self.target
        if not target.asks or self._given is not None:
            return self._given
        if target.embedded and target.base_url is None:
            from imrllm.llm.server import EmbeddedServer

            target = target.at(stack.enter_context(EmbeddedServer()).base_url)
        return await stack.enter_async_context(
            Client(target, concurrency=self.concurrency, rpm=self._rpm, tpm=self._tpm)
        )

    def extract(self, document: Document | Unreadable) -> Result:
        """Read one document; see `aextract`."""
        if not self.target.asks:
            return self._without_model(document)

        async def run() -> Result:
            async with self:
                return await self.aextract(document)

        return asyncio.run(run())

    async def aextract(self, document: Document | Unreadable) -> Result:
        """Read one document.

        Args:
            document: a letter, or what could not be read as text.

        Returns:
            The result; where this document failed, a `failed` one that says why.

        Raises:
            ModelUnavailableError: the model cannot be reached or refuses the key: no document can succeed.
            CassetteError: answers are replayed, and this document's are not recorded.
            UsageError: a model is to be asked outside the extractor's context.
        """
        (result,) = await self._settled(document, self.on_conflict)
        return result

    async def areadouts(self, document: Document | Unreadable) -> Readouts:
        """Read one document, and settle its answers as the model has them and as `aextract` does; errors as there."""
        grammar = Extractor("none")._without_model(document)
        if not self.target.asks:
            return Readouts(None, grammar, grammar)
        model, resolved = await self._settled(document, "flag", self.on_conflict)
        return Readouts(model, grammar, resolved)

    async def _settled(self, document: Document | Unreadable, *policies: ConflictPolicy) -> tuple[Result, ...]:
        """Ask about one document, and settle the answers by each policy in turn."""
        if not self.target.asks:
            return (self._without_model(document),) * len(policies)
        if self._client is None:
            raise UsageError("The extractor is not open.", hint="Write `async with Extractor(...) as extractor:`.")
        started = time.monotonic()
        spent = Spent()
        try:
            letter = await in_thread(lambda: read_in_full(document))
            with error_boundary(document):
                answers = await self._ask(letter, self._client, spent)
                resolved = [self._resolve(letter, answers, policy) for policy in policies]
            lacking = answers.failures[0] if answers.failures else None
        except (CassetteError, ModelUnavailableError):
            raise
        except ImrllmError as error:
            return (self._failed(document, error, started, spent),) * len(policies)
        return tuple(self._result(letter.document, each, started, spent, lacking) for each in resolved)

    def astream(self, documents: Iterable[Document | Unreadable]) -> AsyncGenerator[Result]:
        """Read many documents, as many at a time as calls are allowed.

        Args:
            documents: read one by one as there is room for them: memory does not grow with their number. With a model
                they are read in a thread, so that calls go on meanwhile.

        Yields:
            One result a document, as they finish.

        Raises:
            ModelUnavailableError: as `aextract`.
        """
        return self._streamed(documents, self.aextract)

    def astream_readouts(self, documents: Iterable[Document | Unreadable]) -> AsyncGenerator[Readouts]:
        """Read many documents three ways each; as `astream` does."""
        return self._streamed(documents, self.areadouts)

    async def _streamed(
        self,
        documents: Iterable[Document | Unreadable],
        read: Callable[[Document | Unreadable], Coroutine[Any, Any, T]],
    ) -> AsyncGenerator[T]:
        if not self.target.asks:
            for document in documents:
                yield await read(document)
            return
        async with aclosing(map_concurrent(documents, read, self.letters_at_a_time)) as outcomes:
            async for outcome in outcomes:
                yield outcome

    def _without_model(self, document: Document | Unreadable) -> Result:
        started = time.monotonic()
        try:
            letter = read_in_full(document)
            with error_boundary(document):
                resolved = _unasked(letter)
        except ImrllmError as error:
            return self._failed(document, error, started, Spent())
        return self._result(letter.document, resolved, started, Spent())

    async def _ask(self, letter: ReadLetter, client: Client, spent: Spent) -> _Answers:
        """Put the prompt's questions about one letter; its items are asked about side by side."""
        count = len(letter.parts.items)
        reasked: set[str] = set()
        if self.prompt.strategy == "letter":
            verify = self._verify(letter, lambda answer: _from_letter(answer, count), reasked)
            (whole,) = letter.calls("letter")
            answers = _from_letter(await self._call(client, letter, whole, verify, spent), count)
            answers.reasked = reasked
            return answers
        verify = self._verify(letter, lambda case: _Answers(case, [None] * count), reasked, _CASE_POINTERS)
        about_case, *about_items = letter.calls("item")
        questions = [partial(self._call, client, letter, about_case, verify, spent)]
        for index, about_item in enumerate(about_items):
            before, after = [None] * index, [None] * (count - index - 1)

            def alone(item: ItemAnswer, before: list[None] = before, after: list[None] = after) -> _Answers:
                return _Answers(None, [*before, item, *after])

            verify = self._verify(letter, alone, reasked, (f"/disputed_items/{index}/",))
            questions.append(partial(self._call, client, letter, about_item, verify, spent))
        case, *items = answered = await _all([_or_failure(question) for question in questions])
        failures = [answer for answer in answered if isinstance(answer, ImrllmError)]
        if len(failures) == len(answered):
            raise failures[0]
        got = [None if isinstance(answer, ImrllmError) else answer for answer in (case, *items)]
        return _Answers(got[0], got[1:], reasked, failures)

    async def _call(
        self,
        client: Client,
        letter: ReadLetter,
        planned: PlannedCall,
        verify: Callable[[Any], list[str]] | None,
        spent: Spent,
    ) -> Any:
        kind = planned.kind
        parts = {name: self._sent(text) for name, text in planned.parts.items()}
        messages: Any = self.prompt.messages(kind, **parts)
        with naming(Call(letter.document.id, self.prompt.name, kind, planned.item)):
            answer = await client.ask(
                ANSWERS[kind],
                messages,
                verify=verify,
                max_tokens=self.prompt.max_tokens[kind],
                temperature=self.prompt.temperature,
                spent=spent,
            )
        return answer.value

    def _verify(
        self,
        letter: ReadLetter,
        answers: Callable[[Any], _Answers],
        reasked: set[str],
        pointers: tuple[str, ...] = ("/",),
    ) -> Callable[[Any], list[str]] | None:
        """What the letter says against an answer, for the model to mend; None unless the policy asks again."""
        if self.on_conflict != "reask":
            return None

        # What the letter itself contradicts, no answer can mend.
        unmendable = _unasked(letter).checks

        def complaints(answer: Any) -> list[str]:
            checks = self._compared(letter, answers(answer), self.on_conflict).checks
            against = [
                check
                for check in checks
                if check not in unmendable and check.pointer.startswith(pointers) and _is_mendable(check)
            ]
            reasked.update(check.pointer for check in against)
            return [
                self._sent(f"`{check.pointer}` is {check.model_value!r}, but the letter states {check.source_value!r}")
                for check in against
            ]

        return complaints

    def _compared(self, letter: ReadLetter, answers: _Answers, policy: ConflictPolicy) -> Resolved:
        # What was asked again and still differs is repaired.
        policy = "flag" if policy == "flag" else "repair"
        return resolve(letter.document.id, letter.parts, letter.readings, answers.case, answers.items, policy)

    def _resolve(self, letter: ReadLetter, answers: _Answers, policy: ConflictPolicy) -> Resolved:
        resolved = self._compared(letter, answers, policy)
        if not answers.reasked:
            return resolved
        checks = tuple(
            check.model_copy(update={"resolution": "reask"})
            if check.status == "confirmed" and check.pointer in answers.reasked
            else check
            for check in resolved.checks
        )
        return replace(resolved, checks=checks)

    def _result(
        self, document: Document, resolved: Resolved, started: float, spent: Spent, lacking: ImrllmError | None = None
    ) -> Result:
        return Result(
            document_id=document.id,
            status="review" if resolved.in_doubt or lacking or document.ocr_pages else "ok",
            record=resolved.record,
            evidence=resolved.evidence,
            checks=resolved.checks,
            error=_failure(lacking) if lacking else None,
            provenance=self._provenance(document, started, spent),
        )

    def _failed(self, document: Document | Unreadable, error: ImrllmError, started: float, spent: Spent) -> Result:
        return Result(
            document_id=document.id,
            status="failed",
            error=_failure(error),
            provenance=self._provenance(document, started, spent),
        )

    def _provenance(self, document: Document | Unreadable, started: float, spent: Spent) -> Provenance:
        return Provenance(
            sha256=document.sha256,
            prompt=self.prompt.name if self.target.asks else None,
            prompt_sha256=self.prompt.sha256 if self.target.asks else None,
            model=self.model,
            version=imrllm.__version__,
            usage=spent.usage,
            cost=spent.cost,
            attempts=spent.attempts,
            seconds=round(time.monotonic() - started, 3),
            ocr_pages=document.ocr_pages if isinstance(document, Document) else (),
        )


def check_row(document: Document | Unreadable, record: Determination | None) -> Result:
    """The deterministic pass over a record made earlier or by any other program; resolves nothing.

    Args:
        document: the record's letter, or why it cannot be read.
        record: the record; None only where the document is `Unreadable`.

    Returns:
        The record as it was, with its evidence and checks.
    """
    started = time.monotonic()
    checker = Extractor("none", on_conflict="flag")
    try:
        letter = read_in_full(document)
        if record is None:
            raise UsageError(f"`{document.id}` has no record.", hint="Extract the document again.")
        with error_boundary(document):
            resolved = compare(record, letter.parts, letter.readings)
    except ImrllmError as error:
        return checker._failed(document, error, started, Spent())
    return checker._result(letter.document, resolved, started, Spent())


def _unasked(letter: ReadLetter) -> Resolved:
    """The record that the grammar makes by itself, with the letter's own contradictions as its checks."""
    nothing = [None] * len(letter.parts.items)
    return resolve(letter.document.id, letter.parts, letter.readings, None, nothing, "repair", asked=False)


async def _or_failure(question: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """A question's answer, or why there is none where another part of the letter may still have one."""
    try:
        return await question()
    except (InvalidAnswerError, PendingError, RefusedError, TruncatedError) as error:
        return error


async def _all(questions: list[Coroutine[Any, Any, Any]]) -> list[Any]:
    """The answers in the questions' order; where one fails, the rest are not waited for and its own error is raised."""
    tasks = [asyncio.ensure_future(question) for question in questions]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _failure(error: ImrllmError) -> Failure:
    return Failure(type=type(error).__name__, message=f"{error} {error.hint}".strip())


def _is_mendable(check: Check) -> bool:
    """Whether asking again can mend what a check found.

    A ground is the model's own reading of an argument, and of a list in prose the grammar is no better a reader.
    """
    return (
        check.status != "confirmed"
        and "/grounds" not in check.pointer
        and not check.pointer.endswith(("/diagnoses", "/treatments_to_date"))
    )


def _from_letter(answer: LetterAnswer, count: int) -> _Answers:
    """Answers on numbered items put in document order; a number answered twice counts once, the first time."""
    items: list[ItemAnswer | None] = [None] * count
    for item in answer.disputed_items:
        if item.item <= count and items[item.item - 1] is None:
            items[item.item - 1] = item
    return _Answers(answer, items)
