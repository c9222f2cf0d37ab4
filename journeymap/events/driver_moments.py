"""What do an outcome and its drivers have in common, customer group by customer group?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from journeymap.errors import JourneyMapError, UnknownNameError, nearest, require
from journeymap.events.answers import OpenFeedback, open_answers
from journeymap.events.feedback import Feedback
from journeymap.events.queries import driver_moments as queries
from journeymap.model.answers import Question
from journeymap.model.driver_moments import DriverMoments, Moments, Ratings
from journeymap.model.measures import Scale

__all__ = ["Cut", "driver_moments"]

Cut: TypeAlias = float | Mapping[str, float] | None
_THIRD = 1 / 3


def driver_moments(
    feedback: Feedback,
    *,
    outcome: str,
    drivers: Sequence[str] | None = None,
    low: Cut = None,
    high: Cut = None,
    missing: Literal["complete", "indicator"] = "complete",
) -> DriverMoments:
    """What do an outcome and its drivers have in common?

    Parameters
    ----------
    feedback : Feedback
        A survey with one row a questionnaire; or with one row an answer, where questions say with `where`
        which rows are theirs: then a customer's answers are put together, means where there are several.
    outcome : str
        The id of the question about the whole.
    drivers : sequence of str, optional
        The ids of the questions about its parts; all others when left out.
    low, high : float or dict of str to float, optional
        The score up to which a driver counts as rated low, and from which as rated high, for all drivers or
        by question; the bad and the good third of the scale when left out. On a scale where low is good, high
        ratings are those with low scores.
    missing : {"complete", "indicator"}
        Who stands in the sums: those who answered everything, or everybody who answered the outcome and any
        driver. Nothing is ever filled in.

    Returns
    -------
    DriverMoments
        Sums by customer group; of zeros where nobody answered what is asked for.

    Raises
    ------
    UnknownNameError
        There is no question of such an id; `low` or `high` names what is no driver.
    JourneyMapError
        A driver is the outcome, or stands twice, or there is none; a cut lies off its scale.
    InvalidLogError
        The survey cannot be read, as of `answers`.

    Examples
    --------
    >>> import pyarrow as pa
    >>> stars = {"low": 1, "high": 5}
    >>> table = pa.table({"all": [1, 3, 5, 4], "food": [1, 3, 5, None]})
    >>> asked = [{"column": name, "measure": "csat", "scale": stars} for name in ("all", "food")]
    >>> found = driver_moments(Feedback(table, questions=asked), outcome="all")
    >>> sum(found.observations), found.asked, found.rated_low
    (3, 4, (1,))
    """
    require(feedback, Feedback, "find_drivers", hint="put the survey into a Feedback first")
    if missing not in {"complete", "indicator"}:
        raise JourneyMapError.because(
            f"missing: {missing!r} is no rule.", expected="Expected 'complete' or 'indicator'."
        )
    whole, parts = _asked(feedback, outcome, drivers)
    _check_cuts(parts, low=low, high=high)
    cuts = [_cut(question, low, high) for question in parts]
    with open_answers(feedback) as opened:
        return _counted(opened, whole, parts, cuts, missing)


def _asked(
    feedback: Feedback, outcome: str, drivers: Sequence[str] | None
) -> tuple[Question, tuple[Question, ...]]:
    known = {question.id: question for question in feedback.questions}
    given = [drivers] if isinstance(drivers, str) else drivers
    names = [name for name in known if name != outcome] if given is None else list(given)
    for role, name in [("outcome", outcome), *(("drivers", name) for name in names)]:
        if name not in known:
            raise _unknown(f"{role}: there is no question {name!r}.", name, known)
    if outcome in names or len(set(names)) < len(names) or not names:
        twice = next((name for n, name in enumerate(names) if name in names[:n]), None)
        problem = f"drivers: {twice!r} stands twice." if names else "drivers: there are none."
        if outcome in names:
            problem = f"drivers: {outcome!r} is the outcome."
        raise JourneyMapError.because(
            problem,
            expected="Expected questions other than the outcome, each once.",
            hint="declare the questions about the parts of the experience in Feedback(questions=[...])",
        )
    return known[outcome], tuple(known[name] for name in names)


def _unknown(problem: str, name: object, known: Iterable[str]) -> UnknownNameError:
    names = list(known)
    close = nearest(str(name), names)
    return UnknownNameError.because(
        problem,
        expected=f"Expected one of: {', '.join(names)}.",
        hint=f"did you mean {close!r}?" if close else None,
    )


def _check_cuts(drivers: Sequence[Question], **cuts: Cut) -> None:
    """Refuse cuts for what is no driver: nobody would notice that they cut nothing."""
    known = [question.id for question in drivers]
    for role, given in cuts.items():
        for name in given if isinstance(given, Mapping) else ():
            if name not in known:
                raise _unknown(f"{role}: there is no driver {name!r}.", name, known)


def _cut(question: Question, low: Cut, high: Cut) -> tuple[float, float]:
    """Give the scores at which low ends and high begins."""
    scale = question.scale
    ends = []
    for role, given, part in (("low", low, _THIRD), ("high", high, 1 - _THIRD)):
        told = given.get(question.id) if isinstance(given, Mapping) else given
        score = _score_at(scale, part) if told is None else float(told)
        if not scale.low <= score <= scale.high:
            raise JourneyMapError.because(
                f"{role}: {score:g} lies off the scale of {question.id!r}.",
                expected=f"Expected a score from {scale.low:g} to {scale.high:g}.",
                hint=f"give each question its own: {role}={{{question.id!r}: ...}}",
            )
        ends.append(score)
    if not scale.normalised(ends[0]) < scale.normalised(ends[1]):
        raise JourneyMapError.because(
            f"low and high: {ends[0]:g} is no worse than {ends[1]:g} on the scale of {question.id!r}.",
            expected="Expected low ratings to be worse than high ones.",
            hint="low is the best score that is still bad, high the worst that is already good",
        )
    return ends[0], ends[1]


def _score_at(scale: Scale, part: float) -> float:
    along = part if scale.better == "higher" else 1 - part
    return scale.low + along * (scale.high - scale.low)


def _counted(
    opened: OpenFeedback,
    outcome: Question,
    drivers: tuple[Question, ...],
    cuts: Sequence[tuple[float, float]],
    missing: Literal["complete", "indicator"],
) -> DriverMoments:
    engine, ids = opened.engine, [question.id for question in opened.feedback.questions]
    numbers = [ids.index(question.id) for question in drivers]
    # one row an answer: then the questions tell by `where` which rows are theirs
    by_row = len({tuple(sorted(question.where.items())) for question in (outcome, *drivers)}) == 1
    parts = [
        tuple(question.scale.normalised(score) for score in cut)
        for question, cut in zip(drivers, cuts, strict=True)
    ]
    kept = []
    try:
        kept.append(
            engine.materialise(
                queries.observations_sql(opened.long, ids.index(outcome.id), numbers, by_row=by_row)
            )
        )
        (coverage,) = engine.run(queries.coverage_sql(kept[0], len(drivers)), "coverage").to_pylist()
        complete = missing == "complete"
        kept.append(
            engine.materialise(queries.variables_sql(kept[0], [(a, b) for a, b in parts], complete=complete))
        )
        blocks = _blocks(drivers, indicator=not complete)
        products = [pair for columns in blocks.values() for pair in queries.pairs(list(columns.values()))]
        rows = engine.run(queries.products_sql(kept[1], products, len(drivers)), "products").to_pylist()
        ratings = engine.run(queries.ratings_sql(opened.long, numbers), "ratings").to_pylist()
    finally:
        for name in reversed(kept):
            engine.drop(name)
    return DriverMoments(
        source=opened.relation.label,
        outcome=outcome,
        drivers=drivers,
        low=tuple(cut[0] for cut in cuts),
        high=tuple(cut[1] for cut in cuts),
        missing=missing,
        observation="row" if by_row else "customer",
        **{name: _by_group(rows, name, opened.groups)
           for name in ("observations", "customers", "weight_squared")},
        asked=coverage["asked"],
        complete=coverage["complete"],
        answered=tuple(coverage[f"d{k}"] for k in range(len(drivers))),
        rated_low=tuple(sum(row[f"low{k}"] for row in rows) for k in range(len(drivers))),
        rated_high=tuple(sum(row[f"high{k}"] for row in rows) for k in range(len(drivers))),
        **_moments(blocks, rows, opened.groups),
        ratings=tuple(_rated(ratings, number, opened.groups) for number in numbers),
        filters=opened.feedback.filters_in_words(),
    )  # fmt: skip


def _blocks(drivers: Sequence[Question], *, indicator: bool) -> dict[str, dict[str, str]]:
    """Name the variables of each model, and the columns they stand in."""

    def each(name: str, column: str) -> dict[str, str]:
        return {f"{name}:{question.id}": f"{column}{k}" for k, question in enumerate(drivers)}

    start = {"1": "1e0", "outcome": "y"}
    absent = each("missing", "m") if indicator else {}
    return {
        "linear": start | each("x", "x") | absent,
        "contrasts": start | each("low", "l") | each("high", "h") | absent,
        "balance": start | {"negative": "negative", "positive": "positive"},
    }


def _moments(
    blocks: Mapping[str, Mapping[str, str]], rows: Sequence[Mapping[str, Any]], groups: int
) -> dict[str, Moments]:
    by_group = {row["g"]: row for row in rows}
    found, first = {}, 0
    for block, columns in blocks.items():
        size = len(columns) * (len(columns) + 1) // 2
        names = [f"p{n}" for n in range(first, first + size)]
        products = tuple(
            tuple(by_group[g][name] for name in names) if g in by_group else (0,) * size
            for g in range(groups)
        )
        found[block] = Moments(variables=tuple(columns), products=products)
        first += size
    return found


def _by_group(rows: Sequence[Mapping[str, Any]], name: str, groups: int) -> tuple[int, ...]:
    counted = {row["g"]: row[name] for row in rows}
    return tuple(counted.get(g, 0) for g in range(groups))


def _rated(rows: Sequence[Mapping[str, Any]], number: int, groups: int) -> Ratings:
    own = [row for row in rows if row["q"] == number]
    return Ratings(**{name: _by_group(own, name, groups) for name in Ratings.model_fields})
