"""The conclusion of a rationale: whether its last words find the treatment medically necessary."""

from __future__ import annotations

import re

from imrllm.folding import caseless, lowered
from imrllm.grammar.lexicon import glancing
from imrllm.grammar.reading import Part, Reading
from imrllm.grammar.word_lists import read_words

_WORDS = read_words("rationale/words.txt")
_NECESSARY = r"medically\s?(?:necessary|appropriate|indicated|reasonable)"
# The outcome in the reviewer's words.
_CONCLUSION = glancing(
    rf"""
    (?P<no>
        (?:\b|(?<=is)|(?<=are)|(?<=was))  # the space may be lost: "isnot"
            (?:not|never|nor|neither|none|cannot|isn't|aren't|unable\ to|fails?\ to)
            (?:\s[a-z]+){{0,10}}?\s?{_NECESSARY}  # "cannot be considered medically necessary", "notmedicallynecessary"
        | \bmedically\ unnecessary\b
        | \b(?:no|lack(?:s|ing)?|absence)\ (?:of\ )?(?:the\ )?medical\ necessity  # "lacks medical necessity"
        | \bmedical(?:ly)?\ necess(?:ity|ary)(?:\s[a-z]+){{0,12}}?
            \s(?:not|cannot|never|neither)\b  # "medical necessity has not been established"
        | \b(?:not|cannot|neither|fails?\ to|unable\ to)(?:\s[a-z]+){{0,6}}?
            \s(?:the\ )?medical\ necessity  # "fails to establish medical necessity"
    )
    | (?P<yes>
        \b{_NECESSARY}  # "is medically necessary"
        | \bmedical\ necessity(?:\s[a-z]+){{0,8}}?\s(?:is|has\ been|was|been|are)\s(?:[a-z]+\s)?
            (?:{_WORDS["established"]})  # "medical necessity has been established"
    )
    """,
    re.VERBOSE,
)
# Weaker words count only in the last two sentences, and only if those contain no stronger ones.
_WEAK = caseless(
    rf"""
    (?P<no>
        \bnot(?:\s[a-z]+){{0,3}}?\s(?:{_WORDS["denied"]})\b  # "is not clinically indicated"
        | \b(?:denied|non-?certified|upheld)\b
        | \bcannot\ be\ (?:supported|recommended|approved|certified)\b
    )
    | (?P<yes>
        \b(?:is|are|was|were|(?<!would\ )(?<!could\ )(?<!might\ )(?<!may\ )(?<!should\ )be|been|appears?)
        (?:\s(?!not\b|never\b|neither\b|no\b|nor\b)[a-z]+){{0,3}}?
        \s(?:{_WORDS["granted"]})\b  # "is therefore appropriate"
    )
    """,
    re.VERBOSE,
)
# "If ... is medically necessary" and "to determine whether ..." decide nothing.
_HYPOTHETICAL = caseless(rf"\b(?:{_WORDS['conditions']})\b[^.;,]{{0,80}}$")
# The longest distance between a condition and its conclusion, in characters.
_CONDITION = 100
# Starts with the character that ends a sentence, so that the engine can skip ahead to it.
SENTENCE_END = re.compile(r"[.?!](?<!\b[A-Z].)(?<!\bDr.)(?<!\bvs.)[\"')]*(?=\s|[A-Z])")
# Printed after the conclusion of opioid decisions (2016-17). It is not a conclusion.
OPIOID_NOTICE = caseless(
    r"""
    decision\ addresses\ the\ medical\ necessity\ of\ opioids
    | medical\ necessity\ decision\ should\ not\ be\ interpreted
    | advised\ to\ consult\ the\ MTUS\ Opioids?
    """,
    re.VERBOSE,
)
# The length of the last sentences of a rationale, with the notice that may follow them, in characters.
_LAST_WORDS = 1200
# What stands behind a full stop that ends no sentence ("No. 3 tablets"), in characters.
_TAIL = 60


def read_conclusion(rationale: Part) -> Reading[bool] | None:
    """Read whether the rationale concludes that the treatment is medically necessary, from the last such words.

    Returns:
        True, False, or None if it states no conclusion in known words.
    """
    # The conclusion is usually in the last sentences. The whole text is read only if they contain none.
    text = rationale.text
    if len(text) > 2 * _LAST_WORDS:
        turn = SENTENCE_END.search(text, len(text) - _LAST_WORDS)
        if turn and (last := _concluded(rationale.cut(turn.end(), len(text)))):
            return last
    return _concluded(rationale)


def ends_in_conclusion(rationale: Part, conclusion: Reading[bool]) -> bool:
    """Whether a rationale ends with the sentence of its conclusion, or with that and the notice on opioids.

    Args:
        rationale: the decision rationale.
        conclusion: what `read_conclusion` reads of it.

    Returns:
        False if another sentence follows: the end of the reasoning is lost. Of 250 public items none has one.
    """
    stop = SENTENCE_END.search(rationale.text, rationale.offset(conclusion.span[1]))
    rest = rationale.text[stop.end() :].strip() if stop else ""
    return not rest or (rest[0].islower() and len(rest) < _TAIL) or OPIOID_NOTICE.search(lowered(rest)) is not None


def _concluded(rationale: Part) -> Reading[bool] | None:
    starts = [0, *(found.end() for found in SENTENCE_END.finditer(rationale.text))]
    bounds = list(zip(starts, [*starts[1:], len(rationale.text)], strict=True))
    lower = rationale.lower
    notices = "opioid" in lower
    sentences = [
        bound
        for bound in bounds
        if rationale.text[bound[0] : bound[1]].strip() and not (notices and OPIOID_NOTICE.search(lower, *bound))
    ]
    # The end of the rationale outweighs clearer words in its middle, where it quotes guidelines.
    for pattern, reach in ((_CONCLUSION, 3), (_WEAK, 2), (_CONCLUSION, len(sentences))):
        for start, end in reversed(sentences[-reach:] if sentences else []):
            # The last conclusion in a sentence decides. Conclusions inside a condition are skipped.
            found = [
                match
                for match in pattern.finditer(lower, start, end)
                if not _HYPOTHETICAL.search(lower[max(start, match.start() - _CONDITION) : match.start()])
            ]
            if found:
                return rationale.reading(found[-1]["yes"] is not None, *found[-1].span())
    return None
