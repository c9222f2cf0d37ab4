"""How do feelings and scores run through a journey, and at which touchpoints do they lie?"""

from __future__ import annotations

from collections.abc import Sequence

from journeymap.events.queries.millionths import MILLIONTHS

__all__ = [
    "FEELINGS",
    "consistency_sql",
    "covered_sql",
    "curves_sql",
    "felt_answers_sql",
    "felt_events_sql",
    "spots_sql",
]

FEELINGS = -1  # the number under which all feelings count, whatever question they come from

# 0 is the bad and 1 the good end; rounded, so that feelings as far above as below 0 are equally intense
_FEELING = "round(4 * norm - 2, 9)"


def _among(numbers: Sequence[int]) -> str:
    return f"q in ({', '.join(map(str, numbers))})" if numbers else "false"


def felt_answers_sql(placed: str, questions: Sequence[int], turns: str) -> str:
    """Select the feelings that were answered within journeys.

    Parameters
    ----------
    placed : str
        The table of answers, see `journeymap.events.queries.linking.placed_sql`.
    questions : sequence of int
        The numbers of the questions whose scores are feelings.
    turns : str
        The table from a ``place`` to its ``turn`` along the journey; a place without one is not in it.

    Returns
    -------
    str
        A query with ``j0``, ``j1``, ``g``, ``segment``, ``t``, ``x`` and, for equal times, ``o0`` and ``o1``:
        answers of one time, or without times, are in the order of their touchpoints, whatever the order of
        questions and rows; where the turn of any of them is not known, −1 for all.
    """
    known = "min(coalesce(k.turn, -1)) over (partition by p.j0, p.j1, p.t)"
    return (
        f"select p.j0, p.j1, p.g, p.segment, p.t, case when {known} < 0 then -1 else k.turn end as o0, "
        f"0 as o1, {_FEELING} as x from {placed} p left join {turns} k on p.place = k.place "
        f"where {_among(questions)} and j0 is not null"
    )


def felt_events_sql(moments: str) -> str:
    """Select the feelings that were recorded with events, under the names of `felt_answers_sql`."""
    return (
        "select j0, j1, g, '' as segment, t, fine as o0, ord as o1, feeling as x "
        f"from ({moments}) where feeling is not null"
    )


def curves_sql(felt: str) -> str:
    """How did journeys feel as a whole, by four ways to judge?

    Parameters
    ----------
    felt : str
        A query with feelings, see `felt_answers_sql`.

    Returns
    -------
    str
        For every segment and customer group the number of ``journeys`` with a feeling, and, as whole
        millionths, the sums over them of ``mean`` and ``weighted``, and over those whose last feeling is
        known, ``ordered``, of ``peak_end`` and ``negative_peak_end``. Feelings at the same place in the order
        are one, their mean, but for the peak. A journey counts in the segment of its last feeling.
    """
    order = "partition by j0, j1 order by t, o0, o1"
    lags = ", ".join(f"lag({name}) over ({order}) as {name}_before" for name in ("t", "x"))
    place = f"row_number() over ({order}) as place, count(*) over (partition by j0, j1) as size"
    area = "sum(cast(t - t_before as double) * (x + x_before) / 2)"
    each = {
        "g": "min(g)",
        "segment": "max(case when place = size then segment end)",
        "mean": "sum(total) / sum(n)",
        "last": "max(case when place = size then x end)",
        "least": "min(least)",
        "most": "max(most)",
        # several at the end, and in which order is not known
        "ends": "max(case when place = size and (o0 >= 0 or n = 1) then 1 else 0 end)",
        "area": area,
        "duration": "cast(max(t) - min(t) as double)",
    }
    columns = ", ".join(f"{text} as {name}" for name, text in each.items())
    scores = {
        "mean": "mean",
        # as intense above as below: the one below
        "peak_end": "case when ends = 1 then ((case when most > -least then most else least end) + last) / 2 "
        "else 0 end",
        "negative_peak_end": "case when ends = 1 then (least + last) / 2 else 0 end",
        "weighted": "case when duration > 0 then area / duration else mean end",
    }
    sums = ", ".join(f"{MILLIONTHS.format(text)} as {name}" for name, text in scores.items())
    return (
        "with together as (select j0, j1, t, o0, o1, min(g) as g, max(segment) as segment, avg(x) as x, "
        "min(x) as least, max(x) as most, sum(x) as total, count(*) as n "
        f"from ({felt}) group by j0, j1, t, o0, o1), "
        f"moments as (select *, {lags}, {place} from together), "
        f"each_journey as (select j0, j1, {columns} from moments group by j0, j1) "
        f"select segment, g, count(*) as journeys, sum(ends) as ordered, {sums} from each_journey "
        "group by segment, g order by segment, g"
    )


def consistency_sql(placed: str) -> str:
    """How much do the scores of one customer differ from touchpoint to touchpoint?

    Parameters
    ----------
    placed : str
        The table of answers.

    Returns
    -------
    str
        For every segment and customer group the number of ``customers`` with answers at two touchpoints or
        more and, as whole millionths, the sums over them of ``sd``, ``variance`` and ``weakest`` (the lowest
        score); the number ``mssd_customers`` of those who answered at two times or more, and the sum of
        ``mssd`` over them. Scores run from 0 (bad) to 1 (good); those that one row gives to one touchpoint
        are averaged. A customer counts in the segment of the last answer.
    """
    order = "partition by customer order by t, r, q"
    occasions = (
        "select customer, place, t, r, min(g) as g, min(q) as q, max(segment) as segment, avg(norm) as x "
        f"from {placed} where place <> 0 group by customer, place, t, r"
    )
    moments = (
        f"select *, lag(x) over ({order}) as x_before, row_number() over ({order}) as number, "
        "count(*) over (partition by customer) as size from occasions"
    )
    each = (
        "select customer, min(g) as g, count(distinct place) as places, min(t) < max(t) as in_order, "
        "max(case when number = size then segment end) as segment, "
        "stddev_samp(x) as sd, var_samp(x) as variance, min(x) as weakest, "
        "avg((x - x_before) * (x - x_before)) as mssd from moments group by customer"
    )
    sums = ", ".join(f"{MILLIONTHS.format(name)} as {name}" for name in ("sd", "variance", "weakest"))
    steps = f"coalesce({MILLIONTHS.format('case when in_order then mssd end')}, 0) as mssd"
    return (
        f"with occasions as ({occasions}), moments as ({moments}), each_customer as ({each}) "
        f"select segment, g, count(*) as customers, {sums}, {steps}, "
        "count(*) filter (where in_order) as mssd_customers "
        "from each_customer where places > 1 group by segment, g order by segment, g"
    )


def covered_sql(everybody: str, answered: str) -> str:
    """How many customers of the log answered anything?

    Parameters
    ----------
    everybody : str
        The table of the log's customers, with ``name`` and ``g``.
    answered : str
        The table of answers, with ``name``.

    Returns
    -------
    str
        For every customer group of the log the number of ``customers``, and how many of them ``answered``.
    """
    return (
        "select 'customer' as unit, e.g, count(*) as customers, count(a.name) as answered "
        f"from {everybody} e left join (select distinct name from {answered}) a on e.name = a.name "
        "group by e.g order by e.g"
    )


def spots_sql(placed: str, places: str, feelings: Sequence[int]) -> str:
    """How did answers turn out at each touchpoint of the journey?

    Parameters
    ----------
    placed, places : str
        The tables of answers, and of places with the number of their touchpoint in the journey (``spot``).
    feelings : sequence of int
        The numbers of the questions whose scores are feelings; they count once more, together, under
        `FEELINGS`.

    Returns
    -------
    str
        For every question, spot and customer group: ``answers`` and distinct ``customers``, the sums of
        ``weight``, its square, weighted scores and their squares, and of the weights of answers up to 6
        (``low``) and from 9 (``high``).
    """
    felt = f"select {FEELINGS} as q, spot, g, customer, w, {_FEELING} as score from located"
    felt = f"{felt} where {_among(feelings)}"
    located = (
        f"select p.q, b.spot, p.g, p.customer, p.w, p.score, p.norm from {placed} p "
        f"join {places} b on p.place = b.place where b.spot is not null"
    )
    sums = {
        "weight": "w",
        "weight_squared": "w * w",
        "total": "w * score",
        "squares": "w * score * score",
        "low": "case when score <= 6 then w else 0 end",
        "high": "case when score >= 9 then w else 0 end",
    }
    columns = ", ".join(f"sum({text}) as {name}" for name, text in sums.items())
    return (
        f"with located as ({located}) select q, spot, g, count(*) as answers, "
        f"count(distinct customer) as customers, {columns} from "
        f"(select q, spot, g, customer, w, score from located union all {felt}) "
        "group by q, spot, g order by q, spot, g"
    )
