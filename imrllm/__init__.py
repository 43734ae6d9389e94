"""Independent Medical Review determinations as typed, source-grounded, cross-checked records."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imrllm.checking import check, read_results
    from imrllm.documents import Columns, Document, Unreadable, read_documents
    from imrllm.errors import ImrllmError
    from imrllm.export.frames import to_frames
    from imrllm.pipeline import Extractor
    from imrllm.records import Check, Determination, DisputedItem, Result
    from imrllm.running.run import run
    from imrllm.running.summary import RunSummary
    from imrllm.version import __version__

__all__ = [
    "Check",
    "Columns",
    "Determination",
    "DisputedItem",
    "Document",
    "Extractor",
    "ImrllmError",
    "Result",
    "RunSummary",
    "Unreadable",
    "__version__",
    "check",
    "read_documents",
    "read_results",
    "run",
    "to_frames",
]

_HOMES = {
    "Check": "imrllm.records",
    "Columns": "imrllm.documents",
    "Determination": "imrllm.records",
    "DisputedItem": "imrllm.records",
    "Document": "imrllm.documents",
    "Extractor": "imrllm.pipeline",
    "ImrllmError": "imrllm.errors",
    "Result": "imrllm.records",
    "RunSummary": "imrllm.running.summary",
    "Unreadable": "imrllm.documents",
    "__version__": "imrllm.version",
    "check": "imrllm.checking",
    "read_documents": "imrllm.documents",
    "read_results": "imrllm.checking",
    "run": "imrllm.running.run",
    "to_frames": "imrllm.export.frames",
}


def __getattr__(name: str) -> object:
    """Import a public name at its first use: pydantic and the rooms that need it take longer than Python to start."""
    if name not in _HOMES:
        from difflib import get_close_matches

        near = get_close_matches(name.lower(), [each.lower() for each in __all__], n=1)
        meant = next((each for each in __all__ if near and each.lower() == near[0]), None)
        hint = f": did you mean `{meant}`?" if meant else f"; it has {', '.join(f'`{each}`' for each in __all__)}"
        raise AttributeError(f"module `imrllm` has no attribute `{name}`{hint}")
    from importlib import import_module

    found: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
