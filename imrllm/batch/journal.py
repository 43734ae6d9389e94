"""The journal of a batch run: what it was about to do at the provider, and what it has done.

The journal is in a folder beside the results (`.batch/`), one JSON object per line, each on disk before the run goes
on. The plan of a batch is written before the batch is created, and its id afterwards: a run that was killed between
the two finds the batch by its planned name. The journal holds no letter text. Its file does not end in `.jsonl`, so
that it is not read as letters.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from imrllm.batch.windows import Window
from imrllm.errors import StoreError, UsageError
from imrllm.store import Manifest
from imrllm.store.files import append_line, reporting

if TYPE_CHECKING:
    from io import FileIO

TOO_MANY_TOKENS = "token_limit_exceeded"


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)


class Begun(_Event):
    """The run: its inputs, its settings and its server.

    Attributes:
        run: a random name; it is part of all names at the provider.
        manifest: the settings that its rows are made with.
        prompt: the prompt, as given to the extractor.
        inputs: the inputs' absolute paths.
        limit: the maximum number of letters; None is all.
        max_enqueued_tokens: the limit of waiting input tokens; None for no limit.
        address: host and port of the provider.
        form: the form that is tried first: a known form's name, or its file's absolute path.
    """

    event: Literal["begun"] = "begun"
    run: str
    manifest: Manifest
    prompt: str
    inputs: tuple[str, ...]
    limit: int | None
    max_enqueued_tokens: int | None
    address: str
    form: str | None = None

    @property
    def names(self) -> str:
        """What the names of all of its batches begin with."""
        return f"imrllm-{self.run}-"

    def batch_name(self, number: int) -> str:
        """The name of a batch and its input file at the provider."""
        return f"{self.names}{number}"

    def differences(self, other: Begun) -> list[str]:
        """How another run differs from this one, in words."""
        found = self.manifest.differences(other.manifest)
        if other.manifest.shard != self.manifest.shard:
            found.append("another shard")
        if (other.inputs, other.limit) != (self.inputs, self.limit):
            found.append("other inputs")
        if other.address != self.address:
            found.append(f"the server {other.address}, not {self.address}")
        return found


class Asked(_Event):
    """The requests of a batch about one letter."""

    sha256: str
    requests: tuple[str, ...]


class Planned(_Event):
    """A batch is about to be created."""

    event: Literal["planned"] = "planned"
    batch: int
    tokens: int
    documents: dict[str, Asked]


class Created(_Event):
    """The batch has been created at the provider, under this id.

    Attributes:
        doubtful: whether an earlier try may have created it too.
    """

    event: Literal["created"] = "created"
    batch: int
    id: str
    input_file: str
    doubtful: bool = False


class Dropped(_Event):
    """The batch seems never to have been created, and will not be."""

    event: Literal["dropped"] = "dropped"
    batch: int


class Ended(_Event):
    """The batch has ended; its answers are beside the journal, and its files at the provider are still there."""

    event: Literal["ended"] = "ended"
    batch: int
    status: str
    codes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class Cleaned(_Event):
    """The batch's files have been deleted at the provider."""

    event: Literal["cleaned"] = "cleaned"
    batch: int


class Cancelled(_Event):
    """The run is to end: its batches are being cancelled at the provider, and nothing more is sent."""

    event: Literal["cancelled"] = "cancelled"


Event = Begun | Planned | Created | Dropped | Ended | Cleaned | Cancelled
_EVENTS: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="event")])


@dataclass(slots=True)
class Batch:
    """The known state of one batch.

    Attributes:
        number: within the run, from 1.
        tokens: estimated input tokens.
        documents: ids of its letters that have no row yet.
        id: its id at the provider; None until it is known.
        ended: how it ended; None while it is under way.
        cleaned: whether its files have been deleted at the provider.
    """

    number: int
    tokens: int
    requests: int
    documents: set[str]
    id: str | None = None
    ended: Ended | None = None
    cleaned: bool = False


@dataclass(slots=True)
class Request:
    """One request: how often it was sent, and the last batch that it was sent with."""

    batch: int
    tries: int = 1


@dataclass(slots=True)
class OpenLetter:
    """A letter whose requests were sent and that has no row yet."""

    sha256: str
    requests: dict[str, Request] = field(default_factory=dict)


class Journal:
    """A run's journal, and the state that its events add up to.

    Attributes:
        begun: the run.
        batches: all batches that are or were at the provider, by number.
        letters: the letters whose requests were sent and that have no row yet, by id.
        window: the limit of tokens that wait at the provider.
        last: the highest number of a planned batch.
        doubtful: whether the provider may have batches of this run that it did not show when they were looked for.
        cancelled: whether the run was cancelled.
    """

    begun: Begun
    window: Window

    def __init__(
        self, folder: Path, begun: Begun | None = None, *, done: Callable[[str, str], bool] | None = None
    ) -> None:
        """Open a journal, or begin one.

        Args:
            folder: holds the journal.
            begun: the run, if it may be new; its journal may exist already.
            done: whether a letter of an id and a hash has a row. If None, nothing on disk is changed.

        Raises:
            UsageError: there is no journal, and `begun` is None.
            StoreError: the journal cannot be read or written, or is another run's.
        """
        self.folder = folder
        self.batches: dict[int, Batch] = {}
        self.letters: dict[str, OpenLetter] = {}
        self.last = 0
        self.doubtful = self.cancelled = False
        self._done = done or (lambda *_: False)
        self._file: FileIO | None = None
        self._path = folder / "journal.ndjson"
        with reporting(self._path):
            if begun is not None:
                folder.mkdir(exist_ok=True)
            elif not self._path.exists():
                results = folder.with_suffix("").name
                raise UsageError(f"`{results}` has no batches under way.", hint="Begin with `imrllm batch submit`.")
            if done is not None:
                self._file = self._path.open("a+b", buffering=0)
        try:
            with reporting(self._path):
                self._load()
            self._begin(begun)
        except BaseException:
            self.close()
            raise

    def _begin(self, begun: Begun | None) -> None:
        if not hasattr(self, "begun"):
            if begun is None:
                raise UsageError(f"`{self.folder.name}` holds no run yet.", hint="Run `imrllm batch submit` again.")
            self.write(begun)
        elif begun is not None and (differences := begun.differences(self.begun)):
            raise StoreError(
                f"`{self.folder.name}` holds batches of a run with {' and '.join(differences)}.",
                hint="Fetch them with `imrllm batch collect`, or name another results file.",
            )

    @property
    def under_way(self) -> list[Batch]:
        """The batches that have not ended, by number."""
        return [batch for batch in self.batches.values() if batch.ended is None]

    def write(self, event: Event) -> None:
        """Write an event. When this returns, the event is on disk.

        Raises:
            StoreError: the disk cannot be written; the journal then ends with the event before.
        """
        if self._file is None:
            raise StoreError(f"`{self._path.name}` is not open for writing.")
        with reporting(self._path):
            append_line(self._file, event.model_dump_json().encode() + b"\n", synced=True)
        self._apply(event)

    def settled(self, document_id: str) -> list[Batch]:
        """Note that a letter has a row, and return the batches whose letters all have rows now."""
        letter = self.letters.pop(document_id, None)
        finished = []
        # The requests of a letter that was sent again remember only the last batch.
        for batch in self.batches.values() if letter else ():
            if document_id in batch.documents:
                batch.documents.discard(document_id)
                if not batch.documents:
                    finished.append(batch)
        return finished

    def close(self) -> None:
        """Close the file. Closing twice does no harm."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """Delete the journal and its folder when the run is complete."""
        with reporting(self.folder):
            self._path.unlink(missing_ok=True)
            with suppress(OSError):
                self.folder.rmdir()

    def _load(self) -> None:
        with self._path.open("rb") as lines:
            offset = 0
            for number, line in enumerate(lines, 1):
                # The last line may be cut off: nothing was done after it.
                if not line.endswith(b"\n"):
                    if self._file is not None:
                        self._file.truncate(offset)
                    return
                try:
                    self._apply(_EVENTS.validate_json(line))
                except (ValidationError, KeyError):
                    raise StoreError(
                        f"`{self._path}` line {number} is not a line of a journal.", hint="Restore the file."
                    ) from None
                offset += len(line)

    def _apply(self, event: Event) -> None:
        if isinstance(event, Begun):
            self.begun = event
            self.window = Window(event.max_enqueued_tokens)
        elif isinstance(event, Planned):
            self._plan(event)
        elif isinstance(event, Cancelled):
            self.cancelled = True
        elif isinstance(event, Dropped):
            self.doubtful = True
            batch = self.batches.pop(event.batch)
            self.window.ended(batch.tokens)
            self._untried(batch)
        else:
            batch = self.batches[event.batch]
            if isinstance(event, Created):
                batch.id = event.id
                self.doubtful |= event.doubtful
            elif isinstance(event, Cleaned):
                batch.cleaned = True
            else:
                batch.ended = event
                refused = TOO_MANY_TOKENS in event.codes
                self.window.ended(batch.tokens, refused=refused, completed=event.status == "completed")
                if refused:
                    # The letters were not tried.
                    self._untried(batch)

    def _plan(self, planned: Planned) -> None:
        waiting = {name: asked for name, asked in planned.documents.items() if not self._done(name, asked.sha256)}
        requests = sum(len(asked.requests) for asked in planned.documents.values())
        self.batches[planned.batch] = Batch(planned.batch, planned.tokens, requests, set(waiting))
        self.last = max(self.last, planned.batch)
        self.window.sent(planned.tokens)
        for name, asked in waiting.items():
            letter = self.letters.setdefault(name, OpenLetter(asked.sha256))
            for request in asked.requests:
                before = letter.requests.get(request)
                letter.requests[request] = Request(planned.batch, before.tries + 1 if before else 1)

    def _untried(self, batch: Batch) -> None:
        """Subtract a batch from the tries of its letters."""
        for name in batch.documents & self.letters.keys():
            requests = self.letters[name].requests
            for request, asked in list(requests.items()):
                if asked.batch == batch.number:
                    asked.tries -= 1
                    if not asked.tries:
                        del requests[request]
            if not requests:
                del self.letters[name]

    def is_out(self, letter: OpenLetter) -> bool:
        """Whether a request of a letter is with a batch that has not ended."""
        return any(
            request.batch in self.batches and self.batches[request.batch].ended is None
            for request in letter.requests.values()
        )
