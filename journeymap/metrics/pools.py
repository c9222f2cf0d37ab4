"""How do the answers to several questions add up?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.metrics.places import Places
from journeymap.metrics.selections import select
from journeymap.metrics.yardsticks import ExperienceMetric, mean_by_groups, yardstick
from journeymap.model.answers import Answers, Question
from journeymap.model.measures import Estimate

__all__ = ["Pool", "pool", "pooled_mean"]


class Pool(NamedTuple):
    """The answers to several questions, brought onto one scale.

    Parameters
    ----------
    sums : ndarray
        Three rows, Σwy, Σwy² and Σw, one column a customer group.
    n : int
        Answers.
    customers : int
        Distinct customers; at least so many where there are several questions.
    kish : float
        As many answers of equal weight say as much.
    """

    sums: NDArray[np.float64]
    n: int
    customers: int
    kish: float


def pool(
    answers: Answers,
    questions: Sequence[Question],
    places: Places,
    *,
    segment: str | None = None,
    metric: ExperienceMetric = "score",
) -> Pool:
    """How do all answers to these questions add up?

    Parameters
    ----------
    answers : Answers
        Counted answers.
    questions : sequence of Question
        At least one.
    places : Places
        Where.
    segment : str, optional
        Of whom.
    metric : {"score", "feeling"}
        The scale: 0 to 1, or −2 to +2.

    Returns
    -------
    Pool
        Sums by customer group; zeros where nothing was answered.
    """
    chosen = [select(answers, question, places, segment) for question in questions]
    rules = [yardstick(metric, question) for question in questions]
    sums = np.sum(
        [one.moments(rule.slope, rule.start) for one, rule in zip(chosen, rules, strict=True)], axis=0
    )
    n = sum(one.n for one in chosen)
    squared = sum(one.weight_squared for one in chosen)
    total = float(sums[2].sum())
    kish = float(n) if not answers.weighted else total * total / squared if squared else 0.0
    return Pool(sums, n, int(np.stack([one.customers for one in chosen]).max(axis=0).sum()), kish)


def pooled_mean(
    found: Pool, definition: str, *, bounds: tuple[float, float] = (0.0, 1.0), level: float = 0.95
) -> Estimate:
    """How large is the mean over the answers to several questions?

    Parameters
    ----------
    found : Pool
        Their sums.
    definition : str
        What was averaged, in words.
    bounds : tuple of float
        The ends of their common scale.
    level : float
        The confidence level.

    Returns
    -------
    Estimate
        Without value where nothing was answered.
    """
    total = float(found.sums[2].sum())
    if total <= 0 or found.kish <= 0:
        return Estimate(value=None, level=level, definition=definition)
    sums = found.sums[:, found.sums[2] > 0] * (found.kish / total)
    estimate = mean_by_groups(sums, bounds, customers=found.customers, level=level).estimate
    about = {"n": found.n, "customers": found.customers, "level": level, "definition": definition}
    return estimate.model_copy(update=about | {"method": "t at the effective sample size"})
