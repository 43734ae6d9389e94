"""Damages PDFs and counts what is refused, read as before, and changed in silence, by pypdf alone and by the program.

Run: python -m benchmarks.damage [--documents FOLDER] [--files 20] [--each 20] [--seed 1]

Without a folder, the PDFs are written by the tests' own makers. Texts are compared word by word with that of the whole
file. A change in silence is listed with the file, the damage and its seed. The exit code is 1 if the program reads a
changed text where pypdf alone does not.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from unittest.mock import patch

from imrllm.documents import pdf
from imrllm.errors import DocumentError
from tests.documents.damage import DAMAGES
from tests.documents.published import published
from tests.letters import SUMMARY, Item, letter

Reader = Callable[..., pdf.PdfText]
OUTCOMES = ("refused", "same", "changed")
_LINES_OF_A_PAGE = 45


def made(count: int) -> dict[str, bytes]:
    """PDFs of invented letters, by name; every other one is not encrypted."""
    files = {}
    for number in range(count):
        item = Item("Norco 10/325mg #120", rationale="No gain was recorded. It is not medically necessary. " * 20)
        lines = [
            line[at : at + 90]
            for line in letter(item, summary=SUMMARY).split("\n")
            for at in range(0, len(line) + 1, 90)
        ]
        pages = ["\n".join(lines[at : at + _LINES_OF_A_PAGE]) for at in range(0, len(lines), _LINES_OF_A_PAGE)]
        files[f"made-{number}"] = published(pages, encrypted=number % 2 == 0)
    return files


def by_pypdf(data: bytes, *, name: str) -> pdf.PdfText:
    """The text by pypdf, which is not asked what it repaired."""
    with patch.object(pdf, "has_silent_repairs", return_value=False):
        return pdf.pypdf_text(data, name=name)


def outcome(read: Reader, data: bytes, words: list[str]) -> str:
    """What comes of a damaged file whose whole text has these words."""
    try:
        return "same" if read(data, name="a").text.split() == words else "changed"
    except DocumentError:
        return "refused"


def damaged(files: Mapping[str, bytes], each: int, seed: int) -> tuple[dict[str, dict[str, Counter[str]]], list[str]]:
    """Damage each file in each way; outcomes by damage, for pypdf alone and for the program, and changes in silence."""
    counts = {kind: {"pypdf": Counter[str](), "program": Counter[str]()} for kind in DAMAGES}
    silent: list[str] = []
    for name, data in files.items():
        words = pdf.pdf_text(data, name=name).text.split()
        for kind, damage in DAMAGES.items():
            for number in range(each):
                one = damage(data, random.Random(f"{seed} {name} {kind} {number}"))
                if one == data:
                    continue
                before = outcome(by_pypdf, one, words)
                intact = pdf.intact_text(one)
                # The program refuses all that pypdf does.
                after = before if intact is None and before == "refused" else outcome(pdf.pdf_text, one, words)
                counts[kind]["pypdf"][before] += 1
                counts[kind]["program"][after] += 1
                if "changed" in (before, after) or (before == "refused" and after != before):
                    silent.append(f"{name}: {kind} {number}: pypdf {before}, program {after}")
    return counts, silent


def main() -> None:
    """Damage all, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=Path, help="a folder of PDFs; default: made by the tests")
    parser.add_argument("--files", type=int, default=20, help="how many of them, spread over the folder")
    parser.add_argument("--each", type=int, default=20, help="damaged copies of each file for each kind of damage")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="list each change in silence, and what only pypdf refuses")
    given = parser.parse_args()
    if given.documents:
        paths = sorted(given.documents.glob("*.pdf"))
        chosen = paths[:: max(1, len(paths) // given.files)][: given.files]
        files = {path.stem: path.read_bytes() for path in chosen}
    else:
        files = made(given.files)
    if not files:
        sys.exit("no PDFs there")
    started = time.process_time()
    counts, silent = damaged(files, given.each, given.seed)
    print(
        f"{len(files)} PDFs, {sum(kind['pypdf'].total() for kind in counts.values()):,} damaged copies, "
        f"{time.process_time() - started:.0f} s"
    )
    print(f"{'':40}{'pypdf alone':>24}  {'program':>24}")
    print(f"{'damage':40}" + "  ".join("".join(f"{name:>8}" for name in OUTCOMES) for _ in range(2)))
    total = {"pypdf": Counter[str](), "program": Counter[str]()}
    for kind, by in counts.items():
        print(f"{kind:40}" + "  ".join("".join(f"{by[who][name]:8,}" for name in OUTCOMES) for who in total))
        for who in total:
            total[who] += by[who]
    print(f"{'all':40}" + "  ".join("".join(f"{total[who][name]:8,}" for name in OUTCOMES) for who in total))
    if given.list:
        print(*silent, sep="\n")
    sys.exit(any(line.endswith("program changed") and "pypdf changed" not in line for line in silent))


if __name__ == "__main__":
    main()
