"""Rows of the table: prompts, forms, suites, cassettes and settings that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.cases import SettingsCase

# Python reads some 1,000 within one another.
DEEP = "[" * 1_500
# What TOML and YAML readers raise other errors for than their own.
IN_TOML = {
    "brackets without end": f"a = {DEEP}",
    "a number of 5,000 digits": f"a = {'9' * 5_000}",
    "a day that no month has": "a = 2001-99-99",
}
IN_YAML = {"brackets without end": DEEP, "a day that no month has": "a: 2001-99-99"}
SAID = {
    "form": "is not TOML",
    "suite": "is not valid TOML",
    "settings": "is not valid TOML",
    "prompt": "it is not YAML",
    "cassette": "is malformed at",
}


def settings() -> Iterator[SettingsCase]:
    """Each kind of file with each text."""
    for kind, said in SAID.items():
        for name, text in (IN_YAML if kind in ("prompt", "cassette") else IN_TOML).items():
            yield SettingsCase(f"a {kind} with {name}", kind, text, said)


SETTINGS: tuple[SettingsCase, ...] = tuple(settings())
