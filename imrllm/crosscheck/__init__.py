"""Model's record × grammar's reading: checks, evidence and resolution."""

from imrllm.crosscheck.compare import compare
from imrllm.crosscheck.resolve import Resolved, resolve
from imrllm.crosscheck.sheet import Policy

__all__ = ["Policy", "Resolved", "compare", "resolve"]
