"""Evaluation: suites scored against gold, gates, and comparisons of two runs."""

from imrllm.evals.answers import LetterResults
from imrllm.evals.comparison import Comparison, compare_runs, regressions
from imrllm.evals.conversations import Conversations, conversations
from imrllm.evals.gates import parse_thresholds
from imrllm.evals.outcomes import FieldOutcome, floor, score
from imrllm.evals.runner import EvalConfig, calibrate, run, run_records
from imrllm.evals.runs import EvalRun, read_run

__all__ = [
    "Comparison",
    "Conversations",
    "EvalConfig",
    "EvalRun",
    "FieldOutcome",
    "LetterResults",
    "calibrate",
    "compare_runs",
    "conversations",
    "floor",
    "parse_thresholds",
    "read_run",
    "regressions",
    "run",
    "run_records",
    "score",
]
