"""Every cassette of the repository replays: one result a letter, no model, no key, no connection."""

from __future__ import annotations

from pathlib import Path

import pytest

from imrllm import Extractor
from imrllm.documents import Document, read_documents
from imrllm.evaluation import check, read_cassette, replay_target, replaying

ROOT = Path(__file__).resolve().parents[2]
CASSETTES = sorted((ROOT / "cassettes" / "written").rglob("*.yaml"))


@pytest.mark.usefixtures("no_connections")
@pytest.mark.parametrize("path", [pytest.param(path, id="-".join(path.parts[-3:])) for path in CASSETTES])
def test_each_cassette_replays(path: Path) -> None:
    cassette = read_cassette(path)
    (letter,) = read_documents([ROOT / "evals" / "written" / "letters" / f"{path.stem}.txt"])
    assert isinstance(letter, Document)
    with replaying(path) as left:
        result = Extractor(target=replay_target(cassette.model), prompt=cassette.prompt).extract(letter)
        assert not left.unplayed
    assert result.provenance.usage.calls == len(cassette.interactions)
    assert result.provenance.prompt_sha256 == cassette.prompt_sha256


def test_all_are_in_order() -> None:
    if CASSETTES:
        assert check(ROOT / "cassettes", ROOT / "evals") == []
