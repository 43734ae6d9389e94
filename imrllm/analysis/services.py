"""What the state (DWC) and the insurers' institute (CWCI) call the request categories: a crosswalk, `services.tsv`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Service(NamedTuple):
    """A request category in others' words.

    Attributes:
        name: DWC's category.
        group: CWCI's group.
    """

    name: str
    group: str


@cache
def services() -> dict[str, Service]:
    """By request category of the record, DWC's category and CWCI's group, in the order of the file."""
    lines = (files("imrllm.analysis") / "services.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {category: Service(name, group) for category, name, group in rows}
