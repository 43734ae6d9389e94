"""The grounds that a rationale states in words of their own; what it only argues is left to the model."""

from __future__ import annotations

import re

from imrllm.grammar.reading import Part, Reading
from imrllm.records import Decision, Ground

# Each ground with the turns of phrase that state it. A phrase may also stand in a guideline that the
# rationale quotes: these confirm a model's answer, they do not replace it.
_UPHELD: tuple[tuple[Ground, str], ...] = (
    (
        "dependent_on_denied_procedure",
        (
            r"(?:surg\w+|procedure|primary|associated)[^.]{0,80}(?:is|are|was|were) not (?:medically necessary"
            r"|supported|certified|indicated)[^.]{0,80}(?:associated|ancillary|dependent|also not|therefore"
            r"|post-?op)|ancillary service is not medically necessary|given that (?:the )?[\w ]{1,40} (?:was"
            r"|is) (?:determined to be )?not medically necessary"
        ),
    ),
    (
        "no_functional_improvement",
        (
            r"(?:no|lack of|without|not|absence of|fail\w*|limited)\s[^.]{0,70}(?:functional (?:improvement"
            r"|benefit|gain)|objective (?:functional )?(?:improvement|benefit|gain|response)"
            r"|improve(?:ment)? in (?:pain|function)|efficacy|decreased? (?:in )?pain|reduction in pain)"
            r"|contingent (?:up)?on"
        ),
    ),
    (
        "long_term_use",
        (
            r"long[- ]?\s?term (?:use|basis|treatment|therapy)|prolonged (?:use|period)|chronic use"
            r"|longer than (?:\w+ )?(?:weeks|a month|\d)|short[- ]term (?:use|treatment|course)"
        ),
    ),
    (
        "exceeds_recommended_amount",
        (
            r"exceed\w*|in excess of|more than (?:the )?(?:recommended|guideline)|beyond (?:the )?(?:guideline"
            r"|recommended)|greater than the recommended"
        ),
    ),
    (
        "first_line_not_tried",
        (
            r"(?:no|lack of|not|without|absence of|unclear)\s[^.]{0,80}(?:conservative (?:care|treatment|therapy"
            r"|measures|management)|first[- ]line|physical therapy (?:has|have)? ?been tried|tried and failed"
            r"|trial and failure|failed? (?:a )?trial|failure of)"
        ),
    ),
    (
        "no_red_flags_or_objective_findings",
        (
            r"(?:no|not|lack of|without|absence of)\s[^.]{0,60}(?:red flags?|neurologic(?:al)? (?:deficit"
            r"|dysfunction|finding|compromise)|nerve (?:root )?compromise|objective findings"
            r"|physical exam(?:ination)? findings|radicul\w+|progressive (?:neuro\w+|deficit))"
        ),
    ),
    (
        "safety_risk",
        (
            r"risk of (?:dependence|addiction|abuse|overdose|adverse|addic\w+)|(?:can|may) risk"
            r"|adverse effects? (?:of|in this)|drug interaction|aberrant|contraindicat"
        ),
    ),
    (
        "request_incomplete",
        (
            r"(?:did not|does not|not|fail\w* to) (?:specify|include|indicate|state) [^.]{0,50}(?:body part"
            r"|frequency|quantity|duration|dos(?:e|age)|number|level)|request as submitted[^.]{0,60}(?:fail|not"
            r"|lack)|unspecified|body part[^.]{0,20} not (?:specified|indicated)|not specified"
        ),
    ),
    (
        "duplicate_or_already_provided",
        (
            r"already (?:been )?(?:authorized|approved|certified|provided|completed|received|performed|undergo\w+"
            r"|had)|duplicat|redundan|currently undergoing (?:previously )?recommended"
        ),
    ),
    (
        "not_recommended_by_guideline",
        (
            r"(?:not|never|rarely) (?:generally |routinely |currently )?recommended(?! (?:for|as) (?:long|a long"
            r"|more|longer))|do(?:es)? not (?:generally |routinely |currently )?(?:recommend|support"
            r"|endorse)(?! (?:long|the long|chronic))|recommends? against|largely experimental|under study"
        ),
    ),
    (
        "insufficient_documentation",
        (
            r"(?:no|lack of|insufficient|inadequate|limited|not|without"
            r"|absence of)\s(?:\w+ ){0,4}(?:documentation|documented|evidence (?:of|that)|information|rationale"
            r"|mention|indication that)|did not (?:document|provide|include)|not (?:provided|documented|submitted"
            r"|clear)|unclear|no (?:clear |current |recent |subjective |objective )*(?:complaints|rationale)"
        ),
    ),
    (
        "guideline_criteria_not_met",
        (
            r"(?:criteria|criterion|guidelines?|requirements?)[^.]{0,60}(?:not (?:been )?(?:met|satisfied"
            r"|fulfilled)|unmet)|(?:do(?:es)?|did|has|have) not (?:meet|fulfill|satisfy)|fails? (?:to meet"
            r"|criteri\w+)"
        ),
    ),
    (
        "not_industrial_or_not_indicated_for_diagnosis",
        (
            r"not (?:industrial|work[- ]related|related to)|no (?:diagnosis|evidence) of (?:a "
            r"|an )?\w+ (?:disorder|disease|syndrome)|does not (?:maintain|have|carry) a diagnosis"
        ),
    ),
)
_OVERTURNED: tuple[tuple[Ground, str], ...] = (
    (
        "guideline_criteria_met",
        (
            r"criteria|meets?\b|guidelines?[^.]{0,80}(?:recommend|support|allow|indicate|met)|recommended"
            r"|supported by|consistent with|within (?:the )?(?:guideline|recommended)|appropriate"
        ),
    ),
    (
        "supports_recovery_or_function",
        (
            r"(?:improv\w+|restor\w+|increas\w+|promot\w+)[^.]{0,40}(?:function|range of motion|recovery|mobility"
            r"|activities)|functional (?:improvement|recovery|restoration)|return to work|recovery|rehabilitat"
        ),
    ),
)
_PATTERNS: dict[str, tuple[tuple[Ground, re.Pattern[str]], ...]] = {
    "upheld": tuple((ground, re.compile(words, re.IGNORECASE)) for ground, words in _UPHELD),
    "overturned": tuple((ground, re.compile(words, re.IGNORECASE)) for ground, words in _OVERTURNED),
}


def can_apply(ground: str, decision: Decision) -> bool:
    """Whether a ground can be why an item was decided so: the record has some for overturned items alone."""
    return any(ground == name for name, _ in _OVERTURNED) == (decision == "overturned")


def read_grounds(rationale: Part, decision: Decision) -> tuple[Reading[str], ...]:
    """The grounds whose words stand in a rationale, in the order in which they first stand.

    These support a model's answer; they are no reading of the argument, and a phrase may be quoted from a guideline.

    Args:
        rationale: the decision rationale.
        decision: the printed outcome: it settles which grounds can apply.
    """
    found = [
        rationale.reading(str(ground), *match.span())
        for ground, words in _PATTERNS[decision]
        if (match := words.search(rationale.text))
    ]
    return tuple(sorted(found, key=lambda reading: reading.span))
