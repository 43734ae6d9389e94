"""The messages of a prompt's calls about a letter, as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from imrllm.prompt_rendering import RenderedCall
from imrllm.report.terminal import printable


def rendered_text(calls: Sequence[RenderedCall]) -> str:
    """Lay calls out as text for a terminal: a heading for each call and message; what does not print is escaped."""
    lines: list[str] = []
    for number, call in enumerate(calls, 1):
        made = "" if call.is_made else " (not made about this letter)"
        lines.append(f"# call {number} of {len(calls)}: {call.title}{made}")
        lines.append(f"# about {call.tokens:,} tokens in, at most {call.max_tokens:,} out")
        for message in call.messages:
            lines += [f"## {message['role']}", *map(printable, message["content"].split("\n"))]
        lines.append("")
    return "\n".join(lines) + "\n" if lines else ""
