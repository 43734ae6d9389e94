"""A model's answers and the grammar's readings become one record with its evidence and checks."""

from imrllm.crosscheck.compare import compare
from imrllm.crosscheck.resolve import Resolved, resolve

__all__ = ["Resolved", "compare", "resolve"]
