"""Compares other text extractors on the same letters: lists every value that differs from the program's own reading.

Run: pip install "imrllm[evals]" pdfminer.six; python benchmarks/extractors.py FOLDER

Each PDF in the folder is read as in the program (by PDFium where it is known to be intact), by pypdf alone, by
pdfminer.six if it is installed and by PDFium as it is, then once with doubled line breaks and once as a single line, as
other tools write texts. Values are compared as in the scorer. At the end stands how many letters the program read by
PDFium, and the processor time of each reader for a letter.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from imrllm import Document, Extractor
from imrllm.documents.pdf import intact_text, pdf_text, pypdf_text
from imrllm.evals import score


def by_pdfminer(data: bytes) -> str:
    """The text by pdfminer.six."""
    from pdfminer.high_level import extract_text

    return str(extract_text(BytesIO(data)))


def by_pdfium(data: bytes) -> str:
    """The text by PDFium, as it is."""
    import pypdfium2

    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))


READERS: dict[str, Callable[[bytes], str]] = {
    "program": lambda data: pdf_text(data, name="a").text,
    "pypdf": lambda data: pypdf_text(data, name="a").text,
    "pdfium": by_pdfium,
}
if find_spec("pdfminer"):
    READERS["pdfminer"] = by_pdfminer


def texts(data: bytes, seconds: dict[str, float]) -> Iterator[tuple[str, str]]:
    """A PDF's text by each extractor, the program's own first; adds each one's processor time."""
    own = ""
    for name, reader in READERS.items():
        started = time.process_time()
        text = reader(data)
        seconds[name] += time.process_time() - started
        own = own or text
        yield name, text
    yield "doubled breaks", own.replace("\n", "\n\n")
    yield "one line", " ".join(own.split())


def read(extractor: Extractor, text: str, name: str) -> dict[str, Any] | None:
    """The record as JSON has it; None where the text is refused."""
    record = extractor.extract(Document.from_text(text, name)).record
    return record.model_dump(mode="json") if record else None


def main() -> None:
    """Read all, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a folder of letters as PDFs")
    files = sorted(parser.parse_args().folder.glob("*.pdf"))
    if not files:
        sys.exit("no PDFs there")
    # pdfminer warns about every encrypted file.
    logging.disable(logging.WARNING)
    extractor = Extractor("none")
    compared: Counter[str] = Counter()
    differing: Counter[str] = Counter()
    seconds = dict.fromkeys(READERS, 0.0)
    # The first reading loads the libraries.
    list(texts(files[0].read_bytes(), dict(seconds)))
    intact = 0
    for file in files:
        data = file.read_bytes()
        intact += intact_text(data) is not None
        (_, own), *others = texts(data, seconds)
        expected = read(extractor, own, file.stem)
        if expected is None:
            sys.exit(f"{file} is no letter")
        for name, text in others:
            for leaf in score(expected, read(extractor, text, file.stem)):
                compared[name] += 1
                if not leaf.exact:
                    differing[name] += 1
                    print(f"{name}: {file.stem} {leaf.path}: {json.dumps(leaf.gold)} -> {json.dumps(leaf.value)}")
    for name, count in compared.items():
        print(f"{name:15} {len(files)} letters, {count:,} values, {differing[name]} differ")
    print(f"{intact} of {len(files)} are known to be intact")
    for name, spent in seconds.items():
        print(f"{name:15} {1000 * spent / len(files):.1f} ms a letter")


if __name__ == "__main__":
    main()
