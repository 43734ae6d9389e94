"""What a row of the table says: of a file, a letter, a model's server, a batch, or a run that is killed.

To add a case, add a row to one of the tables: its tests and its line in `docs/survives.md` come from the row alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from imrllm.documents import Columns
from imrllm.documents.columns import PLAIN
from tests.batch.standin import Fault, Outcome
from tests.llm.standin import Reply


@dataclass(frozen=True)
class FileCase:
    """A file that is damaged, is not what it says, or is made to harm. It stands between two good letters.

    Attributes:
        name: what is wrong with it.
        make: makes its bytes.
        file: its name.
        read: by id, the text of each letter that is read all the same; or how many letters are, at least.
        refused: by id, part of what is said of each that cannot be read.
        hint: part of the hint of each refusal.
        line: of a table's row that cannot be read, the number of its line.
        put: makes the file at its path, where bytes are not enough, such as a link or a folder.
        columns: the columns that the user names.
        unread: whether it is refused by its size, before its bytes are read and hashed.
        either: whether it may be read or refused, as long as one of the two comes within the time.
        seconds: of processor that reading may take.
        skipped: why this machine cannot try it; an empty text where it can.
    """

    name: str
    make: Callable[[], bytes] = bytes
    file: str = "a.txt"
    read: Mapping[str, str] | int = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""
    line: int | None = None
    put: Callable[[Path], object] | None = None
    columns: Columns = PLAIN
    unread: bool = False
    either: bool = False
    seconds: float = 20.0
    skipped: str = ""

    @property
    def outcome(self) -> str:
        """What happens, for the page."""
        if self.either:
            return f"read or refused within {self.seconds:g} s"
        read = self.read if isinstance(self.read, int) else len(self.read)
        parts = [f"{'at least ' if isinstance(self.read, int) else ''}{read} read"] if read else []
        said = list(dict.fromkeys(self.refused.values()))
        return "; ".join(
            [*parts, *(f"refused: \u201c\u2026 {each} \u2026\u201d" if each else "refused" for each in said)]
        )


@dataclass(frozen=True)
class LetterCase:
    """A letter that tries to be more than text; its typed values are those of the harmless letter.

    Attributes:
        name: what is in it.
        parts: the parts of its item that differ from the harmless letter's.
        doubt: the JSON Pointer at which a check must say that something is in doubt; None if nothing is.
    """

    name: str
    parts: Mapping[str, str]
    doubt: str | None = None

    @property
    def outcome(self) -> str:
        """What happens, for the page."""
        return f"right values, to review at `{self.doubt}`" if self.doubt else "right values, status `ok`"


@dataclass(frozen=True)
class ServerCase:
    """What a model's server does to one letter while it answers another well; each takes one call.

    Attributes:
        name: what goes wrong.
        script: the answers before the right one.
        calls: HTTP requests that the letter costs.
        waited: seconds that the program waits, by its own clock; where any, up to one more for each call.
        error: the type of the error in the letter's row; "" where it is read as if nothing had been.
        said: what the user is told of it.
        stops: the run ends at once; the letter has no row, and only what was done before is in the file.
    """

    name: str
    script: tuple[Reply, ...]
    calls: int
    waited: int = 0
    error: str = ""
    said: str = ""
    stops: bool = False

    @property
    def outcome(self) -> str:
        """What happens, for the page."""
        if self.stops:
            return f"the run ends: \u201c\u2026 {self.said} \u2026\u201d"
        waited = f", {self.waited} s of waiting" if self.waited else ""
        requests = f"{self.calls} request{'s' if self.calls > 1 else ''}{waited}"
        return f"row with `{self.error}`; {requests}" if self.error else f"read; {requests}"


@dataclass(frozen=True)
class BatchCase:
    """How a batch of requests ends once; the next one ends well.

    Attributes:
        name: what goes wrong.
        batch: what the provider returns.
        again: whether requests have to be sent in a second batch.
        nothing: whether no answer of the first batch can be used.
    """

    name: str
    batch: Outcome
    again: bool = False
    nothing: bool = False

    @property
    def outcome(self) -> str:
        """What happens, for the page."""
        resent = "all requests are" if self.nothing else "what is missing is" if self.again else "nothing is"
        return f"rows as those of `extract`; {resent} sent again"


@dataclass(frozen=True)
class BatchForGoodCase:
    """How every batch ends, so that an answer never comes.

    Attributes:
        name: what goes wrong.
        batch: what the provider returns.
        said: part of the error in each row.
    """

    name: str
    batch: Outcome
    said: str

    @property
    def outcome(self) -> str:
        """What happens, for the page."""
        return f"after three batches, rows with `TransientModelError` ({self.said})"


@dataclass(frozen=True)
class StepCase:
    """What happens to one request of a batch run: upload, creation, status, download or deletion.

    Attributes:
        name: what goes wrong.
        fault: what the server does; its `when` is set to each step in turn.
    """

    name: str
    fault: Fault

    @property
    def outcome(self) -> str:
        """What happens, for the page."""
        return "tried again; one batch, no file left, rows as those of `extract`"


@dataclass(frozen=True)
class SettingsCase:
    """A file that a user or a program wrote: a prompt, a form, a suite, a cassette, settings.

    Attributes:
        name: what is wrong with it.
        kind: which file it is.
        text: what stands in it.
        said: part of the error.
    """

    name: str
    kind: str
    text: str
    said: str

    @property
    def outcome(self) -> str:
        """What happens, for the page."""
        return f"refused: \u201c\u2026 {self.said} \u2026\u201d"


@dataclass(frozen=True)
class PropertyCase:
    """What is tried on many inputs, by a test of its own.

    Attributes:
        name: what goes wrong.
        outcome: what happens.
        test: the test, as pytest names it.
    """

    name: str
    outcome: str
    test: str


Case = FileCase | LetterCase | ServerCase | BatchCase | BatchForGoodCase | StepCase | SettingsCase | PropertyCase
