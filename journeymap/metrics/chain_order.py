"""Is it enough to know where customers are, or does it matter where they came from?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeymap.metrics.chain_weights import Certainty
from journeymap.metrics.chain_words import plain, rounded
from journeymap.metrics.held_out import HeldOut, Moves, foretold_customers, foretold_times, moves_of
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table
from journeymap.stats.jackknife import leave_one_out
from journeymap.stats.markov_tests import OrderTest, order_test

__all__ = ["ChainOrder", "OrderComparison", "OrderScore", "chain_order", "loss_estimate"]

Floats = NDArray[np.float64]
_ORDERS = (0, 1, 2)
# a longer memory that foretells less than this share better is not worth its contexts
_LEAST_GAIN = 0.01
_COLUMNS = (
    "order", "parameters", "aic", "bic", "log_loss_by_customer", "log_loss_by_customer_low",
    "log_loss_by_customer_high", "log_loss_by_time", "log_loss_by_time_low", "log_loss_by_time_high",
)  # fmt: skip
_KNOWN = (
    "where customers go next does not depend on where they are",
    "it is enough to know where customers are",
    "it matters where customers came from, too",
)

_UNTESTED = (
    "Order 1 against 2 cannot be told: no touchpoint was both reached in two ways and left in two ways."
)


class OrderComparison(Frozen):
    """A chain against the one that looks one touchpoint further back.

    Parameters
    ----------
    lower, higher : int
        The orders that are compared.
    g2, pearson : float
        G² and Pearson's X² of the lower order.
    df, df_full : int
        Degrees of freedom of what was observed, and if every way existed.
    p, p_pearson : float
        How probable a G² (an X²) this large is under the lower order, moves taken as independent.
    """

    lower: int
    higher: int
    g2: float
    pearson: float
    df: int
    df_full: int
    p: float
    p_pearson: float


class OrderScore(Frozen):
    """How well a chain of one order fits, and foretells.

    Parameters
    ----------
    order : int
        How many touchpoints it looks back.
    parameters : int
        Its free probabilities, on the ways on that were seen at all from the present touchpoint.
    aic, bic : float
        On the moves that it was fitted on; less is better.
    by_customer, by_time : Estimate
        Mean −ln p of moves of customers (of the later half of journeys) that it was not fitted on, in nats;
        less is better.
    """

    order: int
    parameters: int
    aic: float
    bic: float
    by_customer: Estimate
    by_time: Estimate


class ChainOrder(Frozen):
    """How many touchpoints back the next one depends on.

    Parameters
    ----------
    best : int
        The order to use: a higher one must lower the log-loss on other customers by at least 1 %, beyond
        chance (own definition).
    orders : tuple of OrderScore
        Orders 0, 1 and 2.
    comparisons : tuple of OrderComparison
        0 against 1, and 1 against 2.
    gain_by_customer, gain_by_time : Estimate
        By how much the log-loss on customers (on later journeys) that were held out falls from order 1 to
        2; below 0 it grows.
    """

    best: int
    orders: tuple[OrderScore, ...]
    comparisons: tuple[OrderComparison, ...]
    gain_by_customer: Estimate
    gain_by_time: Estimate

    def __str__(self) -> str:
        """Say which order to use, and what speaks for it."""
        test = self.comparisons[-1]
        by_aic = min(self.orders, key=lambda one: one.aic).order
        by_bic = min(self.orders, key=lambda one: one.bic).order
        said = [
            self._verdict(),
            _losses("other customers", [one.by_customer for one in self.orders]),
            _losses("later journeys", [one.by_time for one in self.orders]),
        ]
        if not test.df:
            said.append(_UNTESTED)
        else:
            said.append(
                f"On the same moves AIC prefers order {by_aic}, BIC order {by_bic}; order 1 against 2: G² "
                f"{plain(test.g2)} with {test.df} degrees of freedom, p {test.p:.2g} for independent moves."
            )
        return "\n".join(line for line in said if line)

    def _verdict(self) -> str:
        """Say which order to use, or why that cannot be told."""
        if not any(one.df for one in self.comparisons):
            return "The order cannot be told: journeys have one place only to go on from, or one to go on to."
        if self.orders[0].by_customer.value is None:
            return "The order cannot be told: there are too few customers to hold any out."
        return f"Order {self.best}: {_KNOWN[self.best]}."

    def _rows(self) -> list[tuple[Any, ...]]:
        return [
            (
                one.order, one.parameters, one.aic, one.bic, one.by_customer.value, one.by_customer.low,
                one.by_customer.high, one.by_time.value, one.by_time.low, one.by_time.high,
            )
            for one in self.orders
        ]  # fmt: skip

    def to_frame(self) -> Any:
        """Put the orders into a pandas DataFrame, one row each."""
        return data_frame(_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        return html_table("Order of the chain", _COLUMNS, rounded(self._rows()), notes=str(self).split("\n"))


def _losses(whom: str, losses: list[Estimate]) -> str:
    known = [plain(one.value) for one in losses if one.value is not None]
    return f"Log-loss on {whom}, order 0, 1, 2: {', '.join(known)}." if known else ""


def chain_order(journey: Journey, *, folds: int = 8, level: float = 0.95) -> ChainOrder:
    """Is it enough to know where customers are, or does it matter where they came from?

    Chains of order 0 (the shares of all moves), 1 (the present touchpoint) and 2 (the one before it, too)
    are fitted on a part of the customers and judged on the others, then fitted on the earlier half of the
    journeys and judged on the later one. Beside it the likelihood ratio test, AIC and BIC on all moves.

    Parameters
    ----------
    journey : Journey
        An observed journey with the counts of `with_paths`.
    folds : int
        Into how many parts the customer groups are dealt; each is foretold by all others.
    level : float
        The confidence level.

    Returns
    -------
    ChainOrder
        The order to use, with everything that speaks for it. Losses are without value where there is one
        group of customers only, or no earlier or later half.

    Raises
    ------
    MissingEvidenceError
        The journey carries no contexts, or none of its journeys is decided yet.
    JourneyMapError
        Fewer than two folds.

    Notes
    -----
    The tests take moves as independent and cells as well filled; with many touchpoints neither holds, and
    with many customers every chain is refuted. What counts is whether the longer memory foretells others
    better. The losses are those of chains that mix each context with the shorter one, as `next_touchpoint`.

    References
    ----------
    Anderson, T. W., Goodman, L. A. (1957). Statistical inference about Markov chains. Annals of
    Mathematical Statistics 28, 89–110.

    Examples
    --------
    >>> from datetime import datetime
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> from journeymap.events.log import EventLog
    >>> from journeymap.events.paths import with_paths
    >>> paths = ["ad shop pay"] * 6 + ["ad shop"] * 3 + ["ad shop shop pay"]
    >>> rows = [(f"c{n}", what, datetime(2024, 5, 1 + n, hour))
    ...         for n, path in enumerate(paths) for hour, what in enumerate(path.split())]
    >>> table = pa.table(dict(zip(("who", "what", "when"), zip(*rows), strict=True)))
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> journey = with_paths(discover_journey(log, goal="pay"), log)
    >>> chain_order(journey).best
    1
    """
    moves = moves_of(journey, "chain_order")
    totals = moves.counts.sum(axis=1)
    grams = np.column_stack((moves.contexts, moves.following))
    first, second = order_test(grams[:, 1:], totals), order_test(grams, totals)
    customers = [foretold_customers(moves, order, folds=folds) for order in _ORDERS]
    times = [foretold_times(moves, order) for order in _ORDERS]
    fits = _fits(first, second)
    gains = [_gain(losses[1], losses[2], moves, level) for losses in (customers, times)]
    return ChainOrder(
        best=_best(customers, moves, level),
        orders=tuple(
            OrderScore(
                order=order,
                parameters=fits[order][0],
                aic=fits[order][1],
                bic=fits[order][2],
                by_customer=loss_estimate(customers[order], moves, "customers", level=level),
                by_time=loss_estimate(times[order], moves, "later journeys", level=level),
            )
            for order in _ORDERS
        ),
        comparisons=tuple(_comparison(lower, found) for lower, found in enumerate((first, second))),
        gain_by_customer=gains[0],
        gain_by_time=gains[1],
    )


def loss_estimate(
    held: HeldOut, moves: Moves, whose: str, *, level: float, measure: str = "log_loss"
) -> Estimate:
    """How large is a mean loss on held-out moves, as an Estimate?

    Parameters
    ----------
    held : HeldOut
        Sums by customer group.
    moves : Moves
        The moves, for what stands behind the number.
    whose : str
        What was held out, in words.
    level : float
        The confidence level.
    measure : {"log_loss", "brier"}
        Which loss.

    Returns
    -------
    Estimate
        Without value where nothing was held out.
    """
    said = "−ln p of what came" if measure == "log_loss" else "Σ (p − what came)²"
    return _mean(getattr(held, measure), held.n, moves, f"mean {said}, {whose} held out", level)


def _mean(sums: Floats, n: Floats, moves: Moves, definition: str, level: float) -> Estimate:
    counted = round(float(n.sum()))
    if not counted:
        return Estimate(value=None, customers=moves.customers, level=level, definition=definition)
    top = np.concatenate((sums.sum(keepdims=True), leave_one_out(sums)))
    bottom = np.concatenate((n.sum(keepdims=True), leave_one_out(n)))
    ratio = np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)
    sure = Certainty(n=counted, customers=moves.customers, level=level, censored=moves.undecided)
    return sure.estimate(ratio, definition)


def _gain(lower: HeldOut, higher: HeldOut, moves: Moves, level: float) -> Estimate:
    definition = "log-loss on held-out moves of the lower order less that of the higher, in nats"
    return _mean(lower.log_loss - higher.log_loss, lower.n, moves, definition, level)


def _best(held: list[HeldOut], moves: Moves, level: float) -> int:
    best = 0
    for order in _ORDERS[1:]:
        gain = _gain(held[best], held[order], moves, level)
        # without an interval (one group only) nothing speaks for a longer memory
        if gain.value is None or gain.low is None:
            continue
        loss = float(held[best].log_loss.sum() / held[best].n.sum())
        if gain.low > 0 and gain.value >= _LEAST_GAIN * loss:
            best = order
    return best


def _fits(first: OrderTest, second: OrderTest) -> dict[int, tuple[int, float, float]]:
    # the ways on that exist are known from each touchpoint, so order 1 counts those, as it does against 2
    sides = ((0, first, 0), (1, second, 0), (2, second, 1))
    return {order: (found.parameters[side], found.aic[side], found.bic[side]) for order, found, side in sides}


def _comparison(lower: int, found: OrderTest) -> OrderComparison:
    test = found.test
    return OrderComparison(
        lower=lower,
        higher=lower + 1,
        g2=test.g2,
        pearson=test.pearson,
        df=test.df,
        df_full=test.df_full,
        p=test.p,
        p_pearson=test.p_pearson,
    )
