"""Readers of the clinical case summary: dates, diagnoses and treatments to date."""
