"""Readers of a guideline paragraph: its stance and its citations."""
