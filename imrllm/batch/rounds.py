"""A batch run in rounds: fetch the batches that ended, write the rows they complete, send the next requests."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Self

from imrllm.batch.answers import Answers, Reply
from imrllm.batch.endpoints import Endpoints, ProviderBatch
from imrllm.batch.journal import (
    TOO_MANY_TOKENS,
    Asked,
    Batch,
    Begun,
    Cancelled,
    Cleaned,
    Created,
    Dropped,
    Ended,
    Journal,
    OpenLetter,
    Planned,
)
from imrllm.batch.requests import custom_id, input_tokens, request_line
from imrllm.batch.status import target_of
from imrllm.batch.transport import BatchTransport
from imrllm.batch.windows import FileSize
from imrllm.documents import Document, Shard, Unreadable, read_documents
from imrllm.errors import DocumentError, StoreError, UsageError
from imrllm.letter import starts_by
from imrllm.llm import ModelTarget, RetryPolicy
from imrllm.pipeline import Extractor
from imrllm.records import Result
from imrllm.running.run import without_output
from imrllm.store import ResultsFile, manifest_of
from imrllm.store.files import batch_folder
from imrllm.store.resume import skips


class _Draft:
    """A batch being filled. Its file has no name, so that no letter text remains if the process is killed."""

    def __init__(self) -> None:
        self.size = FileSize()
        self.documents: dict[str, Asked] = {}
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - closed after the batch is sent

    def add(self, document_id: str, sha256: str, lines: dict[str, bytes], tokens: int) -> None:
        self.file.writelines(lines.values())
        self.size.add(len(lines), sum(map(len, lines.values())), tokens)
        self.documents[document_id] = Asked(sha256=sha256, requests=tuple(lines))


class BatchRun:
    """An open batch run. It is an async context manager; `open_run` makes it.

    Attributes:
        journal: the state of its batches.
        ids: ids of the documents that the last round read, in input order.
        complete: whether the last round read all documents and nothing is left to do.
        absent: letters that batches answered but the last round did not find among the inputs.
        full: whether letters wait for batches to end, as of the last round.
        notes: a short sentence for each batch that the last round found ended.
        before: documents of which the last round found a row, by its status.
        unread: documents without a row, as of the last round.
    """

    def __init__(
        self,
        journal: Journal,
        results: ResultsFile,
        output: Path,
        extractor: Callable[[BatchTransport], Extractor],
        target: ModelTarget,
        endpoints: Endpoints,
    ) -> None:
        """Prepare a run with its open journal and results; `output` is the results file as given."""
        self.journal = journal
        self.ids: list[str] = []
        self.complete = False
        self.absent: list[str] = []
        self.notes: list[str] = []
        self.before: Counter[str] = Counter()
        self.full = False
        self.unread = 0
        # Those that are cancelled and cleaned: the provider lists them for ever.
        self._strays: set[str] = set()
        self._refused = False
        self._results = results
        self._output = output
        self._transport = BatchTransport(target)
        self._extractor = extractor(self._transport)
        self._endpoints = endpoints
        self._answers = Answers(journal.folder)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for batch in self.journal.batches.values():
            if batch.documents:
                self._answers.load(batch.number)
            else:
                self._answers.drop(batch.number)
        await self._stack.enter_async_context(self._endpoints)
        await self._stack.enter_async_context(self._extractor)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def round(self, *, fetch: bool) -> AsyncGenerator[Result]:
        """Go one round.

        Args:
            fetch: first ask which batches have ended, and fetch their answers.

        Yields:
            The rows that can be made, each after it is written.

        Raises:
            UsageError: more is to be sent, but the run was cancelled.
            ImrllmError: the provider or the disk fails. The next round continues.
        """
        if self.journal.cancelled and not fetch:
            raise UsageError(
                f"The batches of `{self._output.name}` are being cancelled.",
                hint=f"Fetch what was answered with `imrllm batch collect {self._output} --wait`, then submit again.",
            )
        self.complete, self._refused, self.absent, self.notes = False, False, [], []
        await self._recover()
        if fetch:
            await self._end_strays()
            for batch in self.journal.under_way:
                await self._fetch(batch)
        for batch in list(self.journal.batches.values()):
            await self._clean(batch)
        async for result in self._through():
            yield result

    async def cancel(self) -> None:
        """Cancel the run's batches at the provider; the rounds after it fetch what was answered, and send nothing.

        The run is complete when all batches have ended. A letter whose calls were not all answered has no row then;
        the next run with the same results file reads it.

        Raises:
            ImrllmError: the provider or the disk fails. The next call continues.
        """
        await self._recover()
        if not self.journal.cancelled:
            self.journal.write(Cancelled())
        for batch in self.journal.under_way:
            await self._endpoints.cancel(batch.id or "")

    @property
    def left(self) -> str:
        """A description of what is left to do."""
        waiting = self.journal.under_way
        if self.journal.cancelled:
            return f"{len(waiting):,} batches are being cancelled; the provider may take 10 minutes."
        requests = sum(batch.requests for batch in waiting)
        left = [f"{len(waiting):,} batches with {requests:,} requests are under way."]
        if self.full:
            left.append("More letters go out as they end.")
        if self.absent:
            shown = ", ".join(f"`{name}`" for name in self.absent[:5])
            more = f" and {len(self.absent) - 5:,} more" if len(self.absent) > 5 else ""
            left.append(f"Sent, but no longer among the inputs: {shown}{more}.")
        return " ".join(left)

    async def _recover(self) -> None:
        """Find the batches that an interrupted run was about to create."""
        for batch in self.journal.under_way:
            if batch.id is not None:
                continue
            name = self.journal.begun.batch_name(batch.number)
            found = await self._endpoints.find(name)
            if found is not None:
                self.journal.write(Created(batch=batch.number, id=found.id, input_file=found.input_file))
            else:
                await self._endpoints.discard(name)
                self.journal.write(Dropped(batch=batch.number))

    async def _end_strays(self) -> None:
        """Cancel batches whose creation was cut off and that the provider listed only after they were sent again."""
        if not self.journal.doubtful:
            return
        known = {batch.id for batch in self.journal.batches.values()}
        for batch in await self._endpoints.named(self.journal.begun.names):
            if batch.id in known | self._strays:
                continue
            state = await self._endpoints.cancel(batch.id)
            for file in state.results if state.ended else ():
                await self._endpoints.delete(file)
            if state.ended:
                self._strays.add(batch.id)
            self.notes.append(f"A batch that was created twice is {state.status}: its creation had been cut off.")

    async def _fetch(self, batch: Batch) -> None:
        """Fetch a batch that has ended. Its answers are on disk before the journal says so."""
        state = await self._endpoints.retrieve(batch.id or "")
        if not state.ended:
            return
        files = [await self._whole(state, file) for file in (state.output_file, state.error_file) if file]
        answered = self._answers.keep(batch.number, files, self._expected(batch))
        self.journal.write(Ended(batch=batch.number, status=state.status, codes=state.codes, files=state.files))
        self._refused |= TOO_MANY_TOKENS in state.codes
        codes = "".join(f", `{code}`" for code in state.codes[:5])
        self.notes.append(f"Batch {batch.number} {state.status}{codes}: {answered:,} of {batch.requests:,} answered.")

    async def _whole(self, state: ProviderBatch, file: str) -> bytes:
        """A file's content. If the download was cut off silently, it is repeated once."""
        expected = state.completed if file == state.output_file else state.failed
        content = await self._endpoints.download(file)
        if content.count(b"\n") + (not content.endswith(b"\n")) < expected:
            content = max(content, await self._endpoints.download(file), key=len)
        return content

    def _expected(self, batch: Batch) -> set[str]:
        letters = self.journal.letters
        return {
            custom_id(name, request)
            for name in batch.documents & letters.keys()
            for request, asked in letters[name].requests.items()
            if asked.batch == batch.number
        }

    async def _clean(self, batch: Batch) -> None:
        """Delete an ended batch's files at the provider."""
        if batch.ended is None or batch.cleaned:
            return
        for file in batch.ended.files:
            await self._endpoints.delete(file)
        self.journal.write(Cleaned(batch=batch.number))
        if not batch.documents:
            self._answers.drop(batch.number)

    async def _through(self) -> AsyncGenerator[Result]:
        """Go through the inputs: write the answered letters' rows, and send the others until no more fit."""
        self.ids, self.before = [], Counter()
        # Batches that were just refused for too many tokens wait for the next round.
        self.full = self._refused or self.journal.cancelled
        self.unread = 0
        due = {name for name, letter in self.journal.letters.items() if not self.journal.is_out(letter)}
        draft = _Draft()
        try:
            for document in self._documents():
                if self.full and not due and not self.journal.cancelled:
                    break
                await asyncio.sleep(0)
                self.ids.append(document.id)
                if skips(document, self, self._results):
                    # Its row may be of other bytes than were sent.
                    self._settled(document.id)
                    due.discard(document.id)
                    continue
                letter = self.journal.letters.get(document.id)
                self.unread += 1
                if letter is None and self.full:
                    continue
                if letter is not None:
                    if document.id not in due or (isinstance(document, Unreadable) and document.sha256 is None):
                        continue
                    due.discard(document.id)
                result = await self._read(document, letter)
                if result is not None:
                    self._results.append(result)
                    self._settled(document.id)
                    self.unread -= 1
                    yield result
                    continue
                draft = await self._ask(document, draft)
            else:
                self.absent = sorted(due)
                left = self.full or draft.documents or self.journal.letters or self.journal.under_way
                self.complete = not (self.journal.under_way if self.journal.cancelled else left)
                if self.complete:
                    # A cancelled run may have answers left of letters that lack others.
                    for number in list(self.journal.batches):
                        self._answers.drop(number)
            if draft.documents:
                await self._send(draft)
        finally:
            draft.file.close()

    def _documents(self) -> Iterator[Document | Unreadable]:
        """The run's documents, read again from its inputs."""
        begun = self.journal.begun
        part = Shard.parse(begun.manifest.shard) if begun.manifest.shard else None
        starts = starts_by(self._extractor.form)
        documents = read_documents(begun.inputs, shard=part, letter_starts=starts, columns=begun.manifest.columns)
        return islice(without_output(self._output, documents), begun.limit)

    async def _read(self, document: Document | Unreadable, letter: OpenLetter | None) -> Result | None:
        """A document's row, or None if more requests must be answered first."""
        requests = letter.requests if letter else {}

        def reply(name: str) -> Reply | None:
            if name not in requests:
                return None
            found = self._answers.find(custom_id(document.id, name))
            batch = self.journal.batches.get(requests[name].batch)
            if found is None and batch is not None and batch.ended is not None:
                # No line is about this request, so the status of the whole batch counts.
                return Reply(0, {"code": (*batch.ended.codes, f"batch_{batch.ended.status}")[0]})
            return found

        self._transport.begin_letter(reply, lambda name: requests[name].tries if name in requests else 0)
        if letter is not None and document.sha256 != letter.sha256:
            error = DocumentError(
                f"`{document.id}` has changed since it was sent.",
                hint="Restore it, or run `imrllm extract --retry-failed` when the batches are done.",
            )
            document = Unreadable(document.id, document.source, error, document.sha256)
        result = await self._extractor.aextract(document)
        return None if self._transport.wanted else result

    def _settled(self, document_id: str) -> None:
        for batch in self.journal.settled(document_id):
            if batch.cleaned:
                self._answers.drop(batch.number)

    async def _ask(self, document: Document | Unreadable, draft: _Draft) -> _Draft:
        """Add a letter's open requests to a batch, if there is room, and return the batch to fill next."""
        wanted = self._transport.wanted
        tokens = sum(map(input_tokens, wanted.values()))
        window = self.journal.window
        if self.full or not window.has_room(tokens, draft.size.tokens):
            self.full = True
            return draft
        lines = {name: request_line(document.id, name, body) for name, body in wanted.items()}
        if not draft.size.has_room(len(lines), sum(map(len, lines.values())), tokens, window):
            await self._send(draft)
            draft.file.close()
            draft = _Draft()
        draft.add(document.id, document.sha256 or "", lines, tokens)
        return draft

    async def _send(self, draft: _Draft) -> None:
        number = self.journal.last + 1
        self.journal.write(Planned(batch=number, tokens=draft.size.tokens, documents=draft.documents))
        state, doubtful = await self._endpoints.create(self.journal.begun.batch_name(number), draft.file)
        self.journal.write(Created(batch=number, id=state.id, input_file=state.input_file, doubtful=doubtful))


@contextmanager
def open_run(
    output: Path,
    begun: Begun | None = None,
    *,
    retry: RetryPolicy | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Iterator[BatchRun]:
    """Open a run with its results file and its journal. The journal is removed when the run is complete.

    Args:
        output: the results file.
        begun: the run, if it may be new.
        retry: as for `HttpTransport`, like `sleep`.
        sleep: waits between tries.

    Raises:
        UsageError: there is no run to resume, or its model's address has changed.
        StoreError: another run has the files open, or made them with other settings.
    """
    begun_there = begun or Journal(batch_folder(output)).begun
    target = target_of(begun_there)
    manifest = begun_there.manifest

    def extractor(transport: BatchTransport) -> Extractor:
        return Extractor(
            prompt=begun_there.prompt,
            on_conflict=manifest.on_conflict or "repair",
            redact=manifest.redact,
            review_above=manifest.review_above,
            form=begun_there.form,
            target=target,
            transport=lambda _: transport,
        )

    part = Shard.parse(manifest.shard) if manifest.shard else None
    now = manifest_of(extractor(BatchTransport(target)), shard=part, columns=manifest.columns)
    if manifest.differences(now):
        raise StoreError(
            f"The batches of `{output.name}` were made with {' and '.join(now.differences(manifest))}.",
            hint="Collect them with the same version, prompt and form.",
        )
    with ExitStack() as stack:
        results = stack.enter_context(ResultsFile(output, manifest))
        journal = Journal(batch_folder(output), begun, done=results.done)
        stack.callback(journal.close)
        run = BatchRun(journal, results, output, extractor, target, Endpoints(target, retry=retry, sleep=sleep))
        yield run
        if run.complete:
            results.arrange(run.ids)
    if run.complete:
        # Not before the rows are on disk.
        journal.remove()
