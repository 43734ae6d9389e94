"""The provider's Batch API, at half the price: request files out, answers back within a day, rows as `extract`'s."""

from imrllm.batch.journal import Begun
from imrllm.batch.rounds import BatchRun, open_run
from imrllm.batch.status import Standing, look

__all__ = ["BatchRun", "Begun", "Standing", "look", "open_run"]
