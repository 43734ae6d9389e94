"""The page of published tables: each published figure with its source, beside what records show."""

from __future__ import annotations

import sys
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

import pytest

from imrllm.analysis.drug_classes import class_names
from imrllm.analysis.services import services
from imrllm.report.published import STARTS, count_published
from imrllm.report.published_columns import columns_named
from tests.docs.shown import REPOSITORY
from tests.report.test_published import drug, letter, therapy

PAGE = (REPOSITORY / "docs" / "published.md").read_text("utf-8")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = spec_from_file_location("published_script", REPOSITORY / "docs" / "published.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_each_published_figure_is_of_a_row_and_on_the_page_with_its_source(script: ModuleType) -> None:
    figures = script.figures()
    assert len(figures) > 15
    groups = {
        "service": {each.name for each in services().values()} | {"all"},
        "service_group": {each.group for each in services().values()} | {"all"},
        "drug_classes": {*class_names(), "all"},
        "quarters": {"all"},
    }
    for figure in figures:
        assert figure.group in groups[figure.table], figure
        assert figure.measure in {"overturned", "share", "items a letter", *STARTS}, figure
        assert figure.source.startswith("http"), figure
        assert f"| {script.words(figure)} | {figure.published} | [{figure.of}]({figure.source}) |" in PAGE, figure


def test_figures_stand_beside_what_records_show(script: ModuleType) -> None:
    letters = [
        letter(name, drug("overturned", "hydrocodone"), drug("upheld", "naproxen"), therapy("upheld"))
        for name in ("a", "b", "c")
    ]
    dates = {"decision_date": date(2017, 1, 9), "date_assigned": date(2017, 1, 1)}
    letters += [letter(name, drug("upheld", "naproxen"), **dates) for name in ("d", "e", "f")]
    letters.append(letter("g", drug("upheld", category="psychological")))
    counted = count_published(letters, [columns_named(each) for each in ("service", "service_group", "drug_classes")])
    shown = {(figure.table, figure.group, figure.measure): script.here(figure, counted) for figure in script.figures()}
    assert shown["service", "all", "overturned"][0::2] == ("23.1%", "13")
    assert shown["service", "Rehabilitation", "share"][0::2] == ("23.1%", "3")
    # Of the drugs; and the drugs of all items.
    assert shown["drug_classes", "opioids", "share"][0::2] == ("33.3%", "3")
    assert shown["drug_classes", "all", "share"][0::2] == ("69.2%", "9")
    assert shown["drug_classes", "antidepressant", "overturned"] == ("–", "", "0")
    assert shown["quarters", "all", "items a letter"][0::2] == ("1.9", "7 letters")
    assert shown["quarters", "all", "days_from_assignment"] == ("8, the median", "", "3 letters")
    lines = "\n".join(script.block(["service"], counted))
    assert "| Pharmaceuticals | 9 | 69.2% | 6 (66.7%) | 3 (33.3%) \\* |" in lines
    # Rows of one or two letters are not published.
    assert shown["service_group", "psych services", "overturned"] == ("too few letters", "", "")
    assert "| Psych Services |" not in lines
    assert "Left out: 1 row of one or two letters each" in lines


def test_the_page_has_no_row_of_one_or_two_letters() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
    tables = [row for row in rows if len(row) == 7 and row[-1].isdigit()]
    assert len(tables) > 20
    assert [row for row in tables if int(row[-1]) < 3] == []
