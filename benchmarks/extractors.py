"""Compares other text extractors on the same letters: lists every value that differs from the program's own reading.

Run: pip install "imrllm[evals]" pdfminer.six pypdfium2; python benchmarks/extractors.py FOLDER

Each PDF in the folder is read with pypdf (as in the program), pdfminer.six and pdfium, then once with doubled line
breaks and once as a single line, as other tools write texts. Values are compared as in the scorer.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from imrllm import Document, Extractor
from imrllm.documents.pdf import pdf_text
from imrllm.evals import score


def texts(data: bytes, name: str) -> Iterator[tuple[str, str]]:
    """A PDF's text by each extractor, the program's own first."""
    import pypdfium2
    from pdfminer.high_level import extract_text

    own = pdf_text(data, name=name)[0]
    yield "pypdf", own
    yield "pdfminer", extract_text(BytesIO(data))
    yield "pdfium", "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))
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
    for file in files:
        (_, own), *others = texts(file.read_bytes(), file.name)
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


if __name__ == "__main__":
    main()
