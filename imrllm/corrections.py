"""Applies what a reviewer settled on the review page to the records that it was made from: all of it or nothing."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from imrllm import pointers
from imrllm.errors import CorrectionError
from imrllm.fields import ITEMS
from imrllm.near_names import not_opened
from imrllm.records import Check, CheckStatus, Confirmation, Determination, FrozenModel, Result
from imrllm.spans import SourceSpan

Action = Literal["accept", "model", "source", "edit", "add", "remove"]
# Version 1 had neither `add` nor `remove`; its files are read as they are.
VERSION: Literal[2] = 2
READS = (1, VERSION)
_SHOWN = 10
_SHA256 = re.compile(r"[0-9a-f]{64}")
_AGAIN = "Make a new review page from these records: `imrllm view`."


class Correction(FrozenModel):
    """What was settled about one field, or a disputed item that is added or removed."""

    document_id: str
    sha256: str | None = Field(description="SHA-256 of the document, as the row's provenance has it")
    pointer: str = Field(
        description="JSON Pointer (RFC 6901) of the field in the record as it was reviewed; of the item that an added "
        "item stands before, or of the end of the items"
    )
    action: Action = Field(
        description="accept: the record's value is right; model or source: that reader's is; edit: another is; "
        "add: the letter has an item that the record lacks; remove: the letter does not have this item"
    )
    was: Any = Field(description="What the record held when it was reviewed; null for an added item")
    value: Any = Field(description="What it is to hold; null for a removed item")


class ReadWhole(FrozenModel):
    """A letter that was read as a whole: its record is gold."""

    document_id: str
    sha256: str | None


class Corrections(FrozenModel):
    """What the review page exports."""

    version: Literal[1, 2] = VERSION
    records: str = Field(description="SHA-256 of the rows that the page was made from")
    reviewer: str = Field(description="The reviewer's initials")
    exported: date = Field(description="The day of the export (ISO date)")
    corrections: tuple[Correction, ...]
    read_whole: tuple[ReadWhole, ...] = Field(description="Letters whose every value was compared with the letter")

    @property
    def confirmation(self) -> Confirmation:
        """Who settled all of this, and when."""
        return Confirmation(initials=self.reviewer, on=self.exported)


def rows_digest(results: Iterable[Result]) -> str:
    """The SHA-256 of rows in their order, by which a page's corrections name the rows that it was made from."""
    digest = hashlib.sha256()
    for result in results:
        # Not pydantic's JSON: a name may contain a lone surrogate, which UTF-8 cannot encode.
        digest.update(json.dumps(result.model_dump(), default=str).encode() + b"\n")
    return digest.hexdigest()


def read_corrections(path: Path) -> Corrections:
    """Read a file that the review page exported.

    Raises:
        CorrectionError: it cannot be read, or is not a corrections file; the message names the field.
    """
    try:
        found = Corrections.model_validate_json(path.read_bytes())
        _ = found.confirmation
    except OSError as error:
        why, hint = not_opened(path, error)
        raise CorrectionError(why, hint=hint) from error
    except ValidationError as error:
        # Values in the file may quote the letter: the message names places only.
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = "/".join(map(str, first["loc"])) or "the file"
        raise CorrectionError(
            f"`{path}` holds no corrections: `{place}` ({first['type']}).", hint="Export them on the review page again."
        ) from None
    return found


class Applying:
    """Applies corrections to the rows of a records file, one at a time.

    Attributes:
        given: the corrections.
        gold: by document id, the SHA-256 and the record of each letter that was read as a whole.
        refused: a phrase for each correction that does not fit.
    """

    def __init__(self, given: Corrections) -> None:
        self.given = given
        self.gold: dict[str, tuple[str, Determination]] = {}
        self.refused: list[str] = []
        self._by_document: dict[str, list[Correction]] = {}
        for each in given.corrections:
            self._by_document.setdefault(each.document_id, []).append(each)
        self._whole = {each.document_id: each for each in given.read_whole}
        self._met: set[str] = set()

    def row(self, result: Result) -> Result:
        """Apply a row's corrections to it; what does not fit is noted in `refused` and left out."""
        name = result.document_id
        given, whole = self._by_document.get(name, []), self._whole.get(name)
        if (given or whole) and name in self._met:
            self.refused.append(f"`{name}` has more than one row")
            return result
        self._met.add(name)
        mine: list[Correction | ReadWhole] = [*given, *([whole] if whole else [])]
        if any(each.sha256 != result.provenance.sha256 for each in mine):
            self.refused.append(f"`{name}` was made from another letter")
            return result
        try:
            corrected = corrected_row(result, given, self.given.confirmation) if given else result
        except CorrectionError as error:
            self.refused.append(str(error).rstrip("."))
            return result
        if whole:
            self._take_as_gold(corrected)
        return corrected

    def finish(self) -> None:
        """Make sure that every correction was applied.

        Raises:
            CorrectionError: something did not fit; the message names each document and field.
        """
        unmet = [name for name in {**self._by_document, **self._whole} if name not in self._met]
        refused = [*self.refused, *(f"there is no row of `{name}`" for name in unmet)]
        if refused:
            more = f"; and {len(refused) - _SHOWN:,} more" if len(refused) > _SHOWN else ""
            raise CorrectionError(
                f"The corrections do not fit the records: {'; '.join(refused[:_SHOWN])}{more}.", hint=_AGAIN
            )

    def _take_as_gold(self, result: Result) -> None:
        name = result.document_id
        left = next((check.pointer for check in result.checks if check.is_open), None)
        sha256 = result.provenance.sha256
        if result.record is None or sha256 is None or not _SHA256.fullmatch(sha256):
            self.refused.append(f"`{name}` has no record, or no SHA-256, to be gold")
        elif left is not None:
            self.refused.append(f"`{name}` was read as a whole, but `{left}` is not settled")
        else:
            self.gold[name] = (sha256, result.record)


def corrected_row(result: Result, corrections: Sequence[Correction], by: Confirmation) -> Result:
    """Apply what a person settled about one row.

    Returns:
        The row with the corrected record. Each check of a settled field names that person; a field without a check
        gets one, and so does an item that is added or removed. Values that stay keep their evidence, and a value taken
        from the letter gets its span. Evidence, checks and risks move with their items. What is settled has no risk
        any more. The status becomes `ok` once no check is open and no answer is missing, but not if the letter is a
        scan: if both readers misread it, no check is open.

    Raises:
        CorrectionError: a correction does not fit; the message names the field.
    """
    name = result.document_id
    if result.record is None:
        raise CorrectionError(f"`{name}` has no record.")
    old = result.record.model_dump(mode="json")
    items = _Items.of(name, old, corrections)
    corrections = [each for each in corrections if each.action not in ("add", "remove")]
    edited = _corrected(name, old, corrections)
    if not isinstance(edited[ITEMS], list) or len(edited[ITEMS]) != len(old[ITEMS]):
        raise CorrectionError(f"`{name} /{ITEMS}` may not gain or lose an item.")
    new = {**edited, ITEMS: items.arranged(edited[ITEMS])}
    try:
        # Strict: "60" is not a number.
        record = Determination.model_validate_json(json.dumps(new), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        # The name of an extra field was typed by a person, perhaps in a letter's words.
        known = first["loc"][:-1] if first["type"] == "extra_forbidden" else first["loc"]
        place = "/".join(map(str, known))
        raise CorrectionError(f"`{name} /{place}` cannot hold such a value: {first['type']}.") from None
    moves = [_Move(each.pointer, each.was, each.value) for each in corrections if each.was != each.value]
    checks = list(result.checks)
    for each in corrections:
        checks = list(_settled(checks, old, each, by))
    checks = [check.model_copy(update={"pointer": _moved(check.pointer, moves, old, edited)[0]}) for check in checks]
    checks = [
        *(
            check.model_copy(update={"pointer": at})
            for check in checks
            if (at := items.moved(check.pointer)) is not None
        ),
        *items.checks(old, by),
    ]
    evidence = _evidence(result, corrections, moves, old, edited)
    done = not any(check.is_open for check in checks) and result.error is None and not result.provenance.ocr_pages
    return result.model_copy(
        update={
            "record": record,
            "evidence": {at: spans for place, spans in evidence if (at := items.moved(place)) is not None},
            "checks": tuple(checks),
            "risks": dict(_risks(result, corrections, items)),
            "status": "ok" if done else "review",
        }
    )


def _corrected(name: str, record: Mapping[str, Any], corrections: Sequence[Correction]) -> Any:
    """The record as JSON with every correction applied, objects before their fields."""
    new = json.loads(json.dumps(record))
    settled = Counter(each.pointer for each in corrections)
    for each in sorted(corrections, key=lambda each: each.pointer.count("/")):
        place = f"`{name} {each.pointer}`"
        if settled[each.pointer] > 1:
            raise CorrectionError(f"{place} is settled twice.")
        if each.pointer in ("", "/document_id") or not pointers.exists(record, each.pointer):
            raise CorrectionError(f"{place} is not a field of the record.")
        if pointers.get(record, each.pointer) != each.was:
            raise CorrectionError(f"{place} holds another value than the one that was reviewed.")
        if each.action == "accept" and each.value != each.was:
            raise CorrectionError(f"{place} is accepted, and yet changed.")
        if each.value == each.was:
            continue
        try:
            pointers.put(new, each.pointer, each.value)
        except LookupError:
            raise CorrectionError(f"{place} lies in what another correction replaced.") from None
    return new


@dataclass(frozen=True, slots=True)
class _Items:
    """The disputed items that are removed, by index, and those that are added, each with the index that it precedes."""

    count: int
    removed: frozenset[int]
    added: tuple[tuple[int, Any], ...]

    @classmethod
    def of(cls, name: str, record: Mapping[str, Any], corrections: Sequence[Correction]) -> _Items:
        """Those of a letter's corrections.

        Raises:
            CorrectionError: one of them does not fit the record, or a removed item was corrected too.
        """
        held = record[ITEMS]
        removed: set[int] = set()
        added: list[tuple[int, Any]] = []
        for each in corrections:
            if each.action not in ("add", "remove"):
                continue
            place = f"`{name} {each.pointer}`"
            last = len(held) if each.action == "add" else len(held) - 1
            index = next((index for index in range(last + 1) if each.pointer == f"/{ITEMS}/{index}"), None)
            if index is None:
                raise CorrectionError(f"{place} is not a disputed item of the record.")
            if each.action == "add":
                if each.was is not None or not isinstance(each.value, dict):
                    raise CorrectionError(f"{place} is added, but is not an item.")
                added.append((index, each.value))
            elif index in removed:
                raise CorrectionError(f"{place} is settled twice.")
            elif each.was != held[index] or each.value is not None:
                raise CorrectionError(f"{place} holds another value than the one that was reviewed.")
            else:
                removed.add(index)
        for each in corrections:
            if each.action not in ("add", "remove") and any(
                f"{each.pointer}/".startswith(f"/{ITEMS}/{index}/") for index in removed
            ):
                raise CorrectionError(f"`{name} {each.pointer}` lies in an item that another correction removed.")
        return cls(len(held), frozenset(removed), tuple(added))

    def arranged(self, items: Sequence[Any]) -> list[Any]:
        """The items of the corrected record, given those that the reviewed one holds after its other corrections."""
        new: list[Any] = []
        for index in range(self.count + 1):
            new += [item for before, item in self.added if before == index]
            new += [items[index]] if index < self.count and index not in self.removed else []
        return new

    def moved(self, pointer: str) -> str | None:
        """Map a pointer of the reviewed record to one of the corrected record; None if its item is removed."""
        steps = pointer.split("/")
        if steps[1:2] != [ITEMS] or len(steps) == 2 or steps[2] not in map(str, range(self.count)):
            return pointer
        old = int(steps[2])
        if old in self.removed:
            return None
        steps[2] = str(self._new(old))
        return "/".join(steps)

    def checks(self, record: Mapping[str, Any], by: Confirmation) -> Iterator[Check]:
        """A check for each removed item, at the list that no longer holds it, and for each added one."""
        for index in sorted(self.removed):
            heading = record[ITEMS][index]["heading"]
            yield Check(
                pointer=f"/{ITEMS}", status="unsupported", model_value=heading, resolution="human", confirmed_by=by
            )
        for index, item in self._placed():
            at = f"/{ITEMS}/{index}"
            yield Check(
                pointer=at, status="missing", source_value=item.get("heading"), resolution="human", confirmed_by=by
            )
            if item.get("grounds"):
                # Exports leave out grounds without words of the letter, unless a person has settled them.
                yield Check(pointer=f"{at}/grounds", status="missing", resolution="human", confirmed_by=by)

    def _new(self, old: int) -> int:
        """The new index of an item that stays."""
        return old - sum(index < old for index in self.removed) + sum(before <= old for before, _ in self.added)

    def _placed(self) -> Iterator[tuple[int, Any]]:
        """The added items in their order, each with its new index."""
        for place, (before, item) in enumerate(sorted(self.added, key=lambda each: each[0])):
            yield before - sum(index < before for index in self.removed) + place, item


def _risks(result: Result, corrections: Sequence[Correction], items: _Items) -> Iterator[tuple[str, float]]:
    """The risks of what nobody has settled."""
    settled = {each.pointer for each in corrections}
    for pointer, risk in result.risks.items():
        above = {pointer, *(pointer[:end] for end, character in enumerate(pointer) if character == "/")}
        at = items.moved(pointer)
        if at is not None and not above & settled:
            yield at, risk


def settled_at(record: Any, pointer: str) -> str:
    """The field at which a check is settled, in a record as JSON has it.

    Returns:
        The list, if the check is of one entry of a list of plain values. The nearest parent in the record, if the
        pointer is not in the record. Else the pointer itself.
    """
    while not pointers.exists(record, pointer):
        pointer = pointers.parent(pointer)
    above = pointers.parent(pointer)
    is_entry = above and isinstance(pointers.get(record, above), list)
    return above if is_entry and not isinstance(pointers.get(record, pointer), dict | list) else pointer


def _settled(checks: Iterable[Check], record: Any, correction: Correction, by: Confirmation) -> Iterator[Check]:
    """The checks, with those of one field settled. Adds a check if the field has none."""
    at = correction.pointer
    changed = correction.value != correction.was
    found = False
    status: CheckStatus
    for check in checks:
        place = settled_at(record, check.pointer)
        if place == at or (changed and place.startswith(f"{at}/")):
            found = True
            # Where both readers agree and the person does not, the value is in conflict with theirs.
            status = "conflict" if changed and check.status == "confirmed" else check.status
            yield check.model_copy(update={"status": status, "resolution": "human", "confirmed_by": by})
        else:
            yield check
    if not found:
        status = "missing" if correction.was in (None, []) else "unsupported" if changed else "confirmed"
        yield Check(pointer=at, status=status, model_value=correction.was, resolution="human", confirmed_by=by)


@dataclass(frozen=True, slots=True)
class _Move:
    """A field whose value changed."""

    pointer: str
    was: Any
    value: Any

    def entry(self, index: int) -> int | None:
        """The new index of a list entry, or None if it is gone. Equal entries keep their order."""
        value = self.was[index]
        places = [place for place, each in enumerate(self.value) if each == value]
        nth = self.was[:index].count(value)
        return places[nth] if nth < len(places) else None


def _moved(pointer: str, moves: Sequence[_Move], old: Any, new: Any) -> tuple[str, bool]:
    """Map a pointer from the old record to the new one, and say whether the value is the same."""
    for move in moves:
        if pointer == move.pointer:
            return pointer, False
        if not pointer.startswith(f"{move.pointer}/"):
            continue
        entry = pointer.removeprefix(f"{move.pointer}/")
        if isinstance(move.was, list) and isinstance(move.value, list) and entry.isdigit():
            place = move.entry(int(entry)) if int(entry) < len(move.was) else None
            if place is not None:
                return f"{move.pointer}/{place}", True
        elif pointers.exists(new, pointer) and pointers.get(new, pointer) == pointers.get(old, pointer):
            return pointer, True
        return move.pointer, False
    return pointer, True


def _evidence(
    result: Result, corrections: Sequence[Correction], moves: Sequence[_Move], old: Any, new: Any
) -> Iterator[tuple[str, tuple[SourceSpan, ...]]]:
    for pointer, spans in result.evidence.items():
        moved, same = _moved(pointer, moves, old, new)
        if same:
            yield moved, spans
    for each in corrections:
        if each.value != each.was and each.value not in (None, []):
            own = (check for check in result.checks if check.pointer == each.pointer and check.span)
            span = next((check.span for check in own if check.source_value == each.value), None)
            if span:
                yield each.pointer, (span,)
