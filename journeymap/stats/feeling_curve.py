"""How did a journey feel as a whole, judged from how its moments felt?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["FeelingScores", "feeling_scores"]


class FeelingScores(NamedTuple):
    """Several answers to how one journey felt; they are meant to be shown side by side.

    Parameters
    ----------
    mean : float or None
        Every moment counts the same.
    peak_end : float or None
        The mean of the most intense and the last moment: what is remembered.
    negative_peak_end : float or None
        The mean of the worst and the last moment.
    duration_weighted : float or None
        Every minute counts the same; None without times.
    area : float or None
        The area under the curve, in feeling times time; None without times.
    peak, end : float or None
        The most intense and the last feeling.
    fall : float or None
        The biggest fall from one moment to the next, 0 where none falls; None with fewer than two.
    n : int
        Moments with a feeling.
    """

    mean: float | None
    peak_end: float | None
    negative_peak_end: float | None
    duration_weighted: float | None
    area: float | None
    peak: float | None
    end: float | None
    fall: float | None
    n: int


def feeling_scores(
    feelings: ArrayLike, times: ArrayLike | None = None, *, neutral: float = 0.0
) -> FeelingScores:
    """How did a journey feel as a whole?

    With feelings x₁ … x_m at times t₁ … t_m: the mean; peak–end ``(x_peak + x_m) / 2``, where the peak has
    the largest ``|x − neutral|`` and is the lower one of two as intense; negative peak–end
    ``(min x + x_m) / 2``; duration-weighted ``Σ (t_{i+1} − t_i)(x_i + x_{i+1}) / 2 / (t_m − t₁)``; biggest
    fall ``max(x_i − x_{i+1})``.

    Parameters
    ----------
    feelings : array_like
        The feelings of one journey in their order; nan where a moment has none.
    times : array_like, optional
        When they were felt, in any unit, never falling.
    neutral : float
        The feeling that is neither good nor bad.

    Returns
    -------
    FeelingScores
        In units of feeling. Without duration the duration-weighted feeling is the mean; without any
        feeling everything is None.

    Raises
    ------
    ValueError
        When feelings and times differ in length, a felt moment has no time, or times fall.

    Notes
    -----
    People remember peak and end and hardly how long it lasted, so a long good journey with a bad end has
    a high duration-weighted feeling and a low peak–end. Neither is the right one.

    References
    ----------
    Kahneman, D., Fredrickson, B. L., Schreiber, C. A., Redelmeier, D. A. (1993). When more pain is
    preferred to less: adding a better end. Psychological Science 4, 401–405.

    Examples
    --------
    >>> found = feeling_scores([2, 3, -4, 1, 3], [0, 1, 2, 4, 5])
    >>> found.mean, found.peak_end, found.negative_peak_end, found.duration_weighted, found.fall
    (1.0, -0.5, -0.5, 0.2, 7.0)
    """
    x = np.asarray(feelings, dtype=np.float64).ravel()
    felt = ~np.isnan(x)
    t = None if times is None else np.asarray(times, dtype=np.float64).ravel()
    if t is not None:
        if t.size != x.size:
            raise ValueError(f"feelings and times need one entry a moment: {x.size} feelings, {t.size} times")
        t = t[felt]
        if not np.isfinite(t).all() or (np.diff(t) < 0).any():
            raise ValueError("every feeling needs a time, and times must not fall")
    x = x[felt]
    if not x.size:
        return FeelingScores(None, None, None, None, None, None, None, None, 0)
    mean, end = float(x.mean()), float(x[-1])
    intensity = np.abs(x - neutral)
    peak = float(x[intensity == intensity.max()].min())
    area = None if t is None else float((np.diff(t) * (x[1:] + x[:-1]) / 2).sum())
    duration = 0.0 if t is None else float(t[-1] - t[0])
    weighted = None if area is None else area / duration if duration else mean
    fall = max(0.0, float(-np.diff(x).min())) if x.size > 1 else None
    return FeelingScores(
        mean, (peak + end) / 2, (float(x.min()) + end) / 2, weighted, area, peak, end, fall, x.size
    )
