"""`check` finds what is stale, orphaned, never played or unsafe, and names the letter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imrllm.cassettes import check, orphans, prune, read_cassette
from imrllm.cassettes.store import render_cassette
from imrllm.errors import UsageError
from tests.recorded_suite import CANARY, Suite, change_prompt

Change = Callable[[Suite], object]


def _letter(suite: Suite) -> Path:
    return suite.evals / "small" / "letters" / "ada.txt"


def _edit(suite: Suite, old: str, new: str) -> None:
    path = suite.cassette("ada")
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def _with(suite: Suite, **update: object) -> None:
    path = suite.cassette("ada")
    path.write_text(render_cassette(read_cassette(path).model_copy(update=update)))


def _twice(suite: Suite) -> None:
    interactions = read_cassette(suite.cassette("ada")).interactions
    _with(suite, interactions=(*interactions, interactions[-1]))


def _moved(suite: Suite, to: str) -> None:
    path = suite.cassettes / to
    path.parent.mkdir(parents=True, exist_ok=True)
    suite.cassette("ada").rename(path)


def test_nothing_to_find(recorded: Suite) -> None:
    assert check(recorded.cassettes, recorded.evals).findings == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param(
            lambda suite: _letter(suite).write_text(_letter(suite).read_text() + "\n"),
            "stale: the letter changed",
            id="another byte in the letter",
        ),
        pytest.param(
            lambda suite: _with(suite, schemas_sha256={"case": "0" * 64, "item": "0" * 64}),
            "stale: the answer's schema changed",
            id="another schema",
        ),
        pytest.param(
            lambda suite: _with(suite, prompt_sha256="0" * 64), "stale: prompt `v5` changed", id="another prompt"
        ),
        pytest.param(
            lambda suite: _with(suite, model="vllm/other"),
            "model `vllm-other`, but lies as `local`",
            id="another model",
        ),
        pytest.param(
            lambda suite: suite.gold("ada").unlink(), "orphan: suite `small` has no such letter", id="no gold"
        ),
        pytest.param(lambda suite: _letter(suite).unlink(), "its letter is not in the suite", id="no letter"),
        pytest.param(
            lambda suite: _moved(suite, "gone/v5/local/ada.yaml"), "orphan: suite `gone` has no such", id="no suite"
        ),
        pytest.param(lambda suite: _moved(suite, "small/v5/ada.yaml"), "it lies outside of", id="a level short"),
        pytest.param(
            lambda suite: _moved(suite, "small/v4/local/ada.yaml"), "prompt `v5`, but lies as `v4`", id="moved"
        ),
        pytest.param(_twice, "call `item 1` is recorded, but never made", id="an interaction never played"),
        pytest.param(
            lambda suite: _with(suite, interactions=read_cassette(suite.cassette("ada")).interactions[:1]),
            "does not hold the call `item 1`",
            id="an interaction lacking",
        ),
        pytest.param(
            lambda suite: _edit(suite, "cervical strain", "hf_" + "a1B2" * 8), "looks like an access token", id="secret"
        ),
        pytest.param(
            lambda suite: _edit(suite, "      accept:", "      x-request-id: 1\n      accept:"),
            "request 1 holds the header `x-request-id`",
            id="a request's header",
        ),
        pytest.param(
            lambda suite: _edit(
                suite, "    status: 200\n    headers:", "    status: 200\n    headers:\n      server: x"
            ),
            "response 1 holds the header `server`",
            id="a response's header",
        ),
        pytest.param(
            lambda suite: _edit(suite, "    kind: case", f"    kind: case\n    text: {CANARY}"),
            "more than names and digests: letter text, perhaps",
            id="a letter's text",
        ),
        pytest.param(lambda suite: suite.cassette("ada").write_bytes(b"\xff"), "it cannot be read", id="no text"),
        pytest.param(lambda suite: suite.cassette("ada").write_text("[]"), "is malformed", id="no cassette"),
    ],
)
def test_each_finding_names_the_letter(recorded: Suite, change: Change, problem: str) -> None:
    change(recorded)
    findings = check(recorded.cassettes, recorded.evals).findings
    assert [finding.document for finding in findings] == ["ada"] * len(findings)
    assert problem in " ".join(str(finding) for finding in findings)
    assert CANARY not in " ".join(str(finding) for finding in findings)


def test_a_prompt_that_is_gone(recorded: Suite, own_prompts: Path) -> None:
    (own_prompts / "v5.md").unlink()
    change_prompt(own_prompts, "v4", "name: v4", "name: v4")
    findings = check(recorded.cassettes, recorded.evals).findings
    assert [finding.document for finding in findings] == ["ada", "bea"]
    assert "an orphan: there is no prompt `v5`" in findings[0].problem


def test_letters_that_are_not_here_are_told_and_held_against_hashes(recorded: Suite, tmp_path: Path) -> None:
    recorded.unship()
    checked = check(recorded.cassettes, recorded.evals)
    assert (checked.findings, checked.replayed, checked.unreplayed) == ([], 0, {"small": 2})
    _with(recorded, document_sha256="0" * 64)
    (finding,) = check(recorded.cassettes, recorded.evals).findings
    assert "stale: the letter changed" in finding.problem
    elsewhere = tmp_path / "evals" / "small" / "letters"
    assert check(recorded.cassettes, recorded.evals, elsewhere).replayed == 1


class TestPruning:
    def test_nothing_is_orphaned(self, recorded: Suite) -> None:
        assert orphans(recorded.cassettes, recorded.evals) == []

    def test_orphans_go_with_their_empty_folders(self, recorded: Suite) -> None:
        _moved(recorded, "gone/v5/local/ada.yaml")
        found = orphans(recorded.cassettes, recorded.evals)
        assert found == [recorded.cassettes / "gone/v5/local/ada.yaml"]
        prune(found)
        assert not (recorded.cassettes / "gone").exists()
        assert [file.name for file in recorded.cassettes.rglob("*.yaml")] == ["bea.yaml"]

    def test_what_is_no_cassette_is_not_for_pruning(self, recorded: Suite) -> None:
        (recorded.cassettes / "compose.yaml").write_text("services: {}")
        _moved(recorded, "small/v5/ada.yaml")
        other = recorded.cassettes / "gone" / "v5" / "local" / "zoe.yaml"
        other.parent.mkdir(parents=True)
        other.write_text("services: {}")
        assert orphans(recorded.cassettes, recorded.evals) == []
        assert len(check(recorded.cassettes, recorded.evals).findings) == 3

    def test_a_stale_cassette_stays(self, recorded: Suite) -> None:
        _with(recorded, prompt_sha256="0" * 64)
        assert orphans(recorded.cassettes, recorded.evals) == []

    def test_of_a_prompt_that_is_gone(self, recorded: Suite, own_prompts: Path) -> None:
        (own_prompts / "v5.md").unlink()
        prune(orphans(recorded.cassettes, recorded.evals))
        assert not list(recorded.cassettes.rglob("*"))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no folder"):
        check(tmp_path / "cassettes", tmp_path)
    with pytest.raises(UsageError, match="There is no folder"):
        orphans(tmp_path / "cassettes", tmp_path)
