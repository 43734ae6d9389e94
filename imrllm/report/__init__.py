"""What people see of the results: the summary of a run, what a run will take, and what is missing for one."""

from imrllm.report.doctor_table import render_findings
from imrllm.report.estimate_table import render_estimate
from imrllm.report.run_table import render_summary
from imrllm.report.terminal import printable

__all__ = ["printable", "render_estimate", "render_findings", "render_summary"]
