"""Model calls: model strings, schema-constrained answers, retries, limits, cost, and the embedded model."""

from imrllm.llm.client import Client, Consumption, Message
from imrllm.llm.models import ModelTarget, resolve_model
from imrllm.llm.retry import RetryPolicy
from imrllm.llm.transport import Call, HttpTransport, Transport

__all__ = [
    "Call",
    "Client",
    "Consumption",
    "HttpTransport",
    "Message",
    "ModelTarget",
    "RetryPolicy",
    "Transport",
    "resolve_model",
]
