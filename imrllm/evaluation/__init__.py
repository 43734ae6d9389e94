"""Evaluation: recorded model answers, replayed offline."""

from imrllm.evaluation.cassettes import Cassette, cassette_path, read_cassette
from imrllm.evaluation.checking import Finding, check, replay_target
from imrllm.evaluation.recording import Job, record, record_suite, unrecorded
from imrllm.evaluation.tape import recording, replaying

__all__ = [
    "Cassette",
    "Finding",
    "Job",
    "cassette_path",
    "check",
    "read_cassette",
    "record",
    "record_suite",
    "recording",
    "replay_target",
    "replaying",
    "unrecorded",
]
