"""Pages and tables for people: a run's counts, its estimate, missing requirements, evaluations and the review page."""

from imrllm.report.doctor_table import render_findings
from imrllm.report.estimate_table import render_estimate
from imrllm.report.run_table import render_summary
from imrllm.report.terminal import printable

__all__ = ["printable", "render_estimate", "render_findings", "render_summary"]
