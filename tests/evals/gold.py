"""The gold of one letter of three items, for the tests of what is scored against it."""

from __future__ import annotations

from typing import Any

from tests.letters import RIGHT_CASE, RIGHT_ITEMS, THREE, letter, read

# Two items of Norco and one of Ativan, as the scorer's specification has them.
GOLD: dict[str, Any] = read(letter(*THREE)).resolve(RIGHT_CASE, RIGHT_ITEMS).record.model_dump(mode="json")
