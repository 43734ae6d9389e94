"""Checks of prompt files: what is found, where, and what stops a run."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from jinja2 import TemplateSyntaxError

from imrllm.answer_models import ASKABLE
from imrllm.errors import PromptError
from imrllm.planning import read_in_full
from imrllm.prompt_lint import lint_prompt, remarks
from imrllm.prompt_problems import MalformedPromptError
from imrllm.prompt_templates import OFFERED, compiled
from imrllm.prompts import load_prompt, parse_prompt, prompt_file, prompt_names
from tests.letters import THREE, letter
from tests.report.reviewed import document

FRONT = """---
name: own
asks: {case: all, item: [treatment, reviewer_basis]}
temperature: 0
max_tokens: {case: 900, item: 200}
change: A test's own.
---
"""
CASE = """# case
## system
Read the case.
## user
{{ credentials | delimited("credentials") }}

{{ summary | delimited("summary") }}
"""
ITEM = """# item
## user
{{ request | delimited("request") }}
{{ reviewer_basis | delimited("reviewer_basis") }}
"""
SOUND = FRONT + CASE + ITEM
VERIFY = """---
name: own
asks: {verify: [grounds]}
max_tokens: {verify: 16}
change: A test's own.
---
# verify
## user
{% set kinds = {"long_term_use": "too long"} %}
{{ rationale }} {{ kinds[ground] }}?
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    load_prompt.cache_clear()
    return tmp_path / "own.md"


def linted(file: Path, source: str) -> list[str]:
    file.write_text(source, encoding="utf-8")
    return [
        f"{problem.line}:{problem.column} {'error' if problem.is_error else 'remark'}: {problem.message}"
        for problem in lint_prompt(str(file)).problems
    ]


@pytest.mark.parametrize("name", [*prompt_names(), "forms/form-1"])
def test_the_shipped_prompts_have_no_problem(name: str) -> None:
    assert lint_prompt(name).problems == ()
    # `load_prompt` relies on it for the prompts of the installed package.
    assert load_prompt(name).problems == ()


def test_a_sound_prompt_has_no_problem_and_its_unused_parts_are_named(own: Path) -> None:
    assert linted(own, SOUND) == []
    assert lint_prompt(str(own)).unused == {"item": ("heading", "claims_administrator", "rationale")}


@pytest.mark.parametrize(
    ("source", "found", "reason"),
    [
        (
            SOUND.replace("name: own", "name: [own"),
            ["3:5 error: the front matter is malformed, it is not YAML: expected ',' or ']', but got ':'"],
            "the place is the parser's, in the file",
        ),
        (
            SOUND.replace("temperature", "temprature"),
            ["4:1 error: the front matter is malformed: `temprature` is not a key of it (did you mean `temperature`?)"],
            "a misspelt key",
        ),
        (
            SOUND.replace("temperature: 0", "temperature: warm\nmax_token: {}"),
            [
                ("4:1 error: the front matter is malformed: `temperature` is not valid: input should be a valid "
                "number, unable to parse string as a number"),
                "5:1 error: the front matter is malformed: `max_token` is not a key of it (did you mean `max_tokens`?)",
            ],
            "two faults, in the order of the file",
        ),
        (
            SOUND.replace("{case: 900", "{cases: 900"),
            [
                ("5:14 error: the front matter is malformed: `max_tokens.cases` is not a kind of call (did you mean "
                "`case`?)")
            ],
            "a misspelt kind of call",
        ),
        (
            SOUND.replace("[treatment, ", "[treatment, refils, "),
            ["3:37 error: call `item` asks for `refils` (did you mean `refills`?)"],
            "a misspelt field",
        ),
        (
            SOUND.replace("{{ summary |", "{{ sumary |"),
            ["14:4 error: call `case` has no part `sumary` (did you mean `summary`?)"],
            "a misspelt part",
        ),
        (
            SOUND.replace("{{ request |", "{% if rationale %}{{ heading }}{% endif %}{{ letter |"),
            ["17:46 error: call `item` has no part `letter`"],
            "a part of another kind of call",
        ),
        (
            SOUND.replace('{{ summary | delimited("summary") }}', "{% if summary %}"),
            [
                ("14:1 error: the template of call `case` is not valid Jinja2: Unexpected end of template. Jinja was "
                "looking for the following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be "
                "closed is 'if'")
            ],
            "a block that does not end",
        ),
        (
            SOUND.replace("{{ summary | delimited", "{{ summary | delimted"),
            ["14:1 error: the template of call `case` is not valid Jinja2: No filter named 'delimted'"],
            "a misspelt filter",
        ),
        (
            SOUND.replace("{{ request |", "{{ request.words |"),
            [
                ("17:1 error: this turn of call `item` cannot be filled in where the parts are not empty or the parts "
                "are empty: 'str object' has no attribute 'words'")
            ],
            "an attribute that a text does not have",
        ),
        (
            SOUND.replace("{{ request |", "{{ request[0] |"),
            [
                ("17:1 remark: this turn of call `item` cannot be filled in where the parts are empty: str object has "
                "no element 0")
            ],
            "what fails for few letters does not stop a run",
        ),
        (
            SOUND.replace('{{ credentials | delimited("credentials") }}', ""),
            [("8:1 remark: call `case` never shows `credentials`, which states `reviewer.licensed_states`, "
             "`reviewer.specialties`")],
            "a part left out, of which something is asked",
        ),
        (
            SOUND.replace('{{ reviewer_basis | delimited("reviewer_basis") }}\n', ""),
            ["15:1 remark: call `item` never shows `reviewer_basis`, which states `reviewer_basis`"],
            "a basis left out",
        ),
        (
            SOUND + '## assistant\n\n{"treatment": "Splint"}\n## user\nGo on.\n',
            ["21:1 remark: an example of call `item` is not an answer: `reviewer_basis` is missing"],
            "an example that lacks a field",
        ),
        (
            SOUND + "## assistant\nSplint\n## user\nGo on.\n",
            [("20:1 remark: an example of call `item` is not an answer: it is not JSON (Expecting value: line 1 "
             "column 1 (char 0))")],
            "an example that is no JSON",
        ),
        (
            SOUND + "## assistant\n{{ request }}\n## user\nGo on.\n",
            [],
            "an example that the letter fills in cannot be checked",
        ),
    ],
)  # fmt: skip
def test_a_problem_is_found_at_its_place(own: Path, source: str, found: list[str], reason: str) -> None:
    assert linted(own, source) == found, reason


def test_a_template_that_fails_for_some_grounds_names_them(own: Path) -> None:
    (found,) = linted(own, VERIFY)
    # 13 grounds speak against a request, and the template knows one of them.
    assert (
        "where `ground` is `not_recommended_by_guideline` or `ground` is `guideline_criteria_not_met` or 10 more"
        in (found)
    )


def test_a_call_about_a_ground_must_name_it(own: Path) -> None:
    assert linted(own, VERIFY.replace("{{ kinds[ground] }}", "")) == [
        "7:1 remark: call `verify` never shows `ground`, which it asks about"
    ]


def test_an_error_stops_a_run_and_a_remark_does_not(own: Path) -> None:
    own.write_text(SOUND.replace("{{ summary |", "{{ sumary |"), encoding="utf-8")
    with pytest.raises(MalformedPromptError) as raised:
        load_prompt(str(own))
    assert str(raised.value) == (
        f"Prompt `own` (`{own}`), line 14, column 4: call `case` has no part `sumary` (did you mean `summary`?)."
    )
    assert raised.value.hint == "Its parts are `credentials`, `summary`."

    load_prompt.cache_clear()
    own.write_text(SOUND.replace("{{ credentials |", '{{ "" |'), encoding="utf-8")
    (remark,) = remarks(load_prompt(str(own)))
    assert "never shows `credentials`" in str(remark)


def test_errors_of_a_run_are_all_named_with_the_file(own: Path) -> None:
    own.write_text(SOUND.replace("{{ summary |", "{{ sumary |").replace("{{ request |", "{{ reqest |"))
    with pytest.raises(MalformedPromptError) as raised:
        load_prompt(str(own))
    assert "line 14, column 4" in str(raised.value)
    assert "line 17, column 4" in str(raised.value)
    assert [problem.line for problem in raised.value.problems] == [14, 17]
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(again), again.hint, again.problems) == (str(raised.value), raised.value.hint, raised.value.problems)


def test_a_byte_order_mark_is_no_text(own: Path) -> None:
    own.write_text(SOUND, encoding="utf-8-sig")
    assert lint_prompt(str(own)).problems == ()
    assert load_prompt(str(own)).sha256 == parse_prompt(SOUND, "own").sha256


def test_a_name_that_the_template_sets_itself_is_no_part(own: Path) -> None:
    source = SOUND.replace(
        "{{ request |", "{% set words = request %}{% for each in [1] %}{{ each }}{% endfor %}{{ words |"
    )
    assert linted(own, source) == []


def test_a_prompt_that_is_not_there(own: Path) -> None:
    with pytest.raises(PromptError, match="There is no prompt"):
        lint_prompt(str(own))
    own.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PromptError, match="not a text file"):
        lint_prompt(str(own))


def test_the_offered_parts_are_those_that_calls_have() -> None:
    read = read_in_full(document(letter(*THREE)))
    for kind in ("letter", "case", "item", "grounds"):
        for call in read._calls(kind):
            assert tuple(call.parts) == OFFERED[kind]
    assert OFFERED.keys() == ASKABLE.keys()


def test_lines_are_those_of_the_file() -> None:
    file = prompt_file("v5")
    source = file.read_text(encoding="utf-8")
    lines = source.splitlines()
    for turns in parse_prompt(source, "v5").turns().values():
        for _, text, line in turns:
            assert text.startswith(lines[line - 1])


@pytest.mark.parametrize("text", ["(" * 5_000 + "a" + ")" * 5_000, "(" * 250 + "a" + "+1)" * 250])
def test_a_template_that_is_nested_too_deeply(text: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="nested too deeply"):
        compiled(f"{{{{ {text} }}}}")
