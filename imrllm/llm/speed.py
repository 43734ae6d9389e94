"""How fast the embedded model reads and writes on this machine now."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from imrllm.errors import ModelUnavailableError
from imrllm.llm.server import EmbeddedServer

# A written text of about 200 tokens: no letter is needed to measure.
_TEXT = "A person reads a long page about the weather in a small town and counts its words one by one. " * 10
_WRITTEN_TOKENS = 24
_SECONDS_AT_MOST = 120.0


@dataclass(frozen=True, slots=True)
class ModelSpeed:
    """The speed of a model, in tokens a second.

    Attributes:
        read: tokens of prompts that are not in the cache.
        written: tokens of answers.
    """

    read: float
    written: float

    def seconds(self, read: float, written: float) -> float:
        """The seconds that so many tokens take."""
        return read / self.read + written / self.written


def measure_speed() -> ModelSpeed:
    """Load the embedded model, have it read and write a few tokens, and unload it; takes about 10 seconds.

    Raises:
        ModelUnavailableError: the engine or the weights are missing, or the engine gives no timings.
    """
    with EmbeddedServer() as server:
        place = urlsplit(server.base_url)
        body = {
            "messages": [{"role": "user", "content": f"{_TEXT}Write a long report about it."}],
            "max_tokens": _WRITTEN_TOKENS,
            "temperature": 0,
            "ignore_eos": True,
            "cache_prompt": False,
        }
        connection = HTTPConnection(place.hostname or "", place.port, timeout=_SECONDS_AT_MOST)
        try:
            connection.request(
                "POST", f"{place.path}/chat/completions", json.dumps(body), {"Content-Type": "application/json"}
            )
            timings = json.load(connection.getresponse())["timings"]
            return ModelSpeed(float(timings["prompt_per_second"]), float(timings["predicted_per_second"]))
        except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
            raise ModelUnavailableError("The embedded model's speed cannot be measured.") from error
        finally:
            connection.close()
