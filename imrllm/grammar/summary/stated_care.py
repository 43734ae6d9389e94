"""Sentences of the case summary that state which care was given."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imrllm.folding import caseless
from imrllm.grammar.lexicon import glancing
from imrllm.grammar.reading import Part
from imrllm.grammar.summary.lists import WORDS, sentences
from imrllm.grammar.summary.stated_dates import SENTENCE_END

# "He has worn a splint": the care follows the verb.
_USED = glancing(rf"\b(?:{WORDS['used']})\s")
# "Norco was started": the care precedes the verb.
_WAS_USED = caseless(rf",?\s(?:{WORDS['was_used']})\b")
_NO_CARE = glancing(rf"\b(?:{WORDS['no_care']})\b")
# Not the month.
_MAY = re.compile(r"\bmay\b")
_STOPPED = caseless(
    r"\b(?:(?:dis)?continu(?:e[ds]?|ing|ation of)(?: with| on)?|stop(?:s|ped|ping)?"
    r"|refills? (?:of|for)|renew(?:al of|ing)?)\s"
)
# The start of the clause before a verb.
_CLAUSE_START = caseless(r";|\b(?:that|but|while|although|because)\s")
_DENIED = caseless(r"\b(?:not|never|nor|no|to|without|denie[sd])\s(?:\w+\s)?$")
# The most characters between a verb and the end of its care.
_REACH = 240


def care_after_verbs(part: Part) -> Iterator[Part]:
    """The text after each verb of care, up to the next such verb or the end."""
    text = part.lower
    verbs = [verb for verb in _USED.finditer(text) if not _is_denied(text, verb.start())]
    ends = [*(verb.start() for verb in verbs[1:]), len(text)]
    for verb, end in zip(verbs, ends, strict=False):
        yield part.cut(verb.end(), min(end, verb.end() + _REACH))


def care_before_verbs(part: Part) -> Iterator[Part]:
    """The text before each verb that says that care was given, from the start of its clause."""
    text, start = part.lower, 0
    for verb in _WAS_USED.finditer(text):
        start = max(start, verb.start() - _REACH)
        for joint in _CLAUSE_START.finditer(text, start, verb.start()):
            start = joint.end()
        yield part.cut(start, verb.start())
        start = verb.end()


def stopped_care(part: Part) -> Iterator[Part]:
    """The text after "discontinued" and the like: such care was given before, even in a plan."""
    for verb in _STOPPED.finditer(part.lower):
        stop = SENTENCE_END.search(part.text, verb.end(), verb.end() + _REACH)
        yield part.cut(verb.end(), stop.start() if stop else verb.end() + _REACH)


def sentences_of_care(part: Part) -> Iterator[Part]:
    """The sentences that mention no request, plan, decision or diagnosis."""
    return (
        sentence for sentence in sentences(part) if not (_NO_CARE.search(sentence.lower) or _MAY.search(sentence.text))
    )


def _is_denied(text: str, at: int) -> bool:
    return _DENIED.search(text, max(0, at - 24), at) is not None
