"""Evaluation: suites with their gold, scores, comparisons, and recorded model answers replayed offline."""

from imrllm.evaluation.answers import Answer, Row
from imrllm.evaluation.cassettes import Cassette, cassette_path, read_cassette
from imrllm.evaluation.checking import Checked, Finding, check, orphans, prune, replay_target
from imrllm.evaluation.comparing import Comparison, compare_runs, regressions
from imrllm.evaluation.gates import parse_thresholds
from imrllm.evaluation.harness import Setting, run, run_records
from imrllm.evaluation.recording import Job, record, record_suite, unrecorded
from imrllm.evaluation.runs import EvalRun, read_run
from imrllm.evaluation.scoring import Leaf, floor, score
from imrllm.evaluation.suites import Suite, at_hand, load_suite, suite_names
from imrllm.evaluation.tape import recording, replaying

__all__ = [
    "Answer",
    "Cassette",
    "Checked",
    "Comparison",
    "EvalRun",
    "Finding",
    "Job",
    "Leaf",
    "Row",
    "Setting",
    "Suite",
    "at_hand",
    "cassette_path",
    "check",
    "compare_runs",
    "floor",
    "load_suite",
    "orphans",
    "parse_thresholds",
    "prune",
    "read_cassette",
    "read_run",
    "record",
    "record_suite",
    "recording",
    "regressions",
    "replay_target",
    "replaying",
    "run",
    "run_records",
    "score",
    "suite_names",
    "unrecorded",
]
