"""What people see of the results: the summary of a run."""

from imrllm.report.summary import Summary
from imrllm.report.terminal import printable

__all__ = ["Summary", "printable"]
