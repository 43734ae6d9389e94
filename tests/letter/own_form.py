"""A form of nobody's and a letter in it, for tests of what a user's own form does."""

from __future__ import annotations

from pathlib import Path

# Every part of an item has a label, and the outcome comes second.
BLOCKS = """
name = "my 2021"
title = "A form of the tests' own"
layout = "blocks"
[sections]
order = ["summary", "decisions", "credentials"]
summary = ["What happened"]
decisions = ["What we decided"]
credentials = ["Who decided:"]
[items]
order = ["issue", "outcome", "rationale", "reviewer", "claims_administrator"]
issue = ["Treatment in dispute:"]
outcome = ["Determination:", "Our determination:"]
rationale = ["Rationale:"]
reviewer = ["Sources of the reviewer:"]
claims_administrator = ["Sources of the insurer:"]
[outcomes]
upheld = ["Denial upheld", "Denial stands"]
overturned = ["Denial overturned"]
[header]
decision_date = ["Decided on:"]
"""
OWN = """Case CM21-0012345
Decided on: 02/03/2021

What happened
The patient is a 50 year old female who fell on 1/2/2020.

What we decided

Treatment in dispute: Norco 10/325mg #60
Determination: Denial upheld.
Rationale: No gain was seen. The request is not medically necessary.
Sources of the reviewer: Decision based on MTUS Chronic Pain Medical Treatment 2016, Section(s): Opioids.
Sources of the insurer: The Claims Administrator did not cite any medical evidence for its decision.

Treatment in dispute: MRI of the lumbar spine
Our determination: Denial overturned
Rationale: There is new weakness. The request is medically necessary.
Sources of the reviewer: Decision based on MTUS Low Back Complaints 2004, Section(s): Imaging.
Sources of the insurer: Decision based on MTUS Low Back Complaints 2004, Section(s): Imaging.

Who decided: Board certified in family medicine and licensed to practice in California.
"""


def own_form(folder: Path) -> Path:
    """The file of that form in a folder."""
    file = folder / "my-2021.toml"
    file.write_text(BLOCKS, encoding="utf-8")
    return file
