"""The columns that published tables are made by: which they are, what people call them, and an item's groups in one."""

from __future__ import annotations

from difflib import get_close_matches

from imrllm.analysis import ANALYSIS_COLUMNS, AnalysisColumn, AnalyzedItem
from imrllm.errors import UsageError
from imrllm.fields import SIDES, Side
from imrllm.records import Basis
from imrllm.report.formatting import spaced

# A group's name where the record has no value, where none can be derived, and where a list is empty for a reason.
NOT_STATED, NOT_KNOWN, NONE = "not stated", "not known", "none"
LAST = (NONE, NOT_STATED, NOT_KNOWN)
# Columns that are empty where the guidelines of a side were not read, with the sides of the record that they are of.
_SIDES: dict[str, tuple[Side, ...]] = {
    "claims_administrator_guidelines": ("claims_administrator",),
    "reviewer_guidelines": ("reviewer_basis",),
    "mtus_chapters": SIDES,
    "mtus_subjects": SIDES,
}
_NONE_IN = (*_SIDES, "grounds")
# Lists of the record that name no person; of its other fields only those with few possible values make a table.
_LISTS = ("ingredients", "licensed_states", "specialties")
# Values of one item or letter alone.
_ALONE = ("document_id", "decision", "fields_to_review", "risk_max", "document_risk_max")
# Together they could be one person (docs/limits.md), and so could the rows of a table of many columns.
_REVIEWER = {"specialties", "licensed_states"}
_MOST = 3
# What people call columns, besides their names and the singular of these.
_OTHER_NAMES = {
    "guideline": "reviewer_guidelines",
    "guidelines": "reviewer_guidelines",
    "quarter": "decision_quarter",
    "specialty": "specialties",
    "state": "licensed_states",
    "case": "case_outcome",
}
# In the order of time or size, not of frequency.
ORDERED = ("decision_quarter", "injury_year", "days_from_application", "days_from_assignment", "days_from_ur_denial")
_BINS = ((0, 30), (31, 45), (46, 60), (61, 90), (91, None))
# Titles, where a name alone says too little.
_TITLES = {
    "service_group": "service (CWCI's groups)",
    "service": "service (DWC's categories)",
    "drug_classes": "drug classes",
    "ur_outcome": "what utilization review did",
    "is_primary": "primary request",
    "days_from_application": "days from the application",
    "days_from_assignment": "days from the assignment",
    "days_from_ur_denial": "days from the UR denial",
    "reviewer_guidelines": "reviewer's guidelines",
    "claims_administrator_guidelines": "claims administrator's guidelines",
    "same_guideline": "same guidelines on both sides",
    "mtus_chapters": "MTUS chapters",
    "mtus_subjects": "subjects of MTUS chapters",
    "review": "item to review",
    "document_review": "letter to review",
}


def groupable() -> dict[str, AnalysisColumn]:
    """The columns that make tables, by name: those with few values, and no text that could name a person."""
    return {
        column.name: column
        for column in ANALYSIS_COLUMNS
        if column.name in _LISTS
        or (column.name not in _ALONE and (column.is_derived or bool(column.choices) or column.line.type is bool))
    }


def columns_named(names: str) -> tuple[AnalysisColumn, ...]:
    """The columns of one table.

    Args:
        names: their names, joined by commas: `drug_classes,reviewer_guidelines`. The singular of a list
            (`drug_class`) and short names (`guideline`, `quarter`) are read too.

    Raises:
        UsageError: there is no such column, it makes no table, or the table could list people.
    """
    known = groupable()
    found = []
    for given in filter(None, (each.strip().lower().replace("-", "_") for each in names.split(","))):
        tried = (given, f"{given}s", f"{given}es", f"is_{given}", _OTHER_NAMES.get(given, ""))
        name = next((each for each in tried if each in known), None)
        if name is None:
            if any(given == column.name for column in ANALYSIS_COLUMNS) or given in _ALONE:
                why = f"`{given}` makes no table: its values are of one letter, free text or could name people."
            else:
                why = f"There is no column `{given}`."
            close = get_close_matches(given, known, 1)
            hint = f"Did you mean `{close[0]}`? " if close else ""
            raise UsageError(why, hint=f"{hint}The columns are {', '.join(known)}.")
        found.append(known[name])
    if not found:
        raise UsageError("`--by` names no column.", hint=f"The columns are {', '.join(known)}.")
    columns = tuple(dict.fromkeys(found))
    if {column.name for column in columns} >= _REVIEWER:
        raise UsageError(
            "A specialty with a state of licensure can identify one reviewer.", hint="Make a table of each."
        )
    if len(columns) > _MOST:
        raise UsageError(
            f"{len(columns)} columns in one table leave single letters in its rows.",
            hint=f"Name at most {_MOST}, or repeat `--by` for more tables.",
        )
    return columns


def column_words(column: AnalysisColumn) -> str:
    """What a column is called in titles and heads of tables."""
    return _TITLES.get(column.name) or spaced(column.name)


def is_list(column: AnalysisColumn) -> bool:
    """Whether an item can be in several groups of a column."""
    return getattr(column.line.type, "__origin__", None) is tuple


def groups_of(column: AnalysisColumn, item: AnalyzedItem) -> tuple[str, ...]:
    """The groups of an item in a column: one, or one for each entry of a list."""
    value = column.read(item)
    if isinstance(value, tuple):
        names = (spaced(each) if column.choices and not column.is_derived else each for each in value)
        return tuple(dict.fromkeys(names)) or (NOT_KNOWN if _is_unread(column, item) else _lacking(column),)
    if value is None:
        return (_lacking(column),)
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    if column.name.startswith("days_"):
        return (next(_range(*ends) for ends in reversed(_BINS) if value >= ends[0]),)
    return (spaced(str(value)) if column.choices and not column.is_derived else str(value),)


def _is_unread(column: AnalysisColumn, item: AnalyzedItem) -> bool:
    """Whether a side cites guidelines, and none of them was read: that is not the same as to cite none."""
    bases: list[Basis | None] = [getattr(item.item, side) for side in _SIDES.get(column.name, ())]
    return any(basis is not None and basis.stance != "none_cited" and not basis.citations for basis in bases)


def _lacking(column: AnalysisColumn) -> str:
    if column.name in _NONE_IN:
        return NONE
    return NOT_KNOWN if column.is_derived else NOT_STATED


def _range(low: int, high: int | None) -> str:
    return f"{low} to {high} days" if high is not None else f"{low} days or more"


def natural_order(value: str) -> tuple[int, str]:
    """A key that puts numbers in the order of their size."""
    head = value.partition(" ")[0]
    return (int(head), "") if head.isdecimal() else (0, value.lower())
