"""The README: short, true to the repository, and first what a new reader looks for."""

from __future__ import annotations

import re

from tests.docs.shown import REPOSITORY, console_lines

README = REPOSITORY / "README.md"
TEXT = README.read_text(encoding="utf-8")


def test_it_is_short() -> None:
    assert TEXT.count("\n") <= 250


def test_its_first_lines_say_what_it_is_for_and_whose_letters() -> None:
    opening = " ".join(TEXT.partition("\n## ")[0].split())
    for words in ("California workers' compensation", "DWC", "MAXIMUS", "health plans", "tables"):
        assert words in opening, words
    assert opening.count("![") == 2, "a picture of the review page and of a report"


def test_five_commands_lead_from_pdf_to_table() -> None:
    lines = console_lines(README)[:5]
    assert [re.sub(r"^imrllm ", "", line).split()[0] for line in lines[1:]] == ["extract", "report", "view", "export"]
    assert lines[0].startswith("make install")
    assert "--by drug_class,guideline" in lines[2]


def test_what_it_links_to_is_there() -> None:
    targets = [target for target in re.findall(r"\]\(([^)#]+)", TEXT) if "://" not in target]
    assert "docs/pictures/review.png" in targets
    assert [target for target in targets if not (REPOSITORY / target).exists()] == []


def test_its_pictures_are_small() -> None:
    pictures = [REPOSITORY / target for target in re.findall(r"!\[[^]]*\]\(([^)]+)\)", TEXT)]
    assert [picture.name for picture in pictures if picture.stat().st_size > 150_000] == []
