"""How often the grammar alone is wrong on variants of labeled letters, by kind of change.

    python benchmarks/variants.py [--number 10] [--seed 1] [SUITE ...]

Typed values only: lists of prose and grounds are left out. A value belongs to the kind of change that printed it anew.
"""

from __future__ import annotations

import argparse
from collections import Counter

from imrllm.documents import Document
from imrllm.evals.outcomes import FieldOutcome, score
from imrllm.evals.variants import Variant, some_variants
from imrllm.pipeline.results import read_without_model
from imrllm.suites import load_suite

_UNCHANGED = "(unchanged)"


def main() -> None:
    """Print a table of values and of those that are wrong, by kind of change and by field."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", default=["written", "wordings"])
    parser.add_argument("--number", type=int, default=10, help="variants of each letter")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    made: Counter[str] = Counter()
    faulty: Counter[str] = Counter()
    values: Counter[tuple[str, str]] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    for suite in map(load_suite, options.suites):
        for name, letter in suite.letters().found.items():
            for variant in some_variants(letter.text, dict(suite.gold[name].record), options.seed, options.number):
                kinds = variant.kind.split(" + ")
                made.update(kinds)
                missed = set()
                for leaf in _leaves(name, variant):
                    kind = _kind(variant, leaf)
                    values[kind, leaf.field] += 1
                    if not leaf.exact:
                        wrong[kind, leaf.field] += 1
                        missed.add(kind)
                faulty.update(missed & set(kinds))
    print(f"{'kind':22}{'variants':>10}{'with wrong':>12}{'values':>10}{'wrong':>8}{'share':>8}")
    for kind in sorted({kind for kind, _ in values}):
        seen, bad = _sum(values, kind), _sum(wrong, kind)
        print(f"{kind:22}{made[kind]:10}{faulty[kind]:12}{seen:10}{bad:8}{bad / seen:8.3f}")
    print(f"\n{'field of changed values':34}{'values':>10}{'wrong':>8}{'share':>8}")
    for field in sorted({field for kind, field in wrong if kind != _UNCHANGED}):
        seen, bad = (
            sum(n for (kind, f), n in each.items() if f == field and kind != _UNCHANGED) for each in (values, wrong)
        )
        print(f"{field:34}{seen:10}{bad:8}{bad / seen:8.3f}")


def _leaves(name: str, variant: Variant) -> list[FieldOutcome]:
    """The outcomes of a variant's typed values."""
    record = read_without_model(Document.from_text(variant.text, name)).record
    found = score(variant.gold, record.model_dump(mode="json") if record else None)
    return [leaf for leaf in found if leaf.is_core]


def _kind(variant: Variant, leaf: FieldOutcome) -> str:
    """The kind of change that printed a value."""
    held = (kind for place, kind in variant.changed.items() if leaf.path == place or leaf.path.startswith(f"{place}/"))
    return next(held, _UNCHANGED)


def _sum(counts: Counter[tuple[str, str]], kind: str) -> int:
    return sum(number for (each, _), number in counts.items() if each == kind)


if __name__ == "__main__":
    main()
