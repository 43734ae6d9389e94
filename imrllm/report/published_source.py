"""What published tables were counted from: the facts with which the same tables can be made again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from imrllm.analysis import AnalysisColumn
from imrllm.audit.rows import refuse_absent
from imrllm.records import Result
from imrllm.report.formatting import count
from imrllm.report.published import Published, count_published
from imrllm.store import Manifest, newest_results, read_manifest
from imrllm.store.files import unchanged
from imrllm.store.results import row_lines
from imrllm.version import __version__

# The tables of facts that the groups come from.
_FACTS = ("drug_classes.txt", "topical_words.txt", "services.tsv")
Facts = tuple[tuple[str, str], ...]


def publish(records: Path, by: Sequence[tuple[AnalysisColumn, ...]] = ()) -> tuple[Published, Facts]:
    """Count the published tables of a results file, and tell how it was made.

    Args:
        records: rows of `imrllm extract`, `apply` or `check`.
        by: the columns of each table; by default those that are published most.

    Returns:
        The tables, and names and values of what they rest on. Both are the same for the same file.

    Raises:
        UsageError: the file does not exist.
        StoreError: a run is writing it, a line is not a result, or it cannot be read.
    """
    refuse_absent(records)
    made = _Made()
    with unchanged(records):
        published = count_published(made.watch(newest_results(records)), by)
        digest = sha256()
        for line in row_lines(records):
            digest.update(line)
        manifest = read_manifest(records)
    return published, tuple(made.facts(records, published, digest.hexdigest(), manifest))


class _Made:
    """How the rows say that they were made, while they are read."""

    def __init__(self) -> None:
        self._statuses: Counter[str] = Counter()
        self._models: Counter[str] = Counter()
        self._prompts: Counter[str] = Counter()
        self._versions: Counter[str] = Counter()

    def watch(self, results: Iterator[Result]) -> Iterator[Result]:
        """The same results, each noted."""
        for result in results:
            provenance = result.provenance
            self._statuses[result.status] += 1
            self._models[provenance.model] += 1
            self._versions[provenance.version] += 1
            if provenance.prompt is not None:
                self._prompts[f"{provenance.prompt} (SHA-256 {provenance.prompt_sha256})"] += 1
            yield result

    def facts(
        self, records: Path, published: Published, digest: str, manifest: Manifest | None
    ) -> Iterator[tuple[str, str]]:
        """The facts, each a name and a value."""
        statuses = ", ".join(f"{self._statuses[name]:,} {name}" for name in ("ok", "review", "failed"))
        yield "records", records.name
        yield "SHA-256 of the rows", digest
        yield "documents", f"{self._statuses.total():,} ({statuses})"
        yield "disputed items", f"{published.items:,}"
        yield "model", _named(self._models)
        if self._prompts:
            yield "prompt", _named(self._prompts)
        yield "version that read the letters", _named(self._versions)
        if manifest is None:
            yield "run manifest", "none beside the rows: the calibration table and the settings are not known"
        else:
            yield "command", f"imrllm {manifest.command}"
            yield "SHA-256 of the calibration table", manifest.table_sha256 or "no table: cautious rules"
            if manifest.on_conflict:
                yield "conflict policy", manifest.on_conflict
            if manifest.review_above is not None:
                yield "review above a risk of", f"{manifest.review_above:g}"
            yield "SHA-256 of the record's schema", manifest.schema_sha256
            yield "run began", manifest.started.isoformat()
        yield "version that made the tables", __version__
        for name in _FACTS:
            content = (files("imrllm.analysis") / name).read_bytes()
            yield f"SHA-256 of `{name}`", sha256(content).hexdigest()


def _named(counted: Counter[str]) -> str:
    """What all rows say; with counts if they differ."""
    if len(counted) == 1:
        return next(iter(counted))
    return "; ".join(f"{name} ({count(rows, 'letter')})" for name, rows in sorted(counted.items())) or "no rows"
