"""What people see of the results: the summary of a run, and what a run will take."""

from imrllm.report.expected import render_estimate
from imrllm.report.summary import Summary
from imrllm.report.terminal import printable

__all__ = ["Summary", "printable", "render_estimate"]
