"""Rows against gold: how many typed values the model got wrong, how many of those a check caught, how many remain.

    python benchmarks/gold.py records.jsonl evals/public/gold evals/written/gold

Typed values are all of the record but its prose: diagnoses, treatments to date and grounds are left out. The model's
own value is the one that its check holds; a field without a check had none on either side.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROSE = {"diagnoses", "treatments_to_date", "grounds", "rationale", "document_id"}
# The letter's form settles these: no model is asked.
SETTLED = {"heading", "decision", "request", "original_request", "authorized"}


def leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every typed leaf of a record: scalars, and lists of scalars as a whole."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in PROSE:
                yield from leaves(inner, f"{pointer}/{name}")
    elif isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
        yield f"{pointer}#", len(value)
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{pointer}/{index}")
    else:
        yield pointer, value


def folded(value: Any) -> Any:
    """A value for comparison: text without case, spacing and punctuation, a list without order."""
    if isinstance(value, str):
        return " ".join(re.findall(r"\d+(?:\.\d+)*|[a-z]+|%", value.lower()))
    return sorted(map(folded, value)) if isinstance(value, list) else value


def compare(row: dict[str, Any], gold: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """For each typed value that is wrong: its pointer, `model` or `final`, and whether a check is against it."""
    checks = {check["pointer"]: check for check in row["checks"]}
    against = [pointer for pointer, check in checks.items() if check["status"] != "confirmed"]
    final = dict(leaves(row["record"]))
    for pointer, value in leaves(gold):
        at = pointer.rstrip("#")
        flagged = any(at == each or at.startswith(f"{each}/") or each.startswith(f"{at}/") for each in against)
        if folded(final.get(pointer)) != folded(value):
            yield pointer, "final", flagged
        if row["provenance"]["model"] == "none" or at.startswith("/letter") or at.rpartition("/")[2] in SETTLED:
            continue
        check = checks.get(at)
        whole = next((checks[each] for each in against if at.startswith(f"{each}/") and each in checks), None)
        answered = check["model_value"] if check and not pointer.endswith("#") else final.get(pointer)
        if folded(answered) != folded(value) or (whole and not check):
            yield pointer, "model", flagged


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path)
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--list", action="store_true", help="name each wrong value that remains")
    arguments = parser.parse_args()
    gold = {
        file.stem: json.loads(file.read_text())["record"] for folder in arguments.gold for file in folder.glob("*.json")
    }
    count: Counter[str] = Counter()
    for line in arguments.rows.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["document_id"] not in gold or row["record"] is None:
            continue
        count["letters"] += 1
        count["values"] += sum(1 for _ in leaves(gold[row["document_id"]]))
        for pointer, whose, flagged in compare(row, gold[row["document_id"]]):
            count[f"{whose} wrong"] += 1
            count[f"{whose} wrong, flagged"] += flagged
            if whose == "final" and arguments.list:
                print(f"{row['document_id']}{pointer}{'' if flagged else '  (no check)'}")
    print(f"letters with gold            {count['letters']}")
    print(f"typed values                 {count['values']}")
    print(
        f"wrong in the model's answer  {count['model wrong']}, of which a check caught {count['model wrong, flagged']}"
    )
    print(
        f"wrong in the record          {count['final wrong']}, of which a check says so {count['final wrong, flagged']}"
    )


if __name__ == "__main__":
    main()
