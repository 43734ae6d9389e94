"""Audits: letters drawn at random from those that are `ok`, a person's verdicts, and the bound that they give."""
