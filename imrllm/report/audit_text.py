"""What the audits of a results file show, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from imrllm.audit.summary import FEWEST, AuditSummary, Group
from imrllm.report.formatting import count, percent
from imrllm.report.terminal import printable


def audit_lines(records: str, summary: AuditSummary) -> Iterator[str]:
    """The lines of a report.

    Args:
        records: the results file's name.
        summary: what its audits show.
    """
    total = summary.total
    yield printable(f"{records}: {_letters(total)}: {_share(total.bound, summary, 'are wrong')}.")
    if total.typed_letters:
        wrong = total.typed_wrong / total.typed_values if total.typed_values else 0
        yield (
            f"Typed values: {total.typed_wrong:,} of {total.typed_values:,} wrong ({percent(wrong)}), in "
            f"{total.typed_letters_wrong:,} of {count(total.typed_letters, 'letter')}: "
            f"{_share(total.typed_bound, summary, 'have one')}."
        )
    enough = [group for group in summary.forms if group.is_enough]
    few = [group for group in summary.forms if not group.is_enough]
    if enough:
        yield "By form of the letter:"
        for group in enough:
            of = "exactly" if group.is_full else "at most"
            yield printable(f"  {group.form}: {_letters(group)}: {of} {percent(group.bound)}")
    if few:
        listed = ", ".join(f"{group.form} ({count(group.letters, 'letter')})" for group in few)
        yield printable(f"Too few letters to say ({FEWEST} are needed): {listed}.")
    yield from _notes(summary)


def _letters(group: Group) -> str:
    return f"{group.wrong:,} of {count(group.letters, 'letter')} wrong"


def _share(bound: float | None, summary: AuditSummary, verb: str) -> str:
    if summary.total.is_full and summary.total.typed_letters == summary.total.letters:
        return f"these are all of the `ok` letters, so exactly {percent(bound)} {verb}"
    return f"at most {percent(bound)} of the {summary.ok_letters:,} `ok` letters {verb}, with 95% confidence"


def _notes(summary: AuditSummary) -> Iterator[str]:
    if summary.open:
        yield (
            f"Left out: {count(summary.open, 'drawn letter')} without a verdict. The bound is true only if they were "
            "not left because of what they hold, or of what was found before: compare them too."
        )
    if summary.unmarked:
        yield (
            f"{count(summary.unmarked, 'letter')} with an edited value not marked as compared: counted as wrong, and "
            "left out of the typed values."
        )
    draws = (
        f"{len(draw.done):,} of {count(len(draw.letters), 'letter')} (seed {draw.seed}, {draw.drawn})"
        for draw in summary.draws
    )
    yield f"{count(len(summary.draws), 'draw')}: {'; '.join(draws)}."
    if summary.outdated:
        yield f"{count(summary.outdated, 'earlier draw')} from other rows: the file has changed since. Not counted."
