"""Model's record × grammar's reading: checks, evidence and resolution."""

from imrllm.crosscheck.compare import compare
from imrllm.crosscheck.resolve import Resolved, resolve

__all__ = ["Resolved", "compare", "resolve"]
