"""Which products of an outcome and its drivers add up to what, by customer group?"""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.events.queries.millionths import MILLIONTHS

__all__ = ["coverage_sql", "observations_sql", "pairs", "products_sql", "ratings_sql", "variables_sql"]

_NEAR = 1e-9  # a third of a scale is no round number


def observations_sql(long: str, outcome: int, drivers: Sequence[int], *, by_row: bool) -> str:
    """Select one row an observation: what one row of the table, or one customer, answered.

    Parameters
    ----------
    long : str
        The table of answers.
    outcome : int
        The number of the outcome's question.
    drivers : sequence of int
        The numbers of the drivers' questions.
    by_row : bool
        Whether an observation is a row of the table; else a customer, who counts once, with means.

    Returns
    -------
    str
        A query with ``g``, ``customer``, ``w``, ``y`` and ``d0``, ``d1``, … (0 at the bad, 1 at the good end;
        null where not answered), to be kept.
    """
    answered = [f"avg(norm) filter (where q = {outcome}) as y"]
    answered += [f"avg(norm) filter (where q = {q}) as d{k}" for k, q in enumerate(drivers)]
    wanted = ", ".join(map(str, [outcome, *drivers]))
    keys = "g, customer, r" if by_row else "g, customer"
    return (
        f"select g, customer, avg(w) as w, {', '.join(answered)} from {long} where q in ({wanted}) "
        f"group by {keys}"
    )


def variables_sql(observations: str, cuts: Sequence[tuple[float, float]], *, complete: bool) -> str:
    """Select the variables of the models, one row an observation.

    Parameters
    ----------
    observations : str
        The table of observations.
    cuts : sequence of (float, float)
        For every driver: rated low up to here, rated high from here, as parts of the scale.
    complete : bool
        Whether every driver must be answered; else one suffices, and what is not answered is told by an
        indicator of its own.

    Returns
    -------
    str
        A query with ``g``, ``customer``, ``w``, ``y``, ``negative``, ``positive`` and, for every driver k,
        ``xk`` (0 where ``mk`` is 1), ``mk`` (1 where it was not answered), ``lk`` and ``hk``; to be kept.
    """
    names = [f"d{k}" for k in range(len(cuts))]
    columns = []
    for k, (low, high) in enumerate(cuts):
        columns += [
            f"coalesce(d{k}, 0e0) as x{k}",
            f"case when d{k} is null then 1e0 else 0e0 end as m{k}",
            f"case when d{k} <= {low + _NEAR!r} then 1e0 else 0e0 end as l{k}",
            f"case when d{k} >= {high - _NEAR!r} then 1e0 else 0e0 end as h{k}",
        ]
    known = " + ".join(f"case when {name} is null then 0 else 1 end" for name in names)
    parts = {
        "negative": " + ".join(f"coalesce(least({name} - 0.5e0, 0e0), 0e0)" for name in names),
        "positive": " + ".join(f"coalesce(greatest({name} - 0.5e0, 0e0), 0e0)" for name in names),
    }
    columns += [f"({text}) / ({known}) as {name}" for name, text in parts.items()]
    link = " and " if complete else " or "
    there = link.join(f"{name} is not null" for name in names)
    kept = f"from {observations} where y is not null and ({there})"
    return f"select g, customer, w, y, {', '.join(columns)} {kept}"


def pairs(variables: Sequence[str]) -> list[tuple[str, str]]:
    """List every pair of variables, each with itself and those after it; ``1e0`` is the constant."""
    return [(first, second) for k, first in enumerate(variables) for second in variables[k:]]


def products_sql(variables: str, products: Sequence[tuple[str, str]], drivers: int) -> str:
    """What do the products of the variables add up to?

    Parameters
    ----------
    variables : str
        The table of variables.
    products : sequence of (str, str)
        Pairs of its columns.
    drivers : int
        How many drivers.

    Returns
    -------
    str
        A query with one row a customer group: ``g``, ``observations``, ``customers``, ``weight_squared``,
        ``low0``, ``high0``, … (how many rated so) and ``p0``, ``p1``, … (the sums in millionths).
    """
    sums = {
        "observations": "count(*)",
        "customers": "count(distinct customer)",
        "weight_squared": MILLIONTHS.format("w * w"),
    }
    for k in range(drivers):
        sums[f"low{k}"] = f"count(*) filter (where l{k} > 0)"
        sums[f"high{k}"] = f"count(*) filter (where h{k} > 0)"
    sums |= {f"p{n}": MILLIONTHS.format(f"w * {a} * {b}") for n, (a, b) in enumerate(products)}
    listed = ", ".join(f"{text} as {name}" for name, text in sums.items())
    return f"select g, {listed} from {variables} group by g order by g"


def coverage_sql(observations: str, drivers: int) -> str:
    """How many observations have the outcome, and of those each driver, and every driver?"""
    names = [f"d{k}" for k in range(drivers)]
    every = " and ".join(f"{name} is not null" for name in names)
    each = ", ".join(f"count({name}) as {name}" for name in names)
    return (
        f"select count(*) as asked, count(*) filter (where {every}) as complete, {each} "
        f"from {observations} where y is not null"
    )


def ratings_sql(long: str, drivers: Sequence[int]) -> str:
    """How was each driver rated, by all who rated it?"""
    sums = {"weight": "w", "weight_squared": "w * w", "total": "w * norm", "squares": "w * norm * norm"}
    listed = ", ".join(f"{MILLIONTHS.format(text)} as {name}" for name, text in sums.items())
    return (
        f"select q, g, count(*) as answers, count(distinct customer) as customers, {listed} from {long} "
        f"where q in ({', '.join(map(str, drivers))}) group by q, g order by q, g"
    )
