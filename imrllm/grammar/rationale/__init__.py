"""Readers of the decision rationale: its conclusion and the grounds that it states."""
