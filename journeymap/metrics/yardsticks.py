"""What is told of answers — a net score, a share or a mean — and how sure is it?"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import UnknownNameError, WrongKindError, nearest
from journeymap.metrics.selections import Selection
from journeymap.model.answers import Question
from journeymap.model.measures import FEELING_SCALE, Estimate
from journeymap.stats.differences import (
    Difference,
    EqualityTest,
    equal_means,
    equal_shares,
    grouped_mean,
    mean_interval,
    newcombe_difference,
    welch_difference,
)
from journeymap.stats.net_promoter import grouped_net_promoter, net_promoter, net_promoter_difference
from journeymap.stats.shares import effective_size, wilson

__all__ = [
    "CesDefinition",
    "CsatDefinition",
    "ExperienceMetric",
    "Measured",
    "NpsInterval",
    "Yardstick",
    "equality_of",
    "measured",
    "measured_difference",
    "yardstick",
]

Floats = NDArray[np.float64]
ExperienceMetric = Literal["nps", "csat", "ces", "score", "feeling"]
CsatDefinition = Literal["top_2_box", "mean", "top_box", "bottom_2_box"]
CesDefinition = Literal["mean", "easy_share", "effort_cost"]
NpsInterval = Literal["adjusted_wald", "score", "wald"]

PASSIVE_FROM, PROMOTER_FROM = 7, 9
PSEUDO_COUNTS = (0.75, 1.5, 0.75)
WIDEST_BOXED, NARROWEST_BOXED = 10, 2
AT_EFFECTIVE = " at the effective sample size"
_INTERVALS = {"adjusted_wald": "adjusted Wald", "score": "score", "wald": "Wald"}
_DEFINITIONS: dict[str, tuple[str, ...]] = {
    "csat": get_args(CsatDefinition),
    "ces": get_args(CesDefinition),
}
MEASURES: dict[ExperienceMetric, tuple[str, ...]] = {
    "nps": ("nps",),
    "csat": ("csat",),
    "ces": ("ces",),
    "score": ("score", "csat", "ces", "feeling", "nps"),
    "feeling": ("feeling", "score", "csat", "ces", "nps"),
}


@dataclass(frozen=True)
class Yardstick:
    """How answers to a question become one number.

    Parameters
    ----------
    kind : {"nps", "share", "mean"}
        Promoters − detractors; the share of answers from `low` to `high`; the mean of
        ``start + slope · score``.
    definition : str
        The same in words.
    low, high : float
        The answers that count in a share.
    start, slope : float
        The line from scores to a mean.
    bounds : tuple of float
        The least and the greatest value that the number can have.
    method : {"adjusted_wald", "score", "wald"}
        The interval of a net promoter score.
    """

    kind: Literal["nps", "share", "mean"]
    definition: str
    low: float = -math.inf
    high: float = math.inf
    start: float = 0.0
    slope: float = 1.0
    bounds: tuple[float, float] = (0.0, 1.0)
    method: NpsInterval = "adjusted_wald"

    def hits(self, values: Floats) -> NDArray[np.bool_]:
        """Tell which answers count in the share."""
        return (values >= self.low) & (values <= self.high)


class Measured(NamedTuple):
    """A number with what is needed to set it beside another one.

    Parameters
    ----------
    estimate : Estimate
        The number.
    parts : tuple of float
        For a net score the counts of detractors, passives and promoters; empty else.
    variance : float
        Of the mean; infinite where it is not known.
    n_effective : float
        As many independent answers say as much.
    df : float
        Degrees of freedom.
    """

    estimate: Estimate
    parts: tuple[float, float, float] | tuple[()] = ()
    variance: float = math.inf
    n_effective: float = 0.0
    df: float = math.inf


def yardstick(
    metric: ExperienceMetric,
    question: Question,
    *,
    definition: str | None = None,
    method: NpsInterval = "adjusted_wald",
    where: str = "",
) -> Yardstick:
    """How do answers to this question become one number?

    Parameters
    ----------
    metric : {"nps", "csat", "ces", "score", "feeling"}
        What to tell.
    question : Question
        What was asked, and on which scale.
    definition : str, optional
        Which definition, where the trade has several.
    method : {"adjusted_wald", "score", "wald"}
        The interval of a net promoter score.
    where : str
        Which answers, in words; put behind the definition.

    Returns
    -------
    Yardstick
        With the definition in words.

    Raises
    ------
    UnknownNameError
        The metric has no such definition or interval.
    WrongKindError
        A definition is missing or not wanted, or boxes are asked of a scale that has none.
    """
    _check_definition(metric, definition)
    scale = question.scale
    if metric == "nps":
        if method not in _INTERVALS:
            raise _no_such("method", str(method), tuple(_INTERVALS), metric)
        words = "promoters (9 to 10) − detractors (0 to 6) / answers"
        return Yardstick(kind="nps", definition=_told(words, question, where), bounds=(-1, 1), method=method)
    if metric == "csat" and definition != "mean":
        return _boxes(question, str(definition), where)
    if metric == "ces" and definition == "easy_share":
        return _easy(question, where)
    good = scale.better == "higher"
    span = scale.high - scale.low
    ends = f"{scale.low:g} to {scale.high:g}, {'high' if good else 'low'} is good"
    if definition == "mean":
        of = f"version {question.version}, " if question.version else ""
        words = f"mean {'satisfaction' if metric == 'csat' else 'effort'} score ({of}{ends})"
        return Yardstick(
            kind="mean", definition=_told(words, question, where), bounds=(scale.low, scale.high)
        )
    feeling = (FEELING_SCALE.low, FEELING_SCALE.high)
    least, most = {"score": (0.0, 1.0), "ces": (1.0, 0.0), "feeling": feeling}[metric]
    bad, best = (least, most) if good else (most, least)  # what the low and the high end become
    slope = (best - bad) / span
    words = {
        "score": f"mean score, 0 the bad and 1 the good end ({ends})",
        "ces": f"mean effort cost, 0 no effort and 1 the most ({ends})",
        "feeling": f"mean feeling, −2 to +2 ({ends})",
    }[metric]
    return Yardstick(
        kind="mean",
        definition=_told(words, question, where),
        start=bad - slope * scale.low,
        slope=slope,
        bounds=(min(least, most), max(least, most)),
    )


def _told(words: str, question: Question, where: str) -> str:
    return f"{words}; {question.name}{', ' + where if where else ''}"


def _check_definition(metric: str, definition: str | None) -> None:
    if metric not in MEASURES:
        raise _no_such("metric", metric, tuple(MEASURES), "by_segment")
    known = _DEFINITIONS.get(metric, ())
    if definition is None and known:
        raise WrongKindError.because(
            "the trade calls several numbers by this name, so definition= is needed.",
            expected=f"Expected definition= one of: {', '.join(known)}.",
            hint=f"{metric}(..., definition={known[0]!r})",
            where=metric,
        )
    if definition is not None and not known:
        raise WrongKindError.because(
            f"has one definition only, got definition={definition!r}.", hint="leave it out", where=metric
        )
    if definition is not None and definition not in known:
        raise _no_such("definition", definition, known, metric)


def _no_such(what: str, word: str, known: Collection[str], where: str) -> UnknownNameError:
    close = nearest(str(word), known)
    return UnknownNameError.because(
        f"no {what} {word!r}.",
        expected=f"Expected one of: {', '.join(known)}.",
        hint=f"did you mean {close!r}?" if close else None,
        where=where,
    )


def _boxes(question: Question, definition: str, where: str) -> Yardstick:
    scale = question.scale
    whole = scale.low == math.floor(scale.low) and scale.high == math.floor(scale.high)
    if not whole or not NARROWEST_BOXED <= scale.high - scale.low <= WIDEST_BOXED:
        raise WrongKindError.because(
            f"{definition} needs 3 to 11 whole answers; question {question.id!r} runs from {scale.low:g} "
            f"to {scale.high:g}.",
            hint="definition='mean', or score(...)",
            where="csat",
        )
    depth = 0 if definition == "top_box" else 1
    top = (scale.better == "higher") == (definition != "bottom_2_box")
    low, high = (scale.high - depth, math.inf) if top else (-math.inf, scale.low + depth)
    ends = (low, scale.high) if top else (scale.low, high)
    box = {"top_2_box": "top-2-box", "top_box": "top-box", "bottom_2_box": "bottom-2-box"}[definition]
    words = f"{box}: answers {_from_to(*ends)} on {scale.low:g} to {scale.high:g} / answers"
    return Yardstick(kind="share", definition=_told(words, question, where), low=low, high=high)


def _easy(question: Question, where: str) -> Yardstick:
    scale = question.scale
    middle = (scale.low + scale.high) / 2
    beyond = math.nextafter(middle, math.inf if scale.better == "higher" else -math.inf)
    low, high = (beyond, math.inf) if scale.better == "higher" else (-math.inf, beyond)
    which = "above" if scale.better == "higher" else "below"
    version = f"version {question.version}, " if question.version else ""
    words = f"answers {which} {middle:g} ({version}{scale.low:g} to {scale.high:g}) / answers"
    return Yardstick(kind="share", definition=_told(words, question, where), low=low, high=high)


def _from_to(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def measured(chosen: Selection, rule: Yardstick, *, level: float = 0.95) -> Measured:
    """How large is the number, and how sure is it?

    Where every customer counts once the classical interval at the number of answers, or at Kish's
    ``(Σw)²/Σw²`` where they carry weights; else at the effective number by leaving out one group of customers
    at a time, never more than that, with t at G − 1 degrees of freedom for G groups that answered.

    Parameters
    ----------
    chosen : Selection
        The answers.
    rule : Yardstick
        How they become a number.
    level : float
        The confidence level.

    Returns
    -------
    Measured
        Its estimate is without value where nothing was answered.
    """
    if chosen.kish <= 0:
        return Measured(
            Estimate(value=None, customers=chosen.respondents, level=level, definition=rule.definition)
        )
    found = {"nps": _net_score, "share": _share, "mean": _mean}[rule.kind](chosen, rule, level)
    plain = chosen.independent and not chosen.weighted
    method = found.estimate.method + ("" if plain else AT_EFFECTIVE)
    about = {"n": chosen.n, "customers": chosen.respondents, "level": level, "definition": rule.definition}
    return found._replace(estimate=found.estimate.model_copy(update=about | {"method": method}))


def _estimate(value: float | None, low: float | None, high: float | None, method: str) -> Estimate:
    known = value is not None and low is not None and high is not None
    return Estimate(value=value, low=low if known else None, high=high if known else None, method=method)


def _net_score(chosen: Selection, rule: Yardstick, level: float) -> Measured:
    values = chosen.values
    kinds = (
        values < PASSIVE_FROM, (values >= PASSIVE_FROM) & (values < PROMOTER_FROM), values >= PROMOTER_FROM
    )  # fmt: skip
    table = chosen.scaled(chosen.parts(*kinds))
    counts = (float(table[0].sum()), float(table[1].sum()), float(table[2].sum()))
    df = math.inf if chosen.independent else float(max(table.shape[1] - 1, 1))
    if chosen.independent:
        found = net_promoter(*counts, method=rule.method, level=level)
    else:
        found = grouped_net_promoter(*table, method=rule.method, level=level, customers=chosen.respondents)
    estimate = _estimate(found.value, found.low, found.high, _INTERVALS[rule.method])
    return Measured(estimate, counts, n_effective=found.n_effective, df=df)


def _share(chosen: Selection, rule: Yardstick, level: float) -> Measured:
    everything = np.ones(chosen.values.size, dtype=bool)
    hits, every = chosen.scaled(chosen.parts(rule.hits(chosen.values), everything))
    total = float(every.sum())
    share = float(hits.sum()) / total
    df = math.inf if chosen.independent else float(max(every.size - 1, 1))
    worth = total if chosen.independent else effective_size(hits, every, customers=chosen.respondents)
    low, high = wilson(share * worth, worth, level=level, df=df)
    return Measured(_estimate(share, low, high, "Wilson"), n_effective=worth, df=df)


def _mean(chosen: Selection, rule: Yardstick, level: float) -> Measured:
    sums = chosen.scaled(chosen.moments(rule.slope, rule.start))
    sums = sums[:, sums[2] > 0]
    if not chosen.independent:
        return mean_by_groups(sums, rule.bounds, customers=chosen.respondents, level=level)
    total, squares, n = (float(column) for column in sums.sum(axis=1))
    value = total / n
    spread = max(squares - total * value, 0.0) / (n - 1) if n > 1 and chosen.values.size > 1 else 0.0
    low, high = mean_interval(value, math.sqrt(spread), n, level=level, bounds=rule.bounds)
    variance = spread / n if n > 1 else math.inf
    estimate = _within(value, low, high, rule.bounds)
    return Measured(estimate, variance=variance, n_effective=n, df=max(n - 1, 1.0))


def mean_by_groups(
    sums: Floats, bounds: tuple[float, float], *, customers: int, level: float = 0.95
) -> Measured:
    """How large is a mean of answers counted by group of customers?

    Parameters
    ----------
    sums : ndarray
        Three rows, Σy, Σy² and n, one column a group that answered.
    bounds : tuple of float
        The least and the greatest value that it can have.
    customers : int
        Distinct customers who answered.
    level : float
        The confidence level.

    Returns
    -------
    Measured
        Without value where nothing was answered.
    """
    found = grouped_mean(*sums, level=level, bounds=bounds, customers=customers)
    if found.value is None:
        return Measured(Estimate(value=None, level=level))
    known = found.sd is not None and found.n_effective > 1
    variance = found.sd**2 / found.n_effective if known and found.sd is not None else math.inf
    df = max(min(found.df, found.n_effective - 1), 1.0)
    estimate = _within(found.value, found.low, found.high, bounds)
    return Measured(estimate, variance=variance, n_effective=found.n_effective, df=df)


def _within(value: float, low: float | None, high: float | None, bounds: tuple[float, float]) -> Estimate:
    least, most = bounds
    value = min(max(value, least), most)  # rounding must not carry a mean off its scale
    return _estimate(value, low, high, "t")


def measured_difference(
    first: Measured, second: Measured, rule: Yardstick, *, level: float = 0.95
) -> Difference:
    """By how much do two numbers of customers that do not overlap differ?

    Newcombe's interval for shares, Welch's for means, the adjusted one for net promoter scores, each at
    effective sizes.

    Parameters
    ----------
    first, second : Measured
        Measured by the same rule.
    rule : Yardstick
        The rule.
    level : float
        The confidence level.

    Returns
    -------
    Difference
        First − second; None throughout where either is not known.
    """
    x, y = first.estimate.value, second.estimate.value
    df = min(first.df, second.df)
    if x is None or y is None:
        return Difference(None, None, None, None, df)
    if rule.kind == "share":
        n, m = first.n_effective, second.n_effective
        return newcombe_difference(x * n, n, y * m, m, level=level, df=df)
    if rule.kind == "mean":
        return welch_difference((x, first.variance, first.df), (y, second.variance, second.df), level=level)
    found = net_promoter_difference(
        _three(first), _three(second), n_effective=(first.n_effective, second.n_effective), level=level, df=df
    )
    return Difference(found.observed, found.low, found.high, found.p, df)


def _three(found: Measured) -> tuple[float, float, float]:
    d, q, p = found.parts or (0.0, 0.0, 0.0)
    return d, q, p


def equality_of(found: Sequence[Measured], rule: Yardstick, *, df: float) -> EqualityTest:
    """Do several numbers of customers that do not overlap differ at all?

    Parameters
    ----------
    found : sequence of Measured
        Measured by the same rule.
    rule : Yardstick
        The rule.
    df : float
        Degrees of freedom of all answers together.

    Returns
    -------
    EqualityTest
        Without p where fewer than two can be compared.
    """
    known = [one for one in found if one.estimate.value is not None]
    if rule.kind == "share":
        hits = [float(one.estimate.value or 0.0) * one.n_effective for one in known]
        return equal_shares(hits, [one.n_effective for one in known], df=df)
    if rule.kind == "mean":
        means: list[Any] = [one.estimate.value for one in known]
        return equal_means(means, [one.variance for one in known], df=[one.df for one in known])
    centres, variances = [], []
    for one in known:  # with the pseudo-counts of the interval, so that equal answers have a spread too
        counts, size = _three(one), sum(_three(one))
        more = [
            count / size * one.n_effective + extra for count, extra in zip(counts, PSEUDO_COUNTS, strict=True)
        ]
        adjusted = net_promoter(*more)
        centres.append(adjusted.value)
        variances.append((adjusted.variance or 0.0) / sum(more))
    return equal_means(np.array(centres, dtype=np.float64), variances, df=[one.df for one in known])
