"""The fit of the risk model: on gold, and on variants of gold letters, where the grammar meets what it does not know.

The grammar was developed on most of the gold and is hardly ever wrong there. So a term of its own stands for the
letters that it was developed on, and another for variants; neither applies to a letter that is extracted. Variants show
which signals go with wrong values; letters that the grammar has not seen show how often values are wrong at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imrllm.documents import Document
from imrllm.errors import ImrllmError
from imrllm.evals.answers import LetterResults
from imrllm.evals.check_scores import flags
from imrllm.evals.outcomes import score
from imrllm.evals.variants import some_variants
from imrllm.planning import read_in_full
from imrllm.records import Check
from imrllm.suites import Letters, Suite
from imrllm.trust import FEWEST_VALUES, FOLDS, LEAST_AUROC, Kind, RiskModel, Signals, Unflagged, estimate, fold_of

# Variants of each gold letter, and the seed that makes them.
VARIANTS = 6
_SEED = 20130101
# The inverse strength of the ridge penalty, scikit-learn's default: weights of what is seldom seen are drawn to zero.
_INVERSE_PENALTY = 1.0
# The shares of typed values, and of lists that take judgment, that a person may be asked to look at.
_BUDGET: Mapping[Kind, float] = {"typed": 0.01, "prose": 0.05}
# Smaller weights change no risk that anyone could tell.
_LEAST_WEIGHT = 0.02
_DEVELOPED, _VARIANT = "a letter that the grammar was developed on", "a variant"
_KINDS: tuple[Kind, ...] = ("typed", "prose")


@dataclass(frozen=True, slots=True)
class Judged:
    """A value with its signals, and whether it is wrong.

    Attributes:
        letter: the letter's document id.
        fold: its fold; a variant is in the fold of its letter.
        form: the form of the letter.
        signals: the signals on the value.
        wrong: whether gold has another value.
        besides: the terms for what is not measured on new letters: developed letters and variants; empty for others.
        flagged: whether a check asks a person to look.
    """

    letter: str
    fold: int
    form: str | None
    signals: Signals
    wrong: bool
    besides: tuple[str, ...] = ()
    flagged: bool = False

    @property
    def is_real(self) -> bool:
        """Whether it is of a letter with gold, not of a variant of one."""
        return _VARIANT not in self.besides


def judged_values(
    suites: Iterable[tuple[Suite, Letters, Mapping[str, LetterResults]]], variants: int = 0
) -> Iterator[Judged]:
    """The values of gold letters, and of variants of them that the grammar reads.

    Args:
        suites: each suite with its letters and the answers about them, by document id.
        variants: how many variants of each letter.
    """
    for suite, letters, answers in suites:
        for name, answer in answers.items():
            gold = suite.gold[name]
            fold = fold_of(gold.sha256)
            besides = () if suite.settings.is_unseen(name) else (_DEVELOPED,)
            record, made = answer.resolved.record, answer.resolved.provenance
            if record is not None:
                wrong, flagged = _judged(gold.record, record.model_dump(mode="json"), answer.resolved.checks)
                for pointer, signals in answer.signals.items():
                    yield Judged(name, fold, made.form, signals, pointer in wrong, besides, pointer in flagged)
            if name in letters.found:
                yield from _of_variants(letters.found[name], gold.record, fold, variants)


def _of_variants(letter: Document, gold: dict[str, Any], fold: int, variants: int) -> Iterator[Judged]:
    for variant in some_variants(letter.text, gold, _SEED, variants):
        document = Document(id=letter.id, text=variant.text, sha256=letter.sha256, source="variant")
        try:
            read = read_in_full(document)
        except ImrllmError:
            continue
        resolved = read.by_grammar
        wrong, _ = _judged(variant.gold, resolved.record.model_dump(mode="json"), ())
        for pointer, signals in resolved.signals.items():
            yield Judged(letter.id, fold, read.parts.form, signals, pointer in wrong, (_VARIANT,))


def _judged(gold: dict[str, Any], record: dict[str, Any], checks: Sequence[Check]) -> tuple[set[str], set[str]]:
    """The pointers of a record's wrong values, and of those that a check asks a person to look at.

    What a citation lacks counts for its list.
    """
    leaves = [leaf for leaf in score(gold, record) if leaf.at is not None]
    return (
        {str(leaf.at) for leaf in leaves if not leaf.exact},
        {str(leaf.at) for leaf in leaves if flags(checks, leaf)},
    )


def fit(judged: Sequence[Judged]) -> RiskModel | None:
    """Fit the risk model.

    Args:
        judged: values with their signals.

    Returns:
        The model: a weight for each term and fold, learned without the fold's letters. A kind of values whose risk does
        not rank wrong values before right ones has none. None without a wrong value.
    """
    import numpy as np
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    wrong = np.array([each.wrong for each in judged])
    folds = np.array([each.fold for each in judged])
    if not all(0 < wrong[folds != fold].sum() < (folds != fold).sum() for fold in range(FOLDS)):
        return None
    counts = CountVectorizer(analyzer=lambda terms: terms, binary=True)
    matrix = counts.fit_transform([(*each.signals.terms, *each.besides) for each in judged])
    weights = np.zeros((len(counts.vocabulary_), FOLDS))
    for fold in range(FOLDS):
        others = folds != fold
        model = LogisticRegression(C=_INVERSE_PENALTY, fit_intercept=False, max_iter=3000)
        weights[:, fold] = model.fit(matrix[others], wrong[others]).coef_[0]
    fitted = RiskModel(
        weights={
            str(term): tuple(round(float(each), 3) for each in weights[at])
            for term, at in sorted(counts.vocabulary_.items())
            if np.abs(weights[at]).max() >= _LEAST_WEIGHT
        },
        values=sum(each.is_real for each in judged),
        wrong=sum(each.is_real and each.wrong for each in judged),
        variant_values=sum(not each.is_real for each in judged),
        variant_wrong=sum(not each.is_real and each.wrong for each in judged),
        auroc=dict.fromkeys(_KINDS),
        unmeasured=(),
        review_above=dict.fromkeys(_KINDS, 1.0),
        unflagged={},
    )
    return _judged_by_itself(fitted, [each for each in judged if each.is_real])


def _judged_by_itself(model: RiskModel, real: Sequence[Judged]) -> RiskModel:
    """The model with its ranking, its thresholds and what is left unflagged, each letter judged by the others."""
    import numpy as np
    from sklearn.metrics import roc_auc_score

    risks = np.array([estimate(model, each.fold, each.signals) for each in real], dtype=float)
    auroc: dict[Kind, float | None] = {}
    above: dict[Kind, float] = {}
    for kind in _KINDS:
        of = np.array([each.signals.kind == kind for each in real], dtype=bool)
        wrong = np.array([each.wrong for each in real])[of]
        ranked = of.sum() >= FEWEST_VALUES and 0 < wrong.sum() < len(wrong)
        auroc[kind] = round(float(roc_auc_score(wrong, risks[of])), 3) if ranked else None
        # New letters are like those that the grammar was not developed on, if there are enough.
        new = of & np.array([not each.besides for each in real], dtype=bool)
        own = risks[new if new.sum() >= FEWEST_VALUES else of]
        above[kind] = round(float(np.quantile(own, 1 - _BUDGET[kind])), 4) if len(own) else 1.0
    unmeasured = tuple(kind for kind in _KINDS if (auroc[kind] or 0) <= LEAST_AUROC)
    return model.model_copy(update={"auroc": auroc, "unmeasured": unmeasured, "review_above": above})


def unflagged(judged: Sequence[Judged]) -> dict[str, Unflagged]:
    """By form, the typed values that nobody is asked to look at, in letters that the grammar was not developed on.

    Args:
        judged: the values of letters with gold, of records that were made with the fitted model.
    """
    left = [each for each in judged if each.signals.kind == "typed" and not each.besides and not each.flagged]
    found = {}
    for form in sorted({each.form for each in left if each.form}):
        own = [each for each in left if each.form == form]
        found[form] = Unflagged(
            letters=len({each.letter for each in own}),
            letters_wrong=len({each.letter for each in own if each.wrong}),
            values=len(own),
            wrong=sum(each.wrong for each in own),
        )
    return found
