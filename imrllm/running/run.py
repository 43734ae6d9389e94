"""A whole run as one call: letters are read, checked and written, and an interrupted run resumes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, aclosing, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Literal, TypedDict, Unpack

from imrllm.concurrency import in_thread
from imrllm.documents import Columns, Document, Shard, Unreadable, read_documents
from imrllm.documents.letter_file import ReadHere
from imrllm.documents.missing import refuse_missing
from imrllm.errors import UsageError
from imrllm.estimates import Budget, Estimator
from imrllm.fetching import fetch
from imrllm.letter import ChosenForm, letter_starts, starts_by
from imrllm.pipeline import Extractor
from imrllm.pipeline.background_loop import BackgroundLoop
from imrllm.prompts import DEFAULT_PROMPT
from imrllm.reason_counts import ReasonCounts
from imrllm.records import ConflictPolicy, Result
from imrllm.running.fork_server import ForkServer
from imrllm.running.input_order import InputOrder
from imrllm.running.processes import PooledReading, processes_for, roles, stream_in_processes
from imrllm.running.rows import Row
from imrllm.running.starting import Starter
from imrllm.running.summary import RunSummary
from imrllm.running.total import Total
from imrllm.store import Partitions, ResultsFile, manifest_of
from imrllm.store.files import refuse_table_format, refuse_under_way
from imrllm.store.resume import SkipCounts, pending


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The model is loaded, and the first document is next. The run keeps adding to `summary`."""

    summary: RunSummary


@dataclass(frozen=True, slots=True)
class DocumentStarted:
    """A document has been read and goes to the extractor."""

    document_id: str


@dataclass(frozen=True, slots=True)
class DocumentFinished:
    """A document has its result, which the summary counts. A run with an output has written it."""

    row: Row

    @property
    def result(self) -> Result:
        """The result, built from its row each time that it is asked for."""
        return self.row.result


@dataclass(frozen=True, slots=True)
class NextResult:
    """The next result in input order, in a run without an output. An interrupted run passes on what it still holds."""

    row: Row

    @property
    def result(self) -> Result:
        """The result, built from its row each time that it is asked for."""
        return self.row.result


@dataclass(frozen=True, slots=True)
class PartitionFinished:
    """A worker of the engine `ray` has written a partition, which the summary counts."""

    number: int


Event = RunStarted | DocumentStarted | DocumentFinished | NextResult | PartitionFinished


class RunOptions(TypedDict, total=False):
    """The options of a run; each has a default.

    Attributes:
        model: as for `Extractor`, like `on_conflict`, `concurrency`, `rpm`, `tpm` and `redact`.
        prompt: the name of a prompt version or the path of a prompt file.
        on_conflict: `flag`, `repair` or `reask`.
        concurrency: the maximum number of concurrent calls.
        processes: how many processes share the work; by default what suits the model and the machine.
        rpm: the maximum number of requests a minute.
        tpm: the maximum number of tokens a minute.
        redact: mask identifiers in the text that is sent to the model.
        review_above: the risk above which a person is asked to look, 0 to 1; by default the calibration table's.
        form: a form of letters that is tried before the known ones: its file, or the name of a known form.
        text_column: the column (JSONL: the field) of a table that holds the text; by default `text`.
        id_column: the column that holds the id; by default `id`, if there is one.
        outcome_column: the column that holds the outcome of a decision, with the form `rationale`; by default none.
        ocr: recognize the text of scanned pages.
        allow_network: download inputs that are addresses.
        limit: the maximum number of documents to read.
        shard: the part of the documents to read, as `i/n`.
        fresh: drop the rows that the output has, instead of resuming.
        retry_failed: extract again the documents whose rows have status `failed`.
        max_cost: US dollars; no document is started that might make the run cost more.
        engine: `ray` spreads the run over a Ray cluster; the output is then a folder of Parquet partitions.
        workers: processes of the Ray cluster; by default its CPUs, but no more than concurrent calls.
        ray_address: a running Ray cluster; by default one on this machine that ends with the run.
    """

    model: str | None
    prompt: str | None
    on_conflict: ConflictPolicy
    concurrency: int | None
    processes: int | None
    rpm: int | None
    tpm: int | None
    redact: bool
    review_above: float | None
    form: str | Path | ChosenForm | None
    text_column: str | None
    id_column: str | None
    outcome_column: str | None
    ocr: bool
    allow_network: bool
    limit: int | None
    shard: str | None
    fresh: bool
    retry_failed: bool
    max_cost: float | None
    engine: Literal["ray"] | None
    workers: int | None
    ray_address: str | None


def run(
    inputs: str | Path | Iterable[str | Path],
    output: str | Path | None = None,
    *,
    on_event: Callable[[Event], None] | None = None,
    **options: Unpack[RunOptions],
) -> RunSummary:
    """Extract a checked record from each letter, as `imrllm extract` does. Works inside a running event loop.

    Args:
        inputs: one path or several, as for `read_documents`.
        output: the results file. The same call resumes an interrupted run. Without it, results go to `on_event` only.
        on_event: is called with each event; in another thread where this thread runs an event loop.
        options: see `RunOptions`.

    Returns:
        The counts of this run. Documents that could not be read or extracted count as `failed`.

    Raises:
        UsageError: an input or option is not valid, or `max_cost` is given for a model without a known price.
        StoreError: the output belongs to another run, is open elsewhere, or cannot be written.
        ModelUnavailableError: the model cannot be reached.
    """
    return Run(inputs, output, **options).execute(on_event)


class Run:
    """A run that is ready to start.

    Attributes:
        inputs: the inputs as given.
        output: the results file, or with the engine `ray` the results folder.
        options: the options as given.
        columns: the columns to read of tables.
        extractor: extracts the records; not open.
        documents: the documents to read, each read when its turn comes.
        manifest: how the run makes its rows.
        summary: the counts so far.
        total: how many documents there are; `total.start()` counts them.
    """

    def __init__(
        self,
        inputs: str | Path | Iterable[str | Path],
        output: str | Path | None = None,
        **options: Unpack[RunOptions],
    ) -> None:
        """Check the options; no document is read and no file written yet.

        Raises:
            UsageError: as `run`.
            PromptError: the prompt does not exist.
            FormError: the form does not exist, or its file is not valid.
            StoreError: the output belongs to a run by batches that is under way.
        """
        if unknown := options.keys() - RunOptions.__annotations__.keys():
            raise TypeError(f"a run has no option `{min(unknown)}`")
        for name in ("concurrency", "processes", "rpm", "tpm", "limit", "workers"):
            value = options.get(name)
            if isinstance(value, int) and value < 1:
                raise UsageError(f"`{name}` is {value}, and must be at least 1.")
        shard, max_cost = options.get("shard"), options.get("max_cost")
        part = None if shard is None else Shard.parse(shard)
        given = [inputs] if isinstance(inputs, (str, Path)) else list(inputs)
        self.inputs = [str(each) for each in given]
        self.output = None if output is None else Path(output)
        self.options = options
        self.summary = RunSummary()
        if self.output is not None:
            refuse_table_format(self.output)
            refuse_input(self.output, self.inputs)
            refuse_under_way(self.output)
        self.extractor = Extractor(
            model=options.get("model"),
            prompt=options.get("prompt") or DEFAULT_PROMPT,
            on_conflict=options.get("on_conflict", "repair"),
            concurrency=options.get("concurrency"),
            rpm=options.get("rpm"),
            tpm=options.get("tpm"),
            redact=options.get("redact", False),
            review_above=options.get("review_above"),
            form=options.get("form"),
        )
        self.columns = Columns(options.get("text_column"), options.get("id_column"), options.get("outcome_column"))
        refuse_outcome(self.columns, self.extractor)
        refuse_missing(self.inputs)
        download = fetch if options.get("allow_network") else None
        starts = starts_by(self.extractor.form)
        self._reading = PooledReading(ReadHere(starts or letter_starts, options.get("ocr", False)))
        self._starter: Starter | None = None
        documents = read_documents(
            given,
            shard=part,
            letter_starts=starts,
            ocr=options.get("ocr", False),
            fetch=download,
            note=self.summary.remarks.add,
            columns=self.columns,
            reading=self._reading,
        )
        if self.output is not None:
            documents = without_output(self.output, documents)
        limit = options.get("limit")
        self.total = Total(self.inputs, self.columns, part, limit, self.output)
        documents = self.total.noting(_noting_twins(documents, self.summary.remarks))
        self.documents = islice(documents, limit)
        self.manifest = manifest_of(self.extractor, shard=part, inputs=self.inputs, columns=self.columns)
        self._budget = None
        if max_cost is not None:
            self._budget = Budget(
                max_cost, Estimator(self.extractor.target, self.extractor.prompt, self.extractor.form)
            )
        if options.get("engine"):
            from imrllm.running.ray import refuse_options

            refuse_options(self)

    def pending(self, counts: SkipCounts) -> Iterator[Document | Unreadable]:
        """The documents that this run would not skip; changes no file.

        Args:
            counts: counts the documents that it would skip.

        Raises:
            StoreError: the run would refuse the output.
        """
        if self.output is None:
            return self.documents
        rows = Partitions if self.options.get("engine") else ResultsFile
        return pending(self.documents, counts, rows(self.output, self.manifest, look=True, **self._begin))

    def fork_from(self, server: ForkServer) -> None:
        """Let this run's processes be forks, which cost little, so that also the first file is read in one.

        Args:
            server: forks them, see `fork_early`; the run closes it. Without one, processes are fresh Pythons.
        """
        # Where the server is gone, processes are fresh Pythons.
        with suppress(OSError):
            server.take(roles(self.extractor, self._reading.here, self._processes))
            self._starter = server

    @property
    def _processes(self) -> int:
        return self.options.get("processes") or processes_for(self.extractor)

    @property
    def _begin(self) -> dict[str, bool]:
        return {"fresh": self.options.get("fresh", False), "retry_failed": self.options.get("retry_failed", False)}

    def execute(self, on_event: Callable[[Event], None] | None = None) -> RunSummary:
        """Run once; see `run`."""
        if self.options.get("engine"):
            from imrllm.running.ray import run_on_ray

            return run_on_ray(self, on_event or _ignore)
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(self.aexecute(on_event))
        with BackgroundLoop() as background:
            return background.run(self.aexecute(on_event))

    async def aexecute(self, on_event: Callable[[Event], None] | None = None) -> RunSummary:
        """Run once, asynchronously; see `run`."""
        if self.options.get("engine"):
            return await in_thread(lambda: self.execute(on_event))
        emit = on_event or _ignore
        extractor, summary, budget = self.extractor, self.summary, self._budget
        with ExitStack() as stack:
            if self._starter is not None:
                stack.callback(self._starter.close)
            documents: Iterator[Document | Unreadable]
            write: Callable[[Row], None]
            if self.output is None:
                order = InputOrder(lambda row: emit(NextResult(row)))
                stack.callback(order.flush)
                write = order.add
                documents = _noting(self.documents, order.expect)
            else:
                # The output can refuse the run, so it is opened before the model is loaded.
                file = stack.enter_context(ResultsFile(self.output, self.manifest, **self._begin))
                ids: list[str] = []
                stack.push(lambda kind, *_: file.arrange(ids) if kind is None else None)
                write = partial(_append, file)
                documents = pending(_noting(self.documents, ids.append), summary, file)
            if budget is not None:
                documents = budget.within(documents)
            documents = _noting(documents, lambda document_id: emit(DocumentStarted(document_id)))
            async with extractor:
                emit(RunStarted(summary))
                stream = stream_in_processes(extractor, documents, self._processes, self._reading, self._starter)
                async with aclosing(stream) as rows:
                    async for row in rows:
                        write(row)
                        summary.include(row.counts)
                        if budget is not None:
                            budget.settle(row.document_id, row.counts.cost)
                        emit(DocumentFinished(row))
                        # Without a model nothing here ever waits, and only a task that waits can be interrupted.
                        await asyncio.sleep(0)
            summary.budget_reached = budget is not None and budget.reached
        return summary


def refuse_outcome(columns: Columns, extractor: Extractor) -> None:
    """Refuse a column of outcomes for whole letters, which print their outcomes themselves.

    Raises:
        UsageError: there is one, and the form is not `rationale`.
    """
    if columns.outcome and not (extractor.form and extractor.form.is_rationale):
        raise UsageError("`--outcome-column` is only for texts that are a rationale.", hint="Add `--form rationale`.")


def refuse_input(output: Path, inputs: Iterable[str]) -> None:
    """Refuse a results file that is also an input.

    Raises:
        UsageError: it is.
    """
    if any(Path(given).resolve() == output.resolve() for given in inputs if given != "-"):
        raise UsageError(f"`{output}` is both an input and the results file.", hint="Name another file with `-o`.")


def without_output(output: Path, documents: Iterable[Document | Unreadable]) -> Iterator[Document | Unreadable]:
    """Leave out the results file if it is in an input folder, so that the run does not read its own rows."""
    own = output.resolve()
    for document in documents:
        if own.name in document.source:
            # A JSONL row's source ends in its line number.
            file, _, line = document.source.rpartition(":")
            if own in (Path(document.source).resolve(), Path(file).resolve() if line.isdecimal() else None):
                continue
        yield document


def _append(file: ResultsFile, row: Row) -> None:
    file.append_row(row.document_id, row.json)


def _noting(
    documents: Iterable[Document | Unreadable], note: Callable[[str], object]
) -> Iterator[Document | Unreadable]:
    for document in documents:
        note(document.id)
        yield document


def _noting_twins(documents: Iterable[Document | Unreadable], remarks: ReasonCounts) -> Iterator[Document | Unreadable]:
    """Note each document whose bytes an earlier one has too; holds eight bytes of each hash in memory."""
    seen: set[bytes] = set()
    for document in documents:
        if isinstance(document, Document):
            key = bytes.fromhex(document.sha256[:16])
            if key in seen:
                remarks.add(document.id, "given twice: another document has the same bytes, and both are counted")
            seen.add(key)
        yield document


def _ignore(event: Event) -> None:
    pass
