"""The table as a whole: each case once in a section, and the tests that it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.cases import PropertyCase
from tests.hostile.table import SECTIONS, page

PROPERTIES = [case for _, cases in SECTIONS.values() for case in cases if isinstance(case, PropertyCase)]


@pytest.mark.parametrize("title", SECTIONS)
def test_names_are_unique(title: str) -> None:
    names = [case.name for case in SECTIONS[title][1]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("test", sorted({case.test for case in PROPERTIES}))
def test_a_property_names_a_test_that_exists(test: str, repository: Path) -> None:
    file, _, name = test.partition("::")
    source = (repository / file).read_text(encoding="utf-8")
    assert f"def {name}(" in source or f"class {name}:" in source or (not name and "def test_" in source)


def test_every_case_says_what_happens() -> None:
    assert all(case.outcome for _, cases in SECTIONS.values() for case in cases)
    assert page().count("\n| ") > 200
