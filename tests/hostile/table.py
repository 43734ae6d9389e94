"""The whole table of faults, hostile files and hostile servers, and its page `docs/survives.md`."""

from __future__ import annotations

from collections.abc import Iterable

from tests.hostile.archive_cases import ARCHIVES
from tests.hostile.batch_cases import BATCHES, BATCHES_FOR_GOOD, STEP_FAULTS
from tests.hostile.cases import Case, PropertyCase
from tests.hostile.file_cases import FILES
from tests.hostile.letter_cases import ENDLESS, IDS, LETTERS
from tests.hostile.row_cases import ROWS
from tests.hostile.server_cases import SERVERS
from tests.hostile.settings_cases import SETTINGS

NUMBERS = tuple(
    PropertyCase(
        f"{name} as quantity, strength, refills, visits or weeks",
        "no amount, status `review`",
        "tests/hostile/test_letters.py::test_a_number_without_end_is_no_amount",
    )
    for name in ENDLESS
)
NAMES = tuple(
    PropertyCase(
        f"an id that is {reason}",
        "nothing is steered, and no file is named after it; the rows hold it as it is",
        "tests/hostile/test_letters.py::TestIds",
    )
    for reason in IDS
)
PROPERTIES = (
    PropertyCase(
        "a letter cut between any two paragraphs, or without its first ones",
        "never `ok`, unless what is left is a whole shorter letter",
        "tests/test_cut_letters.py",
    ),
    PropertyCase(
        "1,200 texts that are no determination",
        "no record",
        "tests/test_no_determination.py",
    ),
    PropertyCase(
        "200 damaged copies of a tar and of packed ones: cut short, bits flipped, bytes removed or zeroed",
        "each lost letter is told of",
        "tests/documents/test_archives.py::test_no_letter_of_a_damaged_tar_is_lost_in_silence",
    ),
    PropertyCase(
        "mutated inputs of every reader",
        "the reader's own error or a result; spans inside the text",
        "tests/fuzz/test_fuzz.py",
    ),
    PropertyCase(
        "a run that is killed before any step of writing its results",
        "resumed, it ends as an undisturbed one; nothing is lost, nothing twice",
        "tests/store/test_killed.py",
    ),
    PropertyCase(
        "a run that is killed at random moments while the server fails every fifth request",
        "resumed, it ends as an undisturbed one; no answered question is asked again",
        "tests/cli/test_soak.py",
    ),
    PropertyCase(
        "a batch run that dies at any write of its journal",
        "nothing is sent twice",
        "tests/batch/test_rounds.py::test_a_run_that_dies_at_any_write_of_its_journal_sends_nothing_twice",
    ),
    PropertyCase(
        "an export that is killed, or whose disk is full",
        "the output that was there stays; what is left over is removed by the next export",
        "tests/export/test_writing.py",
    ),
)

SECTIONS: dict[str, tuple[str, tuple[Case, ...]]] = {
    "Files": (
        (
            "Read between two good letters, by `read_documents` and by the pipeline. The good ones are read each time; "
            "what cannot be read is one row with the reason and a hint. Nothing is written or unpacked."
        ),
        FILES,
    ),
    "Rows and lists": ("The same for JSON lines, tables and lists of files: the other rows are read.", ROWS),
    "Archives and mails": ("The same: the other files are read, and what may be lost is told of.", ARCHIVES),
    "Letters": (
        (
            "Extracted without a model, and with one that does whatever the letter says: overturned, 999 tablets of "
            "something else. The letter's own values win, and each of the model's is a conflict to review."
        ),
        (*LETTERS, *NUMBERS, *NAMES),
    ),
    "Prompts, forms and settings": (
        "Read by the command that needs them, which ends with the file's name and the mistake.",
        SETTINGS,
    ),
    "A model's server": (
        (
            "`imrllm extract` on three letters. The server answers two well, and meets the third like this. The other "
            "rows are the same as ever; a run that ends goes on with the same command."
        ),
        SERVERS,
    ),
    "Batches": (
        (
            "`imrllm batch` with a provider that returns this instead of the answers, once or each time. Letters' text "
            "and the provider's messages, which can quote it, are in no error."
        ),
        (*BATCHES, *BATCHES_FOR_GOOD),
    ),
    "Batches, step by step": (
        "What one request meets, at each of upload, creation, status, download and deletion.",
        STEP_FAULTS,
    ),
    "Many inputs": ("Properties over many inputs, by tests of their own.", PROPERTIES),
}
OPENING = """\
# What imrllm survives

<!-- Written by `make docs` from tests/hostile; CI fails if it differs. -->

Every row is a test. To add one, add it to a table in `tests/hostile`: its test and its line here follow. `make fuzz`
looks for more.
"""


def page() -> str:
    """The page of all cases."""
    parts = [OPENING]
    for title, (said, cases) in SECTIONS.items():
        parts.append(f"## {title}\n\n{said}\n\n| what is wrong | what happens |\n| --- | --- |\n{_rows(cases)}")
    return "\n".join(parts)


def _rows(cases: Iterable[Case]) -> str:
    return "".join(f"| {_cell(case.name)} | {_cell(case.outcome)} |\n" for case in cases)


def _cell(text: str) -> str:
    # What else Markdown would take for its own stands between backticks.
    return text.replace("|", "\\|")
