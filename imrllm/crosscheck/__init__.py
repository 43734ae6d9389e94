"""A model's answers and the grammar's readings become one record with its evidence and checks."""

from imrllm.crosscheck.candidates import Candidate, GroundAnswers
from imrllm.crosscheck.compare import compare
from imrllm.crosscheck.resolve import Resolved, attribute, resolve

__all__ = ["Candidate", "GroundAnswers", "Resolved", "attribute", "compare", "resolve"]
