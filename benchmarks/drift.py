"""How letters in unknown forms are read: letters of known forms, printed in other ones, with the same gold.

    python benchmarks/drift.py                          # without a model, wordings for development
    python benchmarks/drift.py --held-out               # wordings that nothing was developed on
    python benchmarks/drift.py --kinds slips tables     # some kinds of drift
    python benchmarks/drift.py --model standin-bad      # the parts by the quotes of a stand-in for a weak model
    python benchmarks/drift.py public --documents letters/ --letters 0

A table by kind of drift. `read` and `refused` count letters. `found` is the share of the disputed items that the rows
have, `invented` counts items that the letters do not have. Of the items found, `decided` is the share whose decision is
right, and `cut` the share whose rationale begins and ends as the letter's does. `fields` is the share of typed values
that are right in letters that were read. `ok` counts letters of which a person is not asked to look at anything;
`wrong` counts items, typed values and cuts that are wrong in those and right in the unchanged letter. `doubts` counts
letters of which a check says that a heading, a label or an outcome was not found by the form's own words.

Stand-ins answer where the parts of a letter are, for letters that no form reads: `standin-good` quotes them well,
`standin-bad` with slips, gaps and swapped outcomes, `standin-malicious` invents items, flips outcomes and quotes
instructions. `local` and any other model string ask a model.

Letters that are not of labeled paragraphs (2014 to 2017), or whose items the reader does not find as the gold has them,
are left out; the second line says how many.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from itertools import chain, islice
from pathlib import Path

from imrllm.evals.drift import ALL_KINDS, UNCHANGED, DriftTally, LabeledPieces, labeled_pieces, measure, read_by_grammar
from imrllm.evals.drift.quoting import MANNERS
from imrllm.evals.drift.standins import reading_by_model, reading_with
from imrllm.suites import load_suite

_TITLES = ("read", "refused", "items", "found", "invented", "decided", "cut", "fields", "ok", "wrong", "doubts")
_NUMBERS = re.compile(r"/[0-9]+")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", default=["written", "wordings"], help="default: written wordings")
    parser.add_argument("--documents", type=Path, help="a folder with letters that suites do not include")
    parser.add_argument("--letters", type=int, default=20, help="how many letters, from each suite in turn; 0 for all")
    parser.add_argument(
        "--kinds",
        nargs="+",
        choices=ALL_KINDS,
        default=list(ALL_KINDS),
        metavar="KIND",
        help=f"kinds of drift: {', '.join(ALL_KINDS)}",
    )
    parser.add_argument("--held-out", action="store_true", help="use the wordings that nothing was developed on")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same letters")
    parser.add_argument("--errors", action="store_true", help="name the fields and letters of what is wrong in ok rows")
    parser.add_argument("--model", default="none", help=f"none, {', '.join(MANNERS)}, local, or a model string")
    options = parser.parse_args()

    letters, left_out = _letters(options.suites, options.documents)
    chosen = dict(islice(letters.items(), options.letters or None))
    half = "held out" if options.held_out else "seen"
    if options.model == "none":
        read = read_by_grammar
    elif options.model in MANNERS:
        read = reading_with(options.model, options.seed)
    else:
        read = reading_by_model(options.model)
    print(f"{len(chosen)} letters, model {options.model}, wordings {half}, seed {options.seed}")
    print(f"left out: {left_out} of another form")
    print(f"{'kind':<19}" + "".join(f"{title:>9}" for title in _TITLES))
    known = next(measure(chosen, [UNCHANGED], options.seed, half, read_by_grammar)).wrong
    for tally in measure(chosen, options.kinds, options.seed, half, read):
        wrong = tally.wrong_if_ok(known)
        print(_row(tally, len(wrong)), flush=True)
        if tally.refused:
            print("    refused: " + ", ".join(f"{count} {error}" for error, count in tally.refused.most_common()))
        if options.errors and wrong:
            fields = Counter(_NUMBERS.sub("", pointer) for _, pointer in wrong)
            print("    wrong: " + ", ".join(f"{count} {field}" for field, count in fields.most_common()))
            print("    letters: " + ", ".join(sorted({document for document, _ in wrong})))


def _letters(suites: list[str], documents: Path | None) -> tuple[dict[str, LabeledPieces], int]:
    """The letters that can be printed anew, one of each suite in turn, and how many cannot."""
    by_suite, left_out = [], 0
    for suite in map(load_suite, suites):
        found, others = labeled_pieces(suite.letters(documents).found, suite.gold)
        by_suite.append(list(found.items()))
        left_out += len(others)
    longest = max(map(len, by_suite), default=0)
    in_turn = chain.from_iterable(each[n : n + 1] for n in range(longest) for each in by_suite)
    return dict(in_turn), left_out


def _row(tally: DriftTally, wrong: int) -> str:
    found = tally.total("found")
    cells = (
        tally.read,
        tally.refused.total(),
        tally.total("items"),
        _share(found, tally.total("items")),
        tally.total("invented"),
        _share(tally.total("decided"), found),
        _share(tally.total("rationales"), found),
        _share(tally.total("right"), tally.total("values")),
        tally.total("is_ok"),
        wrong,
        tally.total("doubts"),
    )
    return f"{tally.kind:<19}" + "".join(f"{cell:>9}" for cell in cells)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


if __name__ == "__main__":
    main()
