"""Measures the deterministic pass on one core: letters per second, compared with LangExtract's aligner, and by length.

Run: pip install "langextract>=1.7"; python benchmarks/library.py [--rounds 5]

The letters are those of evals/written and evals/wordings. imrllm finds a letter's parts, reads every value from the
text and checks the record. LangExtract's aligner receives the record's text values and finds their positions. Both
take turns on the same letters, and the median round counts. Then one letter grows item by item up to 5 MB.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from imrllm import Extractor
from imrllm.documents import Document, read_documents
from imrllm.letter import read_letter

EVALS = Path(__file__).resolve().parent.parent / "evals"
LETTERS = (EVALS / "written" / "letters", EVALS / "wordings" / "letters")
# Lengths of the growing letter, in characters.
LENGTHS = (50_000, 500_000, 5_000_000)


def printed(value: Any) -> Iterator[str]:
    """The text values of a record, which the aligner has to find again."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from printed(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from printed(inner)
    elif isinstance(value, str) and value:
        yield value


def aligner() -> Callable[[str, list[str]], object] | None:
    """LangExtract's aligner over one text and its values; None where it is not installed."""
    if find_spec("langextract") is None:
        return None
    from absl import logging
    from langextract.core.data import Extraction
    from langextract.resolver import WordAligner

    logging.set_verbosity(logging.ERROR)

    def align(text: str, values: list[str]) -> object:
        extractions = [Extraction(extraction_class="value", extraction_text=value) for value in values]
        return WordAligner().align_extractions([extractions], text)

    return align


def seconds(job: Callable[[], object]) -> float:
    """Processor time of one run of a job."""
    started = time.process_time()
    job()
    return time.process_time() - started


def lengthened(document: Document, length: int) -> Document:
    """The letter with its last disputed item repeated until it has a length, in characters, or nearly."""
    parts = read_letter(document.text)
    item = document.text[parts.folded.source_offset(parts.items[-1].heading[0]) :].rstrip() + "\n\n"
    body = document.text.rstrip() + "\n\n"
    return Document.from_text(body + item * ((length - len(body)) // len(item)), document.id)


def main() -> None:
    """Measure both, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each reads the letters")
    rounds = parser.parse_args().rounds
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    documents = [each for each in read_documents([str(folder) for folder in LETTERS]) if isinstance(each, Document)]
    if not documents:
        sys.exit(f"no letters under {EVALS}")
    extractor = Extractor("none")
    records = {document.id: extractor.extract(document).record for document in documents}
    wanted = {
        name: list(printed(record.model_dump(mode="json", exclude={"document_id"})))
        for name, record in records.items()
        if record
    }
    jobs: dict[str, Callable[[], object]] = {"imrllm": lambda: [extractor.extract(each) for each in documents]}
    if align := aligner():
        jobs["LangExtract"] = lambda: [align(each.text, wanted[each.id]) for each in documents]
    took: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            took[name].append(seconds(job))
    average = sum(len(each.text) for each in documents) // len(documents)
    values = sum(map(len, wanted.values()))
    print(f"{len(documents)} letters, {average:,} characters on average, {values:,} text values; one core")
    medians = {name: statistics.median(each) for name, each in took.items()}
    for name, median in medians.items():
        print(f"{name:12} {len(documents) / median:8.1f} letters/s  {median / len(documents) * 1000:8.2f} ms a letter")
    if align:
        print(f"{'ratio':12} {medians['LangExtract'] / medians['imrllm']:8.1f}")
    else:
        print("LangExtract is not installed: `pip install langextract` to compare.")
    for length in LENGTHS:
        document = lengthened(documents[0], length)
        spent = seconds(lambda document=document: extractor.extract(document))
        print(
            f"{len(document.text):>11,} characters  {spent:8.2f} s  {spent / len(document.text) * 1e6:8.2f} s a million"
        )


if __name__ == "__main__":
    main()
