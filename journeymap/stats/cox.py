"""Does something that begins on the way go with an earlier or a later end?"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, stdtr

from journeymap.stats.jackknife import t_quantile

__all__ = ["CoxFit", "SplitRows", "cox_regression", "split_at"]

Floats = NDArray[np.float64]
Ties = Literal["efron", "breslow"]
_ROUNDS = 60
# with covariates of spread 1: so little information a row means that a coefficient runs away
_FLAT = 1e-9


class CoxFit(NamedTuple):
    """How the chance of the end goes with each covariate.

    Parameters
    ----------
    coefficients : ndarray
        β, the logarithms of the hazard ratios, in the order of the covariates.
    se : ndarray
        Their standard errors; robust ones where customers were given.
    low, high : ndarray
        The ends of their intervals.
    p : ndarray
        How probable a coefficient this far from 0 is where it is 0 (Wald).
    covariance : ndarray
        Of the coefficients.
    log_likelihood, null_log_likelihood : float
        Logarithm of the partial likelihood, at β and at 0.
    rows, events : int
        Rows given, and those that end with an event.
    customers : int or None
        Customers behind the rows, where they were given.
    """

    coefficients: Floats
    se: Floats
    low: Floats
    high: Floats
    p: Floats
    covariance: Floats
    log_likelihood: float
    null_log_likelihood: float
    rows: int
    events: int
    customers: int | None

    @property
    def ratios(self) -> Floats:
        """Hazard ratios exp(β)."""
        return np.asarray(np.exp(self.coefficients))

    @property
    def ratio_ends(self) -> tuple[Floats, Floats]:
        """The ends of the intervals of the hazard ratios."""
        return np.asarray(np.exp(self.low)), np.asarray(np.exp(self.high))

    @property
    def p_of_all(self) -> float:
        """How probable so much more likelihood is where no covariate matters (likelihood ratio)."""
        gained = 2 * (self.log_likelihood - self.null_log_likelihood)
        return float(chdtrc(self.coefficients.size, max(gained, 0.0)))


class SplitRows(NamedTuple):
    """Customers cut in two where something begins.

    Parameters
    ----------
    row : ndarray of int
        Which customer, counted from 0.
    start, stop : ndarray
        The row stands for the time after `start`, up to and with `stop`.
    event : ndarray of bool
        Whether it ends with the event.
    after : ndarray of bool
        Whether it has begun.
    """

    row: NDArray[np.intp]
    start: Floats
    stop: Floats
    event: NDArray[np.bool_]
    after: NDArray[np.bool_]


class _Table(NamedTuple):
    """Rows with covariates of mean 0 and spread 1; deaths sorted by time."""

    start: Floats
    stop: Floats
    x: Floats
    event: NDArray[np.bool_]
    times: Floats  # distinct times of events
    deaths: NDArray[np.intp]  # rows that end with an event, by time
    at: NDArray[np.intp]  # which time each of them belongs to
    earlier: Floats  # the part of its ties that is taken off the risk set: 0 for Breslow


class _Sums(NamedTuple):
    """For each death: the sums over its risk set of r, r x and r x xᵀ, with r = exp(xβ)."""

    risk: Floats
    r: Floats
    rx: Floats
    rxx: Floats


def cox_regression(
    start: ArrayLike,
    stop: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    *,
    ties: Ties = "efron",
    customers: ArrayLike | None = None,
    level: float = 0.95,
) -> CoxFit:
    """How many times larger is the chance of the end, at each moment, for those with more of a covariate?

    The hazard is ``h(t) = h₀(t) exp(Σ β_j x_j(t))``. β maximises the partial likelihood: at each event, the
    chance that it befell this customer among all who were at risk, those with ``start < t ≤ stop``. A
    covariate that changes on the way gets one row for each value, see `split_at`.

    Parameters
    ----------
    start, stop : array_like
        A row stands for the time after `start`, up to and with `stop`; in any unit.
    event : array_like
        Whether the row ends with the event; where not, the customer goes on in another row or is lost to
        sight.
    covariates : array_like
        One row as above, one column a covariate; a single covariate may be flat.
    ties : {"efron", "breslow"}
        How events at the same time are taken. They agree where there are none.
    customers : array_like, optional
        Whose row it is. Then the standard errors are those of Lin and Wei with the customer as the unit,
        their squares times G/(G − 1), with t for G − 1 degrees of freedom. Needed where one customer can have
        several events.
    level : float
        The confidence level.

    Returns
    -------
    CoxFit
        In the units of the covariates.

    Raises
    ------
    ValueError
        The columns do not fit together, nothing happened, or a coefficient is not determined: a covariate is
        constant, follows from others, or those who have it all (or none of them) come to the end.

    Notes
    -----
    - What is known only afterwards must not stand in a row before it happened. "Has ever called" as a fixed
      covariate makes those who lived long enough to call look as if the call had kept them alive.
    - A hazard ratio compares those who are still there. It says nothing of causes by itself.
    - Rows of all customers are held in memory: it is for tables, not for event logs.

    References
    ----------
    Cox, D. R. (1972). Regression models and life-tables. Journal of the Royal Statistical Society B 34,
    187–220. Efron, B. (1977). The efficiency of Cox's likelihood function for censored data. Journal of the
    American Statistical Association 72, 557–565. Lin, D. Y., Wei, L. J. (1989). The robust inference for the
    Cox proportional hazards model. Ibid. 84, 1074–1078.

    Examples
    --------
    Six customers left after 1 to 6 weeks; the first, third and fourth had no contract.

    >>> fit = cox_regression([0] * 6, [1, 2, 3, 4, 5, 6], [1] * 6, [1, 0, 1, 1, 0, 0])
    >>> round(float(fit.ratios[0]), 3), round(float(fit.p[0]), 2)
    (4.033, 0.23)
    """
    given = _columns(start, stop, event, covariates)
    centre, spread = given[3].mean(axis=0), given[3].std(axis=0)
    if not (spread > 1e-12 * np.abs(centre)).all():
        raise ValueError(f"covariate {int(np.argmin(spread))} is the same in all rows: leave it out.")
    table = _table(*given[:3], (given[3] - centre) / spread, ties)
    beta, likelihood, inverse = _climb(table)
    df = math.inf
    covariance, groups = inverse, None
    if customers is not None:
        _, member = np.unique(np.asarray(customers), return_inverse=True)
        if member.shape != table.stop.shape:
            raise ValueError(f"{member.size} customers for {table.stop.size} rows: one is needed for each.")
        groups = int(member.max()) + 1
        if groups < 2:  # noqa: PLR2004 - one customer cannot vary
            raise ValueError("one customer cannot tell how much customers differ.")
        own = np.zeros((groups, beta.size))
        np.add.at(own, member, _score_by_row(table, beta))
        covariance = groups / (groups - 1) * inverse @ own.T @ own @ inverse
        df = groups - 1
    covariance = covariance / np.outer(spread, spread)
    beta = beta / spread
    se = np.sqrt(np.diag(covariance))
    reach = t_quantile(level, df) * se
    return CoxFit(
        coefficients=beta,
        se=se,
        low=beta - reach,
        high=beta + reach,
        p=np.asarray(2 * stdtr(min(df, 1e10), -np.abs(beta / se))),
        covariance=covariance,
        log_likelihood=likelihood,
        null_log_likelihood=_likelihood(table, np.zeros_like(beta)),
        rows=table.stop.size,
        events=table.deaths.size,
        customers=groups,
    )


def split_at(stop: ArrayLike, event: ArrayLike, begins: ArrayLike) -> SplitRows:
    """Which rows does a customer have where something begins on the way?

    Parameters
    ----------
    stop : array_like
        How long each customer was watched.
    event : array_like
        Whether the event came then.
    begins : array_like
        When it began for the customer; nan where it never did. At or after `stop` it has not begun.

    Returns
    -------
    SplitRows
        A customer for whom it began has two rows, before and after; began at 0 or before: one row, after.

    Examples
    --------
    >>> import math
    >>> rows = split_at([9, 5], [True, False], [4, math.nan])
    >>> [(int(a), float(b), float(c)) for a, b, c in zip(rows.row, rows.start, rows.stop)]
    [(0, 0.0, 4.0), (1, 0.0, 5.0), (0, 4.0, 9.0)]
    >>> rows.after.tolist(), rows.event.tolist()
    ([False, False, True], [False, False, True])
    """
    end = np.asarray(stop, dtype=np.float64)
    over = np.asarray(event, dtype=bool)
    first = np.asarray(begins, dtype=np.float64)
    began = first < end
    cut = np.where(began, np.maximum(first, 0.0), end)
    before, after = np.flatnonzero(cut > 0), np.flatnonzero(began)
    return SplitRows(
        row=np.concatenate([before, after]),
        start=np.concatenate([np.zeros(before.size), cut[after]]),
        stop=np.concatenate([cut[before], end[after]]),
        event=np.concatenate([(over & ~began)[before], over[after]]),
        after=np.repeat([False, True], [before.size, after.size]),
    )


def _columns(
    start: ArrayLike, stop: ArrayLike, event: ArrayLike, covariates: ArrayLike
) -> tuple[Floats, Floats, NDArray[np.bool_], Floats]:
    """Read the columns and look whether they fit together."""
    begin, end = (np.asarray(column, dtype=np.float64) for column in (start, stop))
    over = np.asarray(event, dtype=np.float64) > 0
    x = np.asarray(covariates, dtype=np.float64)
    x = x[:, np.newaxis] if x.ndim == 1 else x
    if not begin.shape == end.shape == over.shape == x.shape[:1]:
        raise ValueError(
            f"start, stop, event and covariates need one entry a row, not {begin.size}, {end.size}, "
            f"{over.size} and {x.shape[0]}."
        )
    if not (np.isfinite(begin).all() and np.isfinite(end).all() and np.isfinite(x).all()):
        raise ValueError("times and covariates must be finite numbers: leave rows without them out.")
    if not (begin < end).all():
        raise ValueError(f"{int((begin >= end).sum())} rows end no later than they start.")
    if not over.any():
        raise ValueError("no row ends with an event: there is nothing to explain.")
    return begin, end, over, x


def _table(start: Floats, stop: Floats, event: NDArray[np.bool_], x: Floats, ties: Ties) -> _Table:
    deaths = np.flatnonzero(event)
    deaths = deaths[np.argsort(stop[deaths], kind="stable")]
    times, at, tied = np.unique(stop[deaths], return_inverse=True, return_counts=True)
    place = np.arange(deaths.size) - np.repeat(np.cumsum(tied) - tied, tied)
    earlier = place / tied[at] if ties == "efron" else np.zeros(deaths.size)
    return _Table(start, stop, x, event, times, deaths, at, earlier)


def _hazards(table: _Table, beta: Floats) -> Floats:
    """Compare the rows: exp(xβ), of which the largest is 1."""
    eta = table.x @ beta
    return np.asarray(np.exp(eta - eta.max()))


def _sums(table: _Table, beta: Floats) -> _Sums:
    risk = _hazards(table, beta)
    weighed = risk[:, np.newaxis] * table.x
    squares = weighed[:, :, np.newaxis] * table.x[:, np.newaxis, :]
    return _Sums(risk, *(_over_risk_set(table, each) for each in (risk, weighed, squares)))


def _over_risk_set(table: _Table, each: Floats) -> Floats:
    """Sum over those who have not stopped before the time of a death, without those who have not started."""
    there = _later(table.stop, each, table.times) - _later(table.start, each, table.times)
    dying = np.zeros_like(there)
    np.add.at(dying, table.at, each[table.deaths])
    part = table.earlier.reshape(-1, *[1] * (each.ndim - 1))
    return np.asarray(there[table.at] - part * dying[table.at])


def _later(when: Floats, each: Floats, times: Floats) -> Floats:
    """Sum what belongs to rows with a time of at least each of `times`."""
    order = np.argsort(when, kind="stable")
    tail = np.zeros((when.size + 1, *each.shape[1:]))
    tail[:-1] = np.cumsum(each[order][::-1], axis=0)[::-1]
    return np.asarray(tail[np.searchsorted(when[order], times)])


def _likelihood(table: _Table, beta: Floats) -> float:
    eta = table.x @ beta
    at_risk = _over_risk_set(table, _hazards(table, beta))
    # far from the maximum a risk set may vanish beside the others; that is then no way to go
    with np.errstate(divide="ignore", invalid="ignore"):
        return float((eta[table.deaths] - eta.max() - np.log(at_risk)).sum())


def _climb(table: _Table) -> tuple[Floats, float, Floats]:
    """Find the coefficients of the largest likelihood; steps that go too far are halved (Newton)."""
    beta = np.zeros(table.x.shape[1])
    best = _likelihood(table, beta)
    for _ in range(_ROUNDS):
        sums = _sums(table, beta)
        mean = sums.rx / sums.r[:, np.newaxis]
        score = (table.x[table.deaths] - mean).sum(axis=0)
        squares = sums.rxx / sums.r[:, np.newaxis, np.newaxis]
        information = (squares - mean[:, :, np.newaxis] * mean[:, np.newaxis, :]).sum(axis=0)
        if np.linalg.eigvalsh(information)[0] <= _FLAT * table.deaths.size:
            break
        inverse = np.linalg.inv(information)
        move = inverse @ score
        gained = float(score @ move)
        if gained < 1e-12 * max(1.0, abs(best)):
            return beta, best, np.asarray(inverse)
        for _ in range(30):
            reached = _likelihood(table, beta + move)
            if reached >= best:
                break
            move = move / 2
        beta, best = beta + move, max(best, reached)
    raise ValueError(
        "the coefficients are not determined: a covariate follows from others, or all or none of those who "
        "have it come to the end. Leave it out."
    )


def _score_by_row(table: _Table, beta: Floats) -> Floats:
    """Take the score apart by row (Lin and Wei); who dies in a tie counts only for what is left of it."""
    sums = _sums(table, beta)
    mean = sums.rx / sums.r[:, np.newaxis]
    kept = 1 - table.earlier
    size, p = table.times.size, table.x.shape[1]
    hazard, hazard_x = np.zeros(size), np.zeros((size, p))
    own, own_x, middle = np.zeros(size), np.zeros((size, p)), np.zeros((size, p))
    np.add.at(hazard, table.at, 1 / sums.r)
    np.add.at(hazard_x, table.at, mean / sums.r[:, np.newaxis])
    np.add.at(own, table.at, kept / sums.r)
    np.add.at(own_x, table.at, kept[:, np.newaxis] * mean / sums.r[:, np.newaxis])
    np.add.at(middle, table.at, mean)
    tied = np.bincount(table.at, minlength=size)
    total = np.concatenate([[0.0], np.cumsum(hazard)])
    total_x = np.concatenate([np.zeros((1, p)), np.cumsum(hazard_x, axis=0)])
    first = np.searchsorted(table.times, table.start, side="right")
    last = np.searchsorted(table.times, table.stop, side="right")
    along, along_x = total[last] - total[first], total_x[last] - total_x[first]
    found = -sums.risk[:, np.newaxis] * (table.x * along[:, np.newaxis] - along_x)
    for row, at in zip(table.deaths, table.at, strict=True):
        off = table.x[row] * (hazard[at] - own[at]) - (hazard_x[at] - own_x[at])
        found[row] += table.x[row] - middle[at] / tied[at] + sums.risk[row] * off
    return np.asarray(found)
