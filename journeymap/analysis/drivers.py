"""What goes with what customers say in the end, how much of it, and does it hurt or delight?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, get_args

import numpy as np

from journeymap.analysis.driver_model import JACKKNIFE, MICRO, DriverModel, Method, matrices_of
from journeymap.analysis.driver_report import DriverReport, DriverShare, KeyDriver
from journeymap.errors import JourneyMapError, require
from journeymap.events.driver_moments import Cut, driver_moments
from journeymap.events.feedback import Feedback
from journeymap.model.answers import Question
from journeymap.model.driver_moments import DriverMoments, Ratings
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate, Scale
from journeymap.model.touchpoints import Touchpoint
from journeymap.stats.drivers import MOST_PLAYERS
from journeymap.stats.grouped_scores import mean_of_groups
from journeymap.stats.penalty_reward import negativity_ratio

__all__ = ["drivers_of", "find_drivers"]


def find_drivers(
    feedback: Feedback,
    *,
    outcome: str,
    drivers: Sequence[str] | None = None,
    method: Method = "relative_weights",
    low: Cut = None,
    high: Cut = None,
    missing: Literal["complete", "indicator"] = "complete",
    journey: Journey | None = None,
) -> DriverReport:
    """What goes with what customers say in the end, how much of it, and does it hurt or delight?

    Importance divides R² of ``outcome ~ drivers`` among the drivers, by Johnson's relative weights or LMG
    (Shapley) weights. Penalty and reward are the slopes of ``outcome ~ 1[rated low] + 1[rated high]`` of all
    drivers together. Nothing of one customer leaves the engine: all is computed from sums by customer group.

    Parameters
    ----------
    feedback : Feedback
        The survey: one row a questionnaire, or one row an answer with the questions told apart by `where`.
    outcome : str
        The id of the question about the whole: satisfaction, recommendation, effort.
    drivers : sequence of str, optional
        The ids of the questions about its parts; all others when left out.
    method : {"relative_weights", "lmg"}
        How R² is divided. They mostly agree; LMG takes at most 15 drivers.
    low, high : float or dict of str to float, optional
        The score up to which a driver is rated low, and from which it is rated high, for all drivers or by
        question; the bad and the good third of its scale when left out.
    missing : {"complete", "indicator"}
        ``complete``: those who answered everything. ``indicator``: everybody who rated anything, with an
        indicator for each driver that says who did not rate it; what its ratings go with is then told by
        those who did. Nothing is filled in with 0.
    journey : Journey, optional
        Its touchpoints, and their drivers of experience, are laid to the questions that name a touchpoint.

    Returns
    -------
    DriverReport
        One `KeyDriver` a question, by importance, with intervals by the delete-a-group jackknife; numbers are
        None where there are fewer than two answers for every slope of the model, and `problem` says so.
        Penalty and reward of a driver that fewer than ten (effectively) rate in between, as of a yes/no
        question, are None, and its `contrast_problem` says so.

    Raises
    ------
    UnknownNameError
        There is no question of such an id; a cut is given for what is no driver.
    JourneyMapError
        A driver is the outcome; a cut lies off its scale; there are too many drivers for LMG.
    InvalidLogError
        The survey cannot be read.

    Notes
    -----
    An association, not a cause: improving what weighs most need not move the outcome. Importance is never
    negative, so that noise has some, too: read it against the benchmark. What goes together shares weight.
    Low and high ratings are set against those in between: without any the two cannot be told apart.
    Those who rate everything are seldom like those who do not.

    References
    ----------
    Johnson (2000), Multivariate Behavioral Research 35; Grömping (2006), Journal of Statistical Software 17;
    Tonidandel, LeBreton and Johnson (2009), Psychological Methods 14; Mikulić and Prebežac (2008), Managing
    Service Quality 18; Martilla and James (1977), Journal of Marketing 41(1).

    Examples
    --------
    >>> import pyarrow as pa
    >>> rows = [(clean, food) for clean in range(1, 6) for food in range(1, 6)] * 4
    >>> table = {"clean": [c for c, _ in rows], "food": [f for _, f in rows]}
    >>> table["all"] = [min(5, max(1, round(0.75 * c + 0.25 * f))) for c, f in rows]
    >>> asked = [{"column": name, "measure": "csat", "scale": {"low": 1, "high": 5}} for name in table]
    >>> report = find_drivers(Feedback(pa.table(table), questions=asked), outcome="all")
    >>> [(driver.id, round(driver.importance.value, 2)) for driver in report.drivers]
    [('clean', 0.87), ('food', 0.13)]
    """
    require(feedback, Feedback, "find_drivers", hint="put the survey into a Feedback first")
    if journey is not None:
        require(journey, Journey, "find_drivers", hint="journey= takes what read_journey gives")
    _check_method(method, feedback, drivers, missing)
    moments = driver_moments(feedback, outcome=outcome, drivers=drivers, low=low, high=high, missing=missing)
    return drivers_of(moments, method=method, journey=journey)


def _check_method(method: str, feedback: Feedback, drivers: Sequence[str] | None, missing: str) -> None:
    if method not in get_args(Method):
        raise JourneyMapError.because(
            f"method: {method!r} is no way to divide R².", expected="Expected 'relative_weights' or 'lmg'."
        )
    count = len(feedback.questions) - 1 if drivers is None else len(drivers)
    most = MOST_PLAYERS - (missing == "indicator")  # who rated what at all is one more
    if method == "lmg" and not isinstance(drivers, str) and count > most:
        raise JourneyMapError.because(
            f"drivers: {count} are too many for LMG weights, which fit every subset of them.",
            expected=f"Expected at most {most}.",
            hint="use method='relative_weights', or name fewer drivers",
        )


def drivers_of(
    moments: DriverMoments,
    *,
    method: Method = "relative_weights",
    journey: Journey | None = None,
    level: float = 0.95,
) -> DriverReport:
    """What do the sums of a survey say of its drivers?

    Parameters
    ----------
    moments : DriverMoments
        What `driver_moments` counted.
    method, journey
        As of `find_drivers`.
    level : float
        The confidence level of intervals.

    Returns
    -------
    DriverReport
        As of `find_drivers`.
    """
    model = DriverModel(moments, method, level)
    known = [_place(question, journey) for question in moments.drivers]
    found = tuple(_driver(model, k, known[k]) for k in range(len(moments.drivers)))
    families = [touchpoint.driver if touchpoint else None for touchpoint in known]
    named = [question.touchpoint for question in moments.drivers]
    ratio = negativity_ratio(matrices_of(moments.balance), level=level)
    # of yes and no the part below the middle follows from that above it
    halved = any(model.is_yes_or_no(k) and model.varies[k] for k in range(model.count))
    held = ratio.ratio is not None and ratio.low is not None and not (model.problem or halved)
    return DriverReport(
        source=moments.source,
        outcome=moments.outcome,
        method=method,
        drivers=tuple(sorted(found, key=lambda driver: -(driver.importance.value or 0.0))),
        r_squared=model.part(model.explained, "R² of the outcome on all ratings"),
        noise=model.noise,
        unrated=model.unrated,
        negativity=Estimate(
            value=ratio.ratio if held else None,
            low=ratio.low if held else None,
            high=ratio.high if held else None,
            level=level,
            method=f"Fieller, {JACKKNIFE}",
            definition="|β⁻| / β⁺ of the mean ratings below and above the middle of their scales",
            **model.basis,
        ),
        families=_summed(model, families),
        touchpoints=_summed(model, named),
        unknown_touchpoints=tuple(
            dict.fromkeys(
                question.touchpoint
                for question, touchpoint in zip(moments.drivers, known, strict=True)
                if journey is not None and question.touchpoint and touchpoint is None
            )
        ),
        missing=moments.missing,
        observation=moments.observation,
        observations=sum(moments.observations),
        customers=sum(moments.customers),
        asked=moments.asked,
        complete=moments.complete,
        problem=model.problem,
        level=level,
        filters=moments.filters,
    )


def _place(question: Question, journey: Journey | None) -> Touchpoint | None:
    """Find the touchpoint that a question asks about; of one that floats, the first of its stages."""
    if journey is None or not question.touchpoint:
        return None
    named = (one for one in journey.touchpoints if question.touchpoint in {one.id, one.floats_as})
    return next(named, None)


def _driver(model: DriverModel, k: int, touchpoint: Touchpoint | None) -> KeyDriver:
    moments = model.moments
    question, contrast = moments.drivers[k], model.contrasts[k]
    span = moments.outcome.scale.high - moments.outcome.scale.low
    points = (
        f"points of {moments.outcome.name} ({moments.outcome.scale.low:g} to {moments.outcome.scale.high:g})"
    )
    cut = f"rated {{}}: {{:g}} or {{}} ({question.name})"
    low, high = cut.format("low", moments.low[k], "worse"), cut.format("high", moments.high[k], "better")
    share = model.part(model.shares[:, k], f"share of R², {model.how}", known=model.varies[k])
    return KeyDriver(
        question=question,
        touchpoint=question.touchpoint,
        touchpoint_name=touchpoint.name if touchpoint else "",
        family=touchpoint.driver if touchpoint else None,
        is_service=touchpoint.is_service if touchpoint else question.family == "service",
        importance=share,
        weight=model.part(model.weights[:, k], f"part of R², {model.how}", known=model.varies[k]),
        above_noise=None if share.value is None or model.noise is None else share.value > model.noise,
        performance=_performance(moments.ratings[k], question, model.level),
        quadrant=model.quadrant(k),
        penalty=model.estimate(contrast.penalty, f"{points}; {low}, against those in between", span=span),
        reward=model.estimate(contrast.reward, f"{points}; {high}, against those in between", span=span),
        range=model.estimate(contrast.range, f"{points}; reward − penalty", span=span),
        contrast_problem=model.contrast_problem(k),
        impact_asymmetry=Estimate(
            value=contrast.asymmetry,
            low=contrast.asymmetry_low,
            high=contrast.asymmetry_high,
            level=model.level,
            method=f"Fieller, {JACKKNIFE}",
            definition=f"(reward − |penalty|) / (reward + |penalty|); {low}; {high}",
            **model.basis,
        ),
        low=moments.low[k],
        high=moments.high[k],
        rated_low=moments.rated_low[k],
        rated_high=moments.rated_high[k],
        answered=moments.answered[k],
    )


def _performance(ratings: Ratings, question: Question, level: float) -> Estimate:
    """Give the mean rating in units of its scale."""
    n, customers = sum(ratings.answers), sum(ratings.customers)
    table = {name: np.array(getattr(ratings, name)) / MICRO for name in ("total", "squares", "weight")}
    squared = sum(ratings.weight_squared) / MICRO
    found = mean_of_groups(
        table["total"], table["squares"], table["weight"], answers=n, customers=customers, bounds=(0.0, 1.0),
        weight_squared=None if round(squared) == n else squared, level=level,
    )  # fmt: skip
    ends = [_on(question.scale, part) for part in (found.low, found.high)]
    known = None not in ends
    low, high = sorted(end for end in ends if end is not None) if known else (None, None)
    return Estimate(
        value=_on(question.scale, found.value),
        low=low,
        high=high,
        n=n,
        customers=customers,
        level=level,
        method=found.method,
        definition=f"mean rating ({question.scale.low:g} to {question.scale.high:g}); {question.name}",
    )


def _on(scale: Scale, part: float | None) -> float | None:
    if part is None:
        return None
    along = part if scale.better == "higher" else 1 - part
    return scale.low + along * (scale.high - scale.low)


def _summed(model: DriverModel, names: Iterable[str | None]) -> tuple[DriverShare, ...]:
    """Add up the shares of drivers that belong together."""
    together: dict[str, list[int]] = {}
    for k, name in enumerate(names):
        if name is not None:
            together.setdefault(name, []).append(k)
    found = [
        DriverShare(
            name=name,
            importance=model.part(model.shares[:, members].sum(axis=1), "share of R², summed"),
            questions=tuple(model.moments.drivers[k].id for k in members),
        )
        for name, members in together.items()
    ]
    return tuple(sorted(found, key=lambda share: -(share.importance.value or 0.0)))
