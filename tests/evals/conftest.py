"""The recorded suite's fixtures."""

from tests.recorded_suite import _tapes, no_connections, own_prompts, recorded, suite, tests_prompts

__all__ = ["_tapes", "no_connections", "own_prompts", "recorded", "suite", "tests_prompts"]
