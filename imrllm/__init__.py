"""Independent Medical Review determinations as typed, source-grounded, cross-checked records."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imrllm.documents import Document
    from imrllm.pipeline import Extractor
    from imrllm.records import Determination, Result

    __version__: str

__all__ = ["Determination", "Document", "Extractor", "Result", "__version__"]

_HOMES = {
    "Determination": "imrllm.records",
    "Document": "imrllm.documents",
    "Extractor": "imrllm.pipeline",
    "Result": "imrllm.records",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: pydantic and what is behind it cost more than Python's start."""
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            found: object = version("imrllm")
        except PackageNotFoundError:
            found = "0+unknown"
    elif name in _HOMES:
        from importlib import import_module

        found = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module `imrllm` has no attribute `{name}`")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
