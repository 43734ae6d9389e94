"""The `Extractor`: one model, one prompt and one policy over one document or many, synchronous and asynchronous."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable, Iterator
from contextlib import AsyncExitStack, aclosing, contextmanager, suppress
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Self, TypeVar

from imrllm.concurrency import map_concurrent
from imrllm.documents import Document, Unreadable, redacted
from imrllm.errors import CassetteError, ImrllmError, ModelUnavailableError, PromptError, UsageError
from imrllm.letter import ChosenForm, choose_form
from imrllm.llm import Client, HttpTransport, ModelTarget, Transport, resolve_model
from imrllm.pipeline.background_loop import BackgroundLoop, closed_error
from imrllm.pipeline.form_calls import FormReader
from imrllm.pipeline.misuse import refuse_other, refuse_single, warn_of_reopening
from imrllm.pipeline.model_answers import LetterCalls
from imrllm.pipeline.results import Readouts, ResultBuilder, read_without_model, span_attributes
from imrllm.planning import ReadLetter, error_boundary, read_in_full
from imrllm.prompts import DEFAULT_PROMPT, Prompt, load_prompt
from imrllm.records import ConflictPolicy, Result
from imrllm.telemetry import document_span

T = TypeVar("T")
# Calls of `extract` outside `with` that make a loop.
_LOOP = 3


class Extractor:
    """Turns letters into checked records with one model, one prompt and one conflict policy.

    As a context manager it keeps the connections, and the embedded server of the model `local`, open over many letters:
    `with` for `extract` and `stream`, `async with` for the methods that begin with `a`. Without `with`, `extract` and
    `stream` open and close them for one call. The synchronous methods also work where an event loop is running, as in
    a notebook.

    The arguments are attributes too, resolved: `target` is the model, and `concurrency` is never None.
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
        review_above: float | None = None,
        form: str | Path | ChosenForm | None = None,
        target: ModelTarget | None = None,
        transport: Callable[[Transport], Transport] | None = None,
    ) -> None:
        """Prepare an extractor; no model is loaded or asked yet.

        Args:
            model: `provider/name`, `local` or `none`. Default: an OpenAI model if its key is set, else `none`.
            prompt: the name of a prompt version, or the path of a prompt file.
            on_conflict: what to do with a value that the letter contradicts. `flag` keeps the model's value, `repair`
                takes the letter's, `reask` asks the model once more and repairs what still differs.
            concurrency: the maximum number of concurrent calls; fewer run while the server answers "too many
                requests". Default: what suits the model.
            rpm: the maximum number of requests a minute.
            tpm: the maximum number of tokens a minute, prompts and completions together.
            redact: mask identifiers in the text that is sent to the model (`imrllm.documents.redacted` says which).
                Values that the record takes from the letter keep the letter's own characters.
            review_above: the risk above which a person is asked to look at a value, 0 to 1. Default: what the
                calibration table states, for typed values and for lists that take judgment.
            form: a form of letters that is tried before the known ones: its file, or the name of a known form.
            target: the address of a model that is already served; takes precedence over `model`.
            transport: takes the HTTP transport and returns the transport to use: a wrapper that records its calls, or
                one that has the answers already.

        Raises:
            UsageError: the model string or the policy is not valid.
            PromptError: there is no such prompt.
            FormError: there is no such form, or its file is not valid.
        """
        if on_conflict not in ("flag", "repair", "reask"):
            raise UsageError(
                f"There is no conflict policy `{on_conflict}`.", hint="Choose `flag`, `repair` or `reask`."
            )
        self.target = target or resolve_model(model)
        self._prompt = prompt
        if self.target.asks or prompt != DEFAULT_PROMPT:
            # Without a model, the default prompt is read where someone asks for it.
            _ = self.prompt
        self.on_conflict: ConflictPolicy = on_conflict
        if review_above is not None and not 0 <= review_above <= 1:
            raise UsageError(f"A risk is between 0 and 1, not {review_above:g}.", hint="Give `review_above=0.05`.")
        self.redact = redact
        self.review_above = review_above
        self.form = choose_form(form) if isinstance(form, (str, Path)) else form
        self._mask: Callable[[str], str] = redacted if redact else str
        self.concurrency = concurrency or self.target.concurrency
        self.rpm = rpm
        self.tpm = tpm
        self._transport = transport
        self._client: Client | None = None
        self._stack: AsyncExitStack | None = None
        self._background: BackgroundLoop | None = None
        self._closed = False
        # Calls of `extract` outside `with`.
        self._calls_alone = 0

    @cached_property
    def prompt(self) -> Prompt:
        """The prompt version."""
        prompt = load_prompt(self._prompt)
        if {"form", "heading"} & prompt.asks.keys():
            raise PromptError(
                f"Prompt `{prompt.name}` asks where a letter's parts are, and not for its record.",
                hint="Name another prompt: the program uses this one by itself, for letters in unknown forms.",
            )
        return prompt

    def __repr__(self) -> str:
        state = "open" if self._stack else "closed" if self._closed else "not open"
        return f"Extractor({self.model!r}, prompt={self.prompt.name!r}, on_conflict={self.on_conflict!r}, {state})"

    @property
    def model(self) -> str:
        """The model as it was given or chosen, or `none`."""
        return self.target.name

    @property
    def letters_at_a_time(self) -> int:
        """How many letters are worked on at a time: somewhat more than calls, so that no call waits for reading."""
        return self.concurrency + self.concurrency // 4 + 1

    def share(self, of: int) -> Extractor:
        """A copy that is not open, for one of `of` extractors that share the limits; of each it gets at least 1."""
        part = copy(self)
        part._client = part._stack = part._background = None
        part._closed = False
        part.concurrency = max(1, self.concurrency // of)
        part.rpm = self.rpm and max(1, self.rpm // of)
        part.tpm = self.tpm and max(1, self.tpm // of)
        return part

    def __enter__(self) -> Self:
        self._background = BackgroundLoop()
        try:
            self._background.run(self.__aenter__())
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that `with` opened; closing twice does no harm."""
        background, self._background = self._background, None
        self._closed = True
        if background is not None:
            with background:
                background.run(self.aclose())

    async def __aenter__(self) -> Self:
        stack = AsyncExitStack()
        try:
            self._client = await self._open(stack)
        except BaseException:
            await stack.aclose()
            raise
        self._stack, self._closed = stack, False
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections that `async with` opened; closing twice does no harm."""
        stack, self._stack, self._client = self._stack, None, None
        self._closed = True
        if stack is not None:
            await stack.aclose()

    async def _open(self, stack: AsyncExitStack) -> Client | None:
        target = self.target
        if not target.asks:
            return None
        if target.embedded and target.base_url is None:
            from imrllm.llm.server import EmbeddedServer

            target = target.at(stack.enter_context(EmbeddedServer()).base_url)
        http = HttpTransport(
            target, concurrency=self.concurrency, rpm=self.rpm, tpm=self.tpm, by_httpx2=self._transport is not None
        )
        await stack.enter_async_context(http)
        return Client(target, self._transport(http) if self._transport else http)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Extractor, BackgroundLoop]]:
        """This extractor and its event loop; for one call outside `with`, a copy with a loop of its own."""
        if self._background is not None:
            yield self, self._background
            return
        self._refuse_if_closed()
        if self._stack is not None:
            raise UsageError("The extractor was opened with `async with`.", hint="Use `aextract` and `astream` there.")
        with self.share(1) as single, single._opened() as opened:
            yield opened

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise closed_error()

    def extract(self, document: Document | Unreadable) -> Result:
        """Read one document. If that fails, the result's status is `failed` and its `error` says why.

        A third call outside `with` warns that a loop of them opens the model or the connection each time.

        Raises:
            TypeError: it is no document.
            ModelUnavailableError: the model cannot be reached or refuses the key: no document can succeed.
            CassetteError: answers are replayed, and those for this document are not recorded.
            UsageError: the extractor is closed, or was opened with `async with`.
        """
        refuse_other(document)
        if not self.target.asks:
            self._refuse_if_closed()
            with document_span() as note:
                result = read_without_model(document, self.review_above, self.form)
                if note:
                    note(span_attributes(result))
            return result
        if self._background is None and not self._closed:
            self._calls_alone += 1
            if self._calls_alone == _LOOP:
                warn_of_reopening(embedded=self.target.embedded)
        with self._opened() as (opened, loop):
            return loop.run(opened.aextract(document))

    def stream(self, documents: Iterable[Document | Unreadable]) -> Generator[Result]:
        """Read many documents concurrently.

        The documents are taken one by one, as calls become free: memory does not grow with their number. With a model
        they are read in a thread.

        Yields:
            One result for each document, as they finish.

        Raises:
            ImrllmError: as `extract`.
        """
        refuse_single(documents)
        if not self.target.asks:
            for document in documents:
                yield self.extract(document)
            return
        with self._opened() as (opened, loop):
            results = opened.astream(documents)

            async def following() -> Result | None:
                return await anext(results, None)

            async def leave() -> None:
                await results.aclose()

            try:
                while (result := loop.run(following())) is not None:
                    yield result
            finally:
                # After the `with` block has ended, the closed loop has ended the stream already.
                with suppress(UsageError):
                    loop.run(leave())

    def read_form(self, document: Document) -> ReadLetter:
        """Ask the model where the parts of one letter are, whatever its form, and read its values.

        Raises:
            NotALetterError: the text supports no item that the model quotes.
            ImrllmError: the model could not be asked.
            UsageError: there is no model, or the extractor is closed.
        """
        with self._opened() as (opened, loop):
            return loop.run(opened._reader(ResultBuilder(document)).quoted(document))

    async def aextract(self, document: Document | Unreadable) -> Result:
        """Read one document, within `async with`; as `extract` does."""
        self._refuse_if_closed()
        if not self.target.asks:
            return self.extract(document)
        # A batch reads each letter twice: to send its questions, and again to read their answers.
        if self.target.batched:
            return await self._asked(document)
        with document_span() as note:
            result = await self._asked(document)
            if note:
                note(span_attributes(result))
        return result

    async def _asked(self, document: Document | Unreadable) -> Result:
        """Read one document with the model."""
        builder = ResultBuilder(document, self.model, self.prompt)
        reader = self._reader(builder)
        try:
            letter = await reader.read(document, self.review_above, self.form)
        except (CassetteError, ModelUnavailableError):
            raise
        except ImrllmError as error:
            return builder.failed(error)
        (result,) = await self._settled(letter, builder, self.on_conflict)
        return result

    async def areadouts(self, document: Document | Unreadable) -> Readouts:
        """Read one document in three ways, within `async with`: by the model, by the grammar, and as `extract` does."""
        self._refuse_if_closed()
        if not self.target.asks:
            alone = ResultBuilder(document)
            try:
                result = alone.by_grammar(read_in_full(document, self.review_above, self.form))
            except ImrllmError as error:
                result = alone.failed(error)
            return Readouts(None, result, result, alone.candidates, signals=alone.signals)
        builder, by_grammar = ResultBuilder(document, self.model, self.prompt), ResultBuilder(document)
        reader = self._reader(builder)
        try:
            letter = await reader.read(document, self.review_above, self.form)
        except (CassetteError, ModelUnavailableError):
            raise
        except ImrllmError as error:
            failed = builder.failed(error)
            return Readouts(failed, by_grammar.failed(error), failed)
        grammar = by_grammar.by_grammar(letter)
        model, resolved = await self._settled(letter, builder, "flag", self.on_conflict)
        return Readouts(model, grammar, resolved, builder.candidates, builder.asked, builder.signals)

    def astream(self, documents: Iterable[Document | Unreadable]) -> AsyncGenerator[Result]:
        """Read many documents concurrently, within `async with`; as `stream` does."""
        return self._streamed(documents, self.aextract)

    def astream_readouts(self, documents: Iterable[Document | Unreadable]) -> AsyncGenerator[Readouts]:
        """Read many documents in three ways each, within `async with`; as `stream` does."""
        return self._streamed(documents, self.areadouts)

    async def _streamed(
        self,
        documents: Iterable[Document | Unreadable],
        read: Callable[[Document | Unreadable], Coroutine[object, object, T]],
    ) -> AsyncGenerator[T]:
        if not self.target.asks:
            for document in documents:
                yield await read(document)
            return
        async with aclosing(map_concurrent(documents, read, self.letters_at_a_time)) as outcomes:
            async for outcome in outcomes:
                yield outcome

    @property
    def _open_client(self) -> Client:
        if self._client is None:
            raise UsageError("The extractor is not open.", hint="Write `async with Extractor(...) as extractor:`.")
        return self._client

    def _reader(self, builder: ResultBuilder) -> FormReader:
        return FormReader(self._open_client, self.prompt.name, self._mask, builder.spent)

    async def _settled(
        self, letter: ReadLetter, builder: ResultBuilder, *policies: ConflictPolicy
    ) -> tuple[Result, ...]:
        """Ask about one letter, and settle the answers by each policy in turn."""
        arbitration = letter.arbitration(self.model, self.prompt)
        calls = LetterCalls(
            letter, arbitration, self._open_client, self.prompt, self.on_conflict, self._mask, builder.spent
        )
        try:
            with error_boundary(letter.document):
                answers = await calls.answers()
                builder.asked = answers.asked
                resolved = [answers.resolve(letter, policy, arbitration) for policy in policies]
        except (CassetteError, ModelUnavailableError):
            raise
        except ImrllmError as error:
            return (builder.failed(error),) * len(policies)
        lacking = answers.failures[0] if answers.failures else None
        return tuple(builder.result(each, lacking) for each in resolved)
