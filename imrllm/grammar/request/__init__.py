"""Readers of a disputed item's heading: treatment, category, drug, amounts, directions and body parts."""
