"""A seeded stream of texts that are no determination letter: what is on this machine, and what the tests write.

Texts of this machine (documentation, licenses, sources) are read where they are found and kept nowhere. A place that is
absent is left out: the rest is drawn from the others.
"""

from __future__ import annotations

import json
import random
import sys
import sysconfig
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from itertools import chain, islice
from pathlib import Path

from tests.letters import DIGEST, DISCLAIMER, HEADER, METHOD, NO_EVIDENCE, PAGES, SET_FORTH, SUMMARY, THREE, letter
from tests.other_texts import BRIEFS, OTHER_DECISIONS
from tests.other_texts import PAGES as WEB_PAGES

ROOT = Path(__file__).parent.parent
# Longest text, in characters: a determination is shorter, and the whole stream is read in seconds.
LONGEST = 12_000
PACKAGES = Path(sysconfig.get_paths()["purelib"])
# Where this machine has texts: a name, the folder and the patterns of its files.
PLACES: tuple[tuple[str, Path, tuple[str, ...]], ...] = (
    ("descriptions of packages", PACKAGES, ("*.dist-info/METADATA",)),
    ("licenses of packages", PACKAGES, ("*.dist-info/**/LICENSE*", "*.dist-info/**/COPYING*")),
    ("sources of packages", PACKAGES, ("pydantic/*.py", "rich/*.py", "hypothesis/*.py", "_pytest/*.py")),
    ("the standard library", Path(sysconfig.get_paths()["stdlib"]), ("*.py", "email/*.py", "json/*.py")),
    ("documentation of the system", Path("/usr/share/doc"), ("*/copyright", "*/README*")),
    ("licenses of the system", Path("/usr/share/common-licenses"), ("*",)),
    ("this project's code", ROOT / "imrllm", ("**/*.py", "**/*.txt", "**/*.toml")),
    ("this project's tests", ROOT / "tests", ("**/*.py", "**/*.txt")),
    ("this project's pages", ROOT, ("*.md", "docs/*.md", "prompts/*.md", "evals/**/*.md")),
    ("this project's gold", ROOT / "evals", ("**/gold/*.json",)),
)
# The fixed phrases of the known forms.
PHRASES = (
    *("HOW THE IMR FINAL DETERMINATION WAS MADE", "CLINICAL CASE SUMMARY", "IMR ISSUES, DECISIONS AND RATIONALES"),
    *("Claims Administrator guideline:", "MAXIMUS guideline:", "Decision rationale:", ": Upheld", ": Overturned"),
    *("Expert Reviewer guideline:", "The Expert Reviewer has the following credentials:", "Case Summary:"),
    *("State(s) of Licensure: California", "Certification(s)/Specialty: Family Medicine", "ISSUE AT DISPUTE:"),
    *("Documents Reviewed for Determination:", "Medical Qualifications of the Expert Reviewer:", "CASE SUMMARY:"),
    *("INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE", "RELIED UPON BY PROFESSIONAL REVIEWER AND WHY:"),
    *(HEADER, METHOD, DIGEST, DISCLAIMER, SET_FORTH, NO_EVIDENCE, PAGES),
)
WORDS = (
    *SUMMARY.split(),
    *(
        "the",
        "request",
        "for",
        "review",
        "upheld",
        "overturned",
        "denied",
        "medically",
        "necessary",
        "guideline",
        "not",
        "is",
    ),
    *(
        "decision",
        "rationale",
        "spine",
        "knee",
        "Norco",
        "60",
        "10/325mg",
        "number",
        "letter",
        "claims",
        "administrator",
    ),
)


def texts(seed: int = 1) -> Iterator[tuple[str, str]]:
    """Endless texts in turn of each group, each with the name of its group."""
    # Each group has chances of its own: what files a machine has does not change the texts that are made.
    chances = {name: random.Random(f"{seed} {name}") for name, *_ in (*PLACES, *MADE)}
    groups = {name: of_place(name, chances[name]) for name, _, _ in PLACES}
    groups |= {name: make(chances[name]) for name, make in MADE}
    while True:
        for name, group in groups.items():
            if text := next(group, None):
                yield name, text


def absent_places() -> list[str]:
    """The places that this machine does not have."""
    return [name for name, folder, patterns in PLACES if not any(folder.glob(each) for each in patterns)]


def of_place(name: str, chance: random.Random) -> Iterator[str]:
    """The texts of a place, each once, in random order; a long one as a stretch from a random line."""
    folder, patterns = next((folder, patterns) for each, folder, patterns in PLACES if each == name)
    paths = sorted({path for each in patterns for path in folder.glob(each) if path.is_file()})
    chance.shuffle(paths)
    for path in paths:
        text = path.read_text(encoding="utf-8", errors="replace").replace("\x00", " ")
        if is_letter(path):
            continue
        start = chance.randrange(max(1, len(text) - LONGEST))
        yield text[start : start + LONGEST] or "."


def is_letter(path: Path) -> bool:
    """Whether a file of this project is one of the letters written for it."""
    return path.parent.name == "letters" and "evals" in path.parts


def mails(chance: random.Random) -> Iterator[str]:
    """Mails about determinations, some of which quote phrases of the form."""
    while True:
        mail = EmailMessage()
        mail["From"], mail["To"] = "a@example.org", "b@example.org"
        mail["Subject"] = chance.choice(("IMR decision", "Fwd: Final Determination", "lunch", "Re: records"))
        lines = [" ".join(chance.choices(WORDS, k=chance.randint(4, 14))) + "." for _ in range(chance.randint(1, 12))]
        lines += [f"> {phrase}" for phrase in chance.sample(PHRASES[:5], k=chance.randint(0, 3))]
        chance.shuffle(lines)
        mail.set_content("\n".join(lines))
        yield mail.as_string()


def word_salad(chance: random.Random) -> Iterator[str]:
    """Random words of the field and of nothing."""
    while True:
        own = (
            list(WORDS)
            if chance.random() < 0.5
            else ["".join(chance.choices("etaoinshr .:\n", k=6)) for _ in range(40)]
        )
        yield " ".join(chance.choices(own, k=chance.randint(5, 400)))


def markup(chance: random.Random) -> Iterator[str]:
    """Pages, rows and tables with words of the field."""
    while True:
        rows = [[" ".join(chance.choices(WORDS, k=3)) for _ in range(4)] for _ in range(chance.randint(2, 20))]
        kind = chance.choice(("html", "csv", "json", "xml"))
        if kind == "json":
            yield json.dumps([dict(zip(("id", "decision", "rationale", "text"), row, strict=True)) for row in rows])
        elif kind == "csv":
            yield "\n".join(",".join(row) for row in [["id", "decision", "rationale", "outcome"], *rows])
        else:
            cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
            yield f"<{kind}><table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table></{kind}>"


def other_decisions(chance: random.Random) -> Iterator[str]:
    """Other decisions, forms and briefs with their sentences in other order, lost, repeated or in capitals."""
    while True:
        for _, text in chance.sample([*OTHER_DECISIONS, *WEB_PAGES, *BRIEFS], k=10):
            sentences = text.replace("\n", " ").split(". ")
            kept = chance.sample(sentences, k=chance.randint(max(1, len(sentences) - 2), len(sentences)))
            kept += chance.choices(sentences, k=chance.randint(0, 2))
            changed = ". ".join(kept)
            yield chance.choice((changed, changed.upper(), changed.replace(". ", ".\n\n"), f"{changed}\n{SUMMARY}"))


def shuffled_phrases(chance: random.Random) -> Iterator[str]:
    """The form's own phrases in random order, with words of requests between some of them."""
    while True:
        phrases = chance.sample(PHRASES, k=chance.randint(3, len(PHRASES)))
        filler = (
            [" ".join(chance.choices(WORDS, k=chance.randint(1, 8))) for _ in phrases] if chance.random() < 0.5 else []
        )
        pieces = [*phrases, *filler]
        chance.shuffle(pieces)
        yield chance.choice(("\n", "\n\n", " ")).join(pieces)


def without_items(chance: random.Random) -> Iterator[str]:
    """Letters whose disputed items were removed or are headings alone."""
    while True:
        whole = letter(*THREE, period=chance.choice(("2014", "2016")), header=chance.random() < 0.5)
        head = whole.partition(THREE[0].heading.split(" ")[0] + " 10")[0]
        tail = chance.choice(
            ("", "\n".join(item.heading for item in THREE), "\n".join(item.rationale or "" for item in THREE), SUMMARY)
        )
        cut = chance.randrange(len(head) // 2, len(head))
        yield f"{head[:cut] if chance.random() < 0.5 else head}\n{tail}"


MADE: tuple[tuple[str, Callable[[random.Random], Iterator[str]]], ...] = (
    ("mails", mails),
    ("words", word_salad),
    ("markup", markup),
    ("other decisions", other_decisions),
    ("phrases in random order", shuffled_phrases),
    ("letters without items", without_items),
)

if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    sys.stdout.write("\n=====\n".join(chain(text for _, text in islice(texts(), count))))
