"""Tables of counts as files: written, read again, found by model and prompt, and refused where they do not apply."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imrllm.documents import Document
from imrllm.errors import UsageError
from imrllm.planning import read_in_full
from imrllm.prompts import load_prompt
from imrllm.trust import (
    FOLDS,
    Table,
    beside_gold,
    find_table,
    fold_of,
    grammar_sha256,
    load_table,
    table_path,
    tables,
)
from tests.letters import THREE, letter
from tests.trust.made import listed, table, values

SHIPPED = sorted((Path(__file__).parents[2] / "calibration").glob("*.json"))


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working folder, and no table that ships."""
    monkeypatch.setattr(tables, "tables_folder", lambda: tmp_path / "shipped")
    monkeypatch.chdir(tmp_path)


def write(made: Table, folder: Path, at: int | None = None) -> Path:
    """Write a table; `at` is the time of change in seconds, since two writes may be closer than a clock tells."""
    path = table_path(made.model, made.prompt, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(made.to_json(), encoding="utf-8")
    if at is not None:
        os.utime(path, (at, at))
    return path


COUNTED = table(
    values={"category": {"differ": values([1, 2], [0, 2], [1, 0])}},
    lists={"grounds": listed([3, 4], {"safety_risk|words+quote": ([2, 2], [1, 2])})},
)


def test_a_table_is_read_as_it_was_written() -> None:
    text = COUNTED.to_json()
    assert Table.model_validate_json(text) == COUNTED
    assert text.endswith("}\n")
    assert '"seen": [2, 2, 0, 0, 0, 0, 0, 0, 0, 0]' in text, "one line a count"


@given(st.lists(st.integers(0, 10**6), min_size=FOLDS, max_size=FOLDS))
def test_any_counts_are_read_as_they_were_written(counts: list[int]) -> None:
    made = table(lists={"grounds": listed(counts, {"a [1, 2]|words": (counts, counts)})})
    assert Table.model_validate_json(made.to_json()) == made


class TestFolds:
    def test_a_letter_has_one_of_ten(self) -> None:
        assert fold_of("0" * 64) == 0
        assert fold_of("0000000a" + "f" * 56) == 0, "10"
        assert fold_of("0000000b" + "0" * 56) == 1, "11"

    def test_letters_are_spread_over_all(self) -> None:
        folds = [fold_of(sha256(f"letter {number}".encode()).hexdigest()) for number in range(1000)]
        assert set(folds) == set(range(FOLDS))
        assert max(folds.count(fold) for fold in range(FOLDS)) < 150

    @pytest.mark.parametrize("count", [0, 9, 11])
    def test_a_table_has_ten(self, count: int) -> None:
        with pytest.raises(ValueError, match="values"):
            table(values={"category": {"differ": {"seen": [0] * count, "model": [0] * 10, "grammar": [0] * 10}}})


class TestPath:
    @pytest.mark.parametrize(
        ("model", "prompt", "name"),
        [
            ("none", None, "none.json"),
            ("local", "v5", "local-v5.json"),
            ("openai/gpt-5-mini", "v4", "openai-gpt-5-mini-v4.json"),
            ("vllm/Qwen/Qwen3:8B", "v5", "vllm-Qwen-Qwen3-8B-v5.json"),
            ("vllm/../../etc", "v5", "vllm-..-..-etc-v5.json"),
        ],
    )
    def test_it_names_model_and_prompt_and_stays_in_its_folder(self, model: str, prompt: str | None, name: str) -> None:
        assert table_path(model, prompt, Path("calibration")) == Path("calibration", name)


class TestLoading:
    def load(self, sha: str | None = "a" * 64) -> Table | None:
        return load_table("local", "v5", sha)

    def test_without_a_file(self) -> None:
        assert self.load() is None

    def test_that_of_the_working_folder(self) -> None:
        write(COUNTED, Path("calibration"))
        assert self.load() == COUNTED

    def test_the_one_that_ships(self) -> None:
        write(COUNTED, Path("shipped"))
        assert self.load() == COUNTED

    def test_the_working_folders_goes_first(self) -> None:
        write(COUNTED, Path("calibration"))
        write(table(), Path("shipped"))
        assert self.load() == COUNTED

    def test_one_that_was_written_anew_is_read_anew(self) -> None:
        write(table(), Path("calibration"), at=1)
        assert self.load() == table()
        write(COUNTED, Path("calibration"), at=2)
        assert self.load() == COUNTED
        table_path("local", "v5", Path("calibration")).unlink()
        assert self.load() is None

    @pytest.mark.parametrize(
        ("changes", "sha", "gold", "named"),
        [
            ({"grammar_sha256": "d" * 64}, "a" * 64, {}, "another grammar"),
            ({}, "e" * 64, {}, "another prompt"),
            ({"model": "local"}, "a" * 64, {"written": "f" * 64}, "another gold of `written`"),
        ],
    )
    def test_one_of_another_grammar_prompt_or_gold_is_refused_by_name(
        self, changes: dict[str, str], sha: str, gold: dict[str, str], named: str
    ) -> None:
        write(table(**changes), Path("calibration"))
        with beside_gold(gold):
            found, why = find_table("local", "v5", sha)
        assert found is None
        assert why
        assert f"{Path('calibration', 'local-v5.json')}` is not used: it was counted with {named}." in why

    def test_one_beside_its_own_gold_applies(self) -> None:
        write(COUNTED, Path("calibration"))
        with beside_gold({"written": "c" * 64, "mine": "0" * 64}):
            assert find_table("local", "v5", "a" * 64) == (COUNTED, None)

    def test_one_that_stays_is_read_once(self) -> None:
        write(COUNTED, Path("calibration"))
        assert self.load() is self.load(), "what is learned from it is kept with it"

    def test_each_working_folder_has_its_own(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(COUNTED, Path("calibration"), at=1)
        assert self.load() == COUNTED
        (tmp_path / "other").mkdir()
        monkeypatch.chdir(tmp_path / "other")
        assert self.load() is None
        write(table(), Path("calibration"), at=1)
        assert self.load() == table()

    @pytest.mark.parametrize("sha", ["d" * 64, None])
    def test_one_of_another_text_of_the_prompt_does_not_apply(self, sha: str | None) -> None:
        write(COUNTED, Path("calibration"))
        assert self.load(sha) is None

    def test_one_of_another_model_or_prompt_does_not_apply(self) -> None:
        write(COUNTED, Path("calibration"))
        assert load_table("local", "v2", "a" * 64) is None
        assert load_table("vllm/local", "v5", "a" * 64) is None
        assert load_table("none") is None

    def test_that_of_none(self) -> None:
        alone = table(model="none", prompt=None, prompt_sha256=None)
        write(alone, Path("calibration"))
        assert load_table("none") == alone

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ('"version": 2', '"version": 3', "version"),
            ('"seen": [2, 2, 0', '"seen": [2, 2', "seen"),
            ('"model": "local"', '"modle": "local"', "model"),
            ("{", "", ""),
        ],
    )
    def test_a_file_that_is_no_table(self, old: str, new: str, said: str) -> None:
        path = write(COUNTED, Path("calibration"))
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        with pytest.raises(UsageError) as raised:
            self.load()
        assert "calibration/local-v5.json" in str(raised.value)
        assert said in str(raised.value)
        assert "imrllm calibrate" in raised.value.hint


class TestOfALetter:
    """The arbitration that extraction follows."""

    LETTER = read_in_full(Document.from_text(letter(*THREE), "one"))

    def counted(self, fold: int, sha: str) -> Table:
        counts = [5 if index == fold else 0 for index in range(FOLDS)]
        return table(prompt_sha256=sha, values={"category": {"differ": values(counts, counts, [0])}})

    def test_the_letters_own_fold_never_counts(self) -> None:
        prompt, own = load_prompt("v5"), fold_of(self.LETTER.document.sha256)
        for fold in range(FOLDS):
            write(self.counted(fold, prompt.sha256), Path("calibration"), at=fold)
            preferred = self.LETTER.arbitration("local", prompt).prefers_model("category", "differ")
            assert preferred == (fold != own)

    def test_a_changed_prompt_falls_back_to_cautious_rules(self) -> None:
        own = fold_of(self.LETTER.document.sha256)
        write(self.counted((own + 1) % FOLDS, "0" * 64), Path("calibration"))
        arbitration = self.LETTER.arbitration("local", load_prompt("v5"))
        assert not arbitration.prefers_model("category", "differ")
        assert arbitration.accepts("grounds", "safety_risk|words")
        assert arbitration.share_right("grounds", "safety_risk|words") is None


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_table_that_ships(file: Path) -> None:
    shipped = Table.model_validate_json(file.read_bytes())
    assert file.name == table_path(shipped.model, shipped.prompt, file.parent).name
    assert shipped.to_json() == file.read_text(encoding="utf-8")
    assert (shipped.prompt is None) == (shipped.prompt_sha256 is None)
    for counts in shipped.lists.values():
        assert all(
            right <= seen
            for each in counts.situations.values()
            for right, seen in zip(each.right, each.seen, strict=True)
        )
    for by_agreement in shipped.values.values():
        for of in by_agreement.values():
            assert all(max(m, g) <= seen for m, g, seen in zip(of.model, of.grammar, of.seen, strict=True))
    assert json.loads(file.read_text())["suites"]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_table_that_ships_is_of_the_prompt_that_ships(file: Path) -> None:
    shipped = Table.model_validate_json(file.read_bytes())
    if shipped.prompt:
        assert shipped.prompt_sha256 == load_prompt(shipped.prompt).sha256


def test_the_shipped_tables_are_of_the_grammar_as_it_is() -> None:
    """Run `imrllm calibrate` for each after the grammar has changed."""
    shipped = [Table.model_validate_json(file.read_bytes()) for file in SHIPPED]
    assert {(each.model, each.prompt) for each in shipped} == {("none", None), ("local", "v5"), ("local", "v4")}
    assert {each.grammar_sha256 for each in shipped} == {grammar_sha256()}


def test_another_form_is_another_grammar(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = Path.read_bytes

    def noted(self: Path) -> bytes:
        read.append(self.name)
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", noted)
    grammar_sha256.__wrapped__()
    assert {"2013.toml", "2016-2017.toml", "professional review.toml", "form.py"} <= set(read)
