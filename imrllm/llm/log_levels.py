"""Keeps letter text and credentials out of the logs of the libraries that carry them."""

from __future__ import annotations

import logging

# openai logs the prompt at DEBUG, instructor the answer at ERROR, httpx the address, which can hold a password, at
# INFO, and httpcore the response's headers at DEBUG. openai 3 uses httpx2.
_LOUDEST = {
    "openai": logging.WARNING,
    "instructor": logging.CRITICAL + 1,
    **dict.fromkeys(("httpx", "httpx2", "httpcore", "httpcore2"), logging.WARNING),
}


def limit_log_levels() -> None:
    """Raise those libraries' log levels, whatever level the process logs at."""
    for name, level in _LOUDEST.items():
        logger = logging.getLogger(name)
        if logger.level < level:
            logger.setLevel(level)
