"""The command line run in this process, with a pipeline that answers at once."""

from __future__ import annotations

import io
import sys
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Self

import pytest

import imrllm
from imrllm.cli import main
from imrllm.documents import Document, Unreadable
from imrllm.llm import resolve_model
from imrllm.records import (
    Check,
    ClinicalSummary,
    Determination,
    Failure,
    InjuredWorker,
    LetterHeader,
    Provenance,
    Result,
    Reviewer,
    Usage,
)

Run = Callable[..., "Ran"]


@dataclass(frozen=True)
class Ran:
    """What one run of the command line did."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `imrllm` with some arguments in an empty folder, which lies beside the tests' files."""
    empty = tmp_path / "here"
    empty.mkdir()
    monkeypatch.chdir(empty)

    def run(*arguments: str | Path, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["imrllm", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capfd.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)

    return run


def read(document: Document | Unreadable, *, model: str, prompt_sha256: str | None = None) -> Result:
    """The row that the stand-in makes of a document: to review where its text says `conflict`."""
    sha256 = document.sha256
    provenance = Provenance(model=model, version=imrllm.__version__, sha256=sha256, prompt_sha256=prompt_sha256)
    if isinstance(document, Unreadable):
        error = Failure(type=type(document.error).__name__, message=f"{document.error} {document.error.hint}")
        return Result(document_id=document.id, status="failed", error=error, provenance=provenance)
    conflict = "conflict" in document.text
    return Result(
        document_id=document.id,
        status="review" if conflict else "ok",
        record=Determination(
            document_id=document.id,
            letter=LetterHeader(),
            reviewer=Reviewer(),
            injured_worker=InjuredWorker(),
            clinical_summary=ClinicalSummary(),
            disputed_items=(),
        ),
        checks=(Check(pointer="/injured_worker/age", status="conflict" if conflict else "confirmed"),),
        provenance=provenance.model_copy(update={"usage": Usage(calls=1, input_tokens=10, output_tokens=2)}),
    )


class StandIn:
    """An `Extractor` that finishes every second document before the one ahead of it.

    Attributes:
        made: the options of each one made.
        breaks: what to raise in place of a document's row, by the document's id.
    """

    made: list[dict[str, Any]]
    breaks: dict[str, BaseException]

    def __init__(self, **options: Any) -> None:
        self.made.append(options)
        self.target = resolve_model(options["model"])
        self.model = self.target.name
        self.concurrency = options["concurrency"] or 1
        self.on_conflict, self.redact = options["on_conflict"], options["redact"]
        self.review_above, self.form = options["review_above"], None
        # Nothing is wrong with it, and it has no turns.
        self.prompt = SimpleNamespace(
            name=options["prompt"], sha256=options["prompt"] * 4, problems=(), turns=dict[str, Any]
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def astream(self, documents: Iterable[Document | Unreadable]) -> AsyncGenerator[Result]:
        held: list[Document | Unreadable] = []
        for document in documents:
            held.append(document)
            if len(held) == 2:
                yield self._row(held.pop())
                yield self._row(held.pop())
        for document in held:
            yield self._row(document)

    def _row(self, document: Document | Unreadable) -> Result:
        if document.id in self.breaks:
            raise self.breaks[document.id]
        return read(document, model=self.model, prompt_sha256=None if self.model == "none" else self.prompt.sha256)


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> type[StandIn]:
    """Put the stand-in where the pipeline is."""

    class Own(StandIn):
        pass

    Own.made, Own.breaks = [], {}

    def check_record(document: Document | Unreadable, record: Determination | None, form: object) -> Result:
        return read(document, model="none")

    # Imported with the real pipeline, which it is to keep after this test.
    from imrllm import checking

    monkeypatch.setattr(checking, "check_record", check_record)
    module = ModuleType("imrllm.pipeline")
    monkeypatch.setattr("imrllm.running.run.Extractor", Own)
    module.Extractor = Own  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "imrllm.pipeline", module)
    # Not `setattr`: to put it back it would ask for what is there, and the package would import it from the stand-in.
    monkeypatch.setitem(vars(imrllm), "pipeline", module)
    monkeypatch.setitem(vars(imrllm), "Extractor", Own)
    return Own


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    """A folder of five letters, `a` to `e`; `c` is one to review."""
    folder = tmp_path / "letters"
    folder.mkdir()
    for name in "abcde":
        (folder / f"{name}.txt").write_text(f"letter {name} {'conflict' if name == 'c' else ''}")
    return folder
