"""Cassettes: recorded model answers, replayed offline, checked and recorded again where they are stale."""

from imrllm.cassettes.lint import LintFinding, LintReport, check, orphans, prune, replay_target
from imrllm.cassettes.recording import RecordingTask, record, unrecorded
from imrllm.cassettes.replay import recording, replaying
from imrllm.cassettes.store import Cassette, cassette_path, read_cassette

__all__ = [
    "Cassette",
    "LintFinding",
    "LintReport",
    "RecordingTask",
    "cassette_path",
    "check",
    "orphans",
    "prune",
    "read_cassette",
    "record",
    "recording",
    "replay_target",
    "replaying",
    "unrecorded",
]
