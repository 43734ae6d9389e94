"""Lines that end pages are found by the numbers that count up, and by what is repeated beside them."""

from __future__ import annotations

import pytest

from imrllm.letter.furniture import without_furniture


def left(*pages: str) -> list[str]:
    """The lines that are left of a text of some pages."""
    return [line for line in without_furniture("\n".join(pages)).text.split("\n") if line.strip()]


@pytest.mark.parametrize(
    "number",
    ["Page {n} of 3", "page {n}", "- {n} -", "{n}/3", "{n} of 3", "Appeal letter, page {n} of 3", "PAGE {n} OF 3."],
)
def test_lines_that_number_pages_are_replaced(number: str) -> None:
    first, second = number.format(n=1), number.format(n=2)
    assert left("One.", first, "Two.", second, "Three.") == ["One.", "Two.", "Three."]


@pytest.mark.parametrize(
    "line",
    [
        "page 127.",  # of a citation, wrapped
        "78",  # a value, wrapped
        "Consultations, page 1",  # of a citation; no page of a letter is numbered like that
        "Page(s): 1",
        "12/14",  # of more pages than there are lines that count them
    ],
)
def test_a_single_line_that_may_be_a_value_stays(line: str) -> None:
    assert left("Guidelines,", line, "Two.") == ["Guidelines,", line, "Two."]


def test_numbers_that_do_not_count_up_stay() -> None:
    lines = ["One.", "Page 1 of 4", "Two.", "Page 3 of 4", "Three."]
    assert left(*lines) == lines
    assert left("One.", "Page 1 of 4", "Two.", "Page 2 of 5") == ["One.", "Two."]


def test_what_is_repeated_beside_them_is_replaced_too() -> None:
    head = ["Office of Reviews", "P.O. Box 12, Anytown"]
    assert left("One.", "Page 1 of 3", *head, "Two.", "Page 2 of 3", *head, "Three.") == ["One.", "Two.", "Three."]
    # A line that is not repeated may be the letter's own.
    assert left("One.", "Page 1 of 3", "A brace", "Page 2 of 3", "A cane") == ["One.", "A brace", "A cane"]


def test_a_repeated_line_of_the_form_stays() -> None:
    label = "MAXIMUS guideline: Decision based on MTUS."
    assert left("One.", "Page 1 of 3", label, "Two.", "Page 2 of 3", label) == ["One.", label, "Two.", label]


def test_other_characters_keep_their_offsets() -> None:
    text = "One.\n\nPage 1 of 2\nTwo.\n"
    found = without_furniture(text)
    assert len(found.text) == len(text)
    assert found.text.index("Two.") == text.index("Two.")
    assert found.offsets == (text.index("Page"),)
    assert without_furniture("One.\nTwo.").offsets == ()


def test_a_long_text_of_page_numbers_takes_linear_time() -> None:
    text = "\n".join(f"Page {n % 1000} of 999" for n in range(1, 20_000)) + "\n" + "page " * 50_000
    assert len(without_furniture(text).text) == len(text)


@pytest.mark.parametrize("line", ["Leaf {n}", "{n}", "turn to {n} please", "Copy 7, leaf {n} of 3"])
def test_a_repeated_line_that_counts_up_is_replaced_whatever_it_says(line: str) -> None:
    pages = [line.format(n=n) for n in (1, 2)]
    assert left("One.", pages[0], "Two.", pages[1], "Three.") == ["One.", "Two.", "Three."]
    apart = [line.format(n=n) for n in (1, 3)]
    assert left("One.", apart[0], "Two.", apart[1], "Three.") == ["One.", apart[0], "Two.", apart[1], "Three."]


@pytest.mark.parametrize(
    "line", ["MAXIMUS guideline: MTUS Page(s): {n}.", "{n}) Regarding", "{n}.", "Disputed item {n}", "Part {n}:"]
)
def test_a_line_of_the_form_stays_though_its_numbers_count_up(line: str) -> None:
    lines = [line.format(n=1), "Two.", line.format(n=2)]
    assert left(*lines) == lines
