"""What is known of each value of a record: who gave it, its risk, and whether a person is asked to look at it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from imrllm import pointers
from imrllm.fields import CASE_FIELDS, CITATION_FIELDS, ITEM_FIELDS, ITEMS, SIDES, Field, field_at, is_present
from imrllm.records import Check, Result

Source = Literal["letter", "both", "model", "person"]
# A whole rationale would make the table as long as all others together.
_LONGEST = 1_000
_CUT = "[cut]"
_ITEM = re.compile(r"/disputed_items/([0-9]{1,9})(?:/|$)")
_NUMBERS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One value of a record.

    Attributes:
        pointer: JSON Pointer of its field in the record, or of a side's citations, whose value is their number.
        text: the value as text; None if the letter does not state it.
        source: who gave it; None if there is no value, and no reader was preferred to another.
        risk: the measured probability, 0 to 1, that the value or its absence is wrong; None if it is not measured, or
            if a person settled the value.
        review: whether a person is asked to look at it, and nobody has settled it.
    """

    pointer: str
    text: str | None
    source: Source | None
    risk: float | None
    review: bool


def field_values(result: Result) -> list[FieldValue]:
    """Tell what is known of each value of a result.

    Args:
        result: one document's; rows of earlier versions have no risks, and `review` where a check did not confirm.

    Returns:
        One entry for each field of the record, in the record's order, absent ones included; then one for each other
        place that has a check, such as an item that the letter lacks. Empty for a failed document.
    """
    if result.record is None:
        return []
    row = _Row(result, result.record.model_dump(mode="json"))
    found = {at: row.value(at, value, of) for at, value, of in row.fields()}
    # What is to be reviewed is never lost, wherever in the record it is.
    others = (at for at in row.checks if at not in found)
    return [*found.values(), *(row.value(at, pointers.find(row.record, at), None) for at in others)]


# Letters share their pointers: reading each once takes a fifth off an export (measured).
@lru_cache(maxsize=16_384)
def place(pointer: str) -> tuple[int | None, str]:
    """The number of a pointer's disputed item, from 1 (None outside the items), and its field's name."""
    found = _ITEM.match(pointer)
    names = pointer[found.end(1) :] if found else pointer
    name = ".".join(part for part in names.split("/") if part and not _NUMBERS.fullmatch(part))
    return (int(found[1]) + 1 if found else None), name or "disputed_items"


@dataclass(slots=True)
class _Row:
    """One result, while its values are told.

    Attributes:
        result: the result.
        record: its record as JSON has it.
        checks: its checks by the pointer of their field, or of their place.
        wholes: the pointers among these of what holds fields, such as a side's basis.
        is_compared: whether `imrllm check` compared another program's record. Headings have a check of two values only
            then, since no model is asked for them.
    """

    result: Result
    record: dict[str, Any]
    checks: dict[str, list[Check]] = field(default_factory=dict)
    wholes: frozenset[str] = frozenset()
    is_compared: bool = False

    def __post_init__(self) -> None:
        for check in self.result.checks:
            self.checks.setdefault(_field_pointer(check.pointer), []).append(check)
            self.is_compared |= check.pointer.endswith("/heading") and _is_of_two(check)
        self.wholes = frozenset(at for at in self.checks if field_at(at) is None and at != f"/{ITEMS}")

    def fields(self) -> Iterator[tuple[str, Any, Field | None]]:
        """The pointer of each field, its value and the field; a list of citations is without one."""
        for each in CASE_FIELDS:
            yield each.pointer, _read(self.record, each), each
        for index, item in enumerate(self.record[ITEMS]):
            for each in ITEM_FIELDS:
                # Exports hold the grounds that words of the letter support.
                is_grounds = each.path == ("grounds",)
                value = list(self.result.supported_grounds(index)) if is_grounds else _read(item, each)
                yield each.at(index), value, each
            for side in SIDES:
                citations = item[side]["citations"] if item[side] else []
                yield f"/{ITEMS}/{index}/{side}/citations", citations, None
                for number, citation in enumerate(citations):
                    for each in CITATION_FIELDS:
                        if each.side == side:
                            yield each.at(index, number), _read(citation, each), each

    def value(self, pointer: str, value: Any, of: Field | None) -> FieldValue:
        """What is known of one value."""
        own = self.checks.get(pointer, [])
        source = self._source(pointer, value, of, own)
        risk = self.result.risks.get(pointer)
        if risk is None:
            risk = max(
                (check.risk for check in own if check.pointer == pointer and check.risk is not None), default=None
            )
        return FieldValue(
            pointer,
            _text(value),
            source,
            None if source == "person" else risk,
            any(check.is_open for check in own),
        )

    def _source(self, pointer: str, value: Any, of: Field | None, own: list[Check]) -> Source | None:
        covering = [check for above in _above(pointer) if above in self.wholes for check in self.checks[above]]
        if any(check.resolution == "human" for check in (*own, *covering)):
            return "person"
        if of and not of.is_asked and not self.is_compared:
            return "letter" if is_present(value) else None
        givers = (
            self._of_entries(pointer, value, own)
            or [giver for check in (*own, *covering) if (giver := self._giver(check))][:1]
        )
        if givers:
            # A list with entries that one reader alone gave, beside entries that both gave, is that reader's list.
            one_sided = set(givers) - {"both"}
            return one_sided.pop() if len(one_sided) == 1 else "both"
        if not is_present(value):
            return None
        if self._is_counted_alike(pointer):
            return "both"
        return "model" if self.is_compared else "letter"

    def _of_entries(self, pointer: str, value: Any, own: list[Check]) -> list[Source]:
        """Who gave each entry of a list that is checked entry by entry; empty for other values."""
        entries = {check.pointer: check for check in reversed(own) if check.pointer != pointer}
        if not isinstance(value, list) or not entries:
            return []
        whole = pointers.find(self.record, pointer)
        checks = [entries.get(f"{pointer}/{index}") for index, entry in enumerate(whole) if entry in value]
        return [(check and self._giver(check)) or "letter" for check in checks]

    def _giver(self, check: Check) -> Source | None:
        """Whose value the record holds as a check shows; None if the check is not on who gave it."""
        if check.status == "confirmed":
            return "both" if is_present(check.model_value) else "letter"
        if check.resolution != "model":
            return "letter" if check.resolution == "source" else None
        if not (is_present(check.model_value) or is_present(check.source_value)):
            return None
        # What the letter itself contradicts has a check of the record's value too, whoever gave it.
        if check.model_value != pointers.find(self.record, check.pointer) or self._is_contradicted(check):
            return None
        return "model"

    def _is_contradicted(self, check: Check) -> bool:
        """Whether a check is on what the letter itself contradicts, and not on two readers."""
        if check.status == "unsupported":
            # The MTUS does not have the chapter that stands there. What only a model has does not stand there.
            return check.pointer.endswith("/chapter") and check.span is not None
        of_item = check.pointer.startswith(f"/{ITEMS}/")
        if self.is_compared or not of_item or check.status != "conflict" or not is_present(check.source_value):
            return False
        # A model that was asked for a whole item said whether its review is retrospective: such values have a check of
        # the two readers before the letter's own.
        item = "/".join(check.pointer.split("/")[:3])
        return not any(map(_is_of_two, self.checks.get(f"{item}/retrospective", ())))

    def _is_counted_alike(self, pointer: str) -> bool:
        """Whether both readers give as many citations: else the list itself would have a check."""
        side, _, name = pointer.rpartition("/")
        return name == "citations" and any(map(_is_of_two, self.checks.get(f"{side}/stance", ())))


def _is_of_two(check: Check) -> bool:
    """Whether a check compares what a model or another program answered with the letter.

    A field without a check gets one if a person settles it: it holds what the record held, and nothing of the letter.
    """
    of_letter = check.span is not None or is_present(check.source_value)
    return is_present(check.model_value) and (of_letter or check.resolution != "human")


def _read(holder: Any, of: Field) -> Any:
    for name in of.path:
        holder = None if holder is None else holder[name]
    return holder


def _field_pointer(pointer: str) -> str:
    """The pointer of the field that a check is of: of a list's entry, the list's."""
    of, whole = field_at(pointer), pointers.parent(pointer)
    return whole if of and of.shape != "value" and pointers.is_entry(pointer, whole) else pointer


def _above(pointer: str) -> Iterator[str]:
    """The pointers of what holds a value: a citation, a side's basis, an item, a section."""
    while pointer := pointers.parent(pointer):
        yield pointer


def _text(value: Any) -> str | None:
    """A value as text; of a list of objects their number, and of an object nothing."""
    if not is_present(value) or isinstance(value, dict):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        text = str(len(value)) if isinstance(value[0], dict) else "; ".join(map(str, value))
    else:
        text = str(int(value) if isinstance(value, float) and value.is_integer() else value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - len(_CUT)]}{_CUT}"
