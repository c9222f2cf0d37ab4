"""Which touchpoints do the won journeys belong to, by the rules that are in use?"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.chain_counts import chain_counts
from journeymap.metrics.chain_weights import Certainty
from journeymap.metrics.counts import counts_by_group, evidence_table, refuse_graph_alone
from journeymap.metrics.flow import share_estimate
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table
from journeymap.stats.chain_algebra import removal_effects
from journeymap.stats.jackknife import leave_one_out

__all__ = ["Attribution", "AttributionRule", "Credit", "TouchpointCredit", "attribution"]

Floats = NDArray[np.float64]
AttributionRule = Literal["markov", "shapley", "first", "last", "linear", "position", "time_decay"]

RULES: tuple[AttributionRule, ...] = get_args(AttributionRule)
CAUTION = (
    "These are associations, not causes: a touchpoint that every won journey passes gets credit whatever it "
    "does. What a change would bring only a comparison with customers who did not get it can tell."
)
_DEFINITIONS: dict[str, str] = {
    "markov": "in proportion to the removal effect: the share of won journeys of the chain that pass here "
    "(model-implied, if the association is causal)",
    "shapley": "equal parts to all touchpoints that a won journey visits before the goal (Shapley value of "
    "their sets)",
    "first": "all to the first visit of a won journey",
    "last": "all to the last visit before the goal",
    "linear": "equal parts to all visits before the goal",
    "position": "40 % each to the first and the last visit before the goal, 20 % to those between",
    "time_decay": "by the time to the goal: a visit one half-life earlier gets half",
}
_MEASURES: dict[str, tuple[str, float]] = {
    "shapley": ("shapley_u", 1e-6),
    "first": ("first", 1.0),
    "last": ("last", 1.0),
    "linear": ("linear_u", 1e-6),
    "position": ("position_u", 1e-6),
    "time_decay": ("decay_u", 1e-6),
}
_ONCE = ("first", "last")  # every won journey counts for one touchpoint, wholly
_REMOVAL = "won journeys that pass here / won journeys; model-implied, if the association is causal"
_EQUAL = 9  # shares that part later differ by rounding alone
_SHOWN = 5


class Credit(Frozen):
    """What one touchpoint gets by one rule.

    Parameters
    ----------
    rule : str
        ``markov``, ``shapley``, ``first``, ``last``, ``linear``, ``position`` or ``time_decay``.
    share : Estimate
        The share of the won journeys, 0 to 1; without value where nothing was won.
    journeys : Estimate
        The same as a number of won journeys; the interval is that of the share.
    """

    rule: AttributionRule
    share: Estimate
    journeys: Estimate


class TouchpointCredit(Frozen):
    """What one touchpoint gets.

    Parameters
    ----------
    touchpoint, name : str
        Its id, and its name on figures.
    won_journeys : int
        Won journeys that visit it before the goal.
    removal_effect : Estimate
        The share of won journeys of the chain that pass it.
    credits : tuple of Credit
        One a rule.
    """

    touchpoint: str
    name: str
    won_journeys: int
    removal_effect: Estimate
    credits: tuple[Credit, ...]

    def by(self, rule: AttributionRule) -> Credit:
        """What does it get by this rule?

        Parameters
        ----------
        rule : str
            The rule's name.

        Returns
        -------
        Credit
            Share and journeys.

        Raises
        ------
        LookupError
            There is no such rule.
        """
        for credit in self.credits:
            if credit.rule == rule:
                return credit
        raise LookupError(f"no rule {rule!r}; there are {', '.join(RULES)}")


class Attribution(Frozen):
    """Won journeys handed out to touchpoints by seven rules.

    Parameters
    ----------
    journey : str
        The journey's name.
    won : int
        Won journeys with a visit before the goal; each rule hands out all of them.
    at_once : int
        Won journeys whose first event is the goal; nobody gets them.
    touchpoints : tuple of TouchpointCredit
        In the order of the journey, without the goal.
    """

    journey: str
    won: int
    at_once: int
    touchpoints: tuple[TouchpointCredit, ...]

    def ranked(self, rule: AttributionRule = "markov") -> tuple[TouchpointCredit, ...]:
        """Which touchpoints get most by one rule?

        Parameters
        ----------
        rule : str
            The rule's name.

        Returns
        -------
        tuple of TouchpointCredit
            The largest share first; equal ones in the order of the journey.
        """
        shares = {one.touchpoint: round(one.by(rule).share.value or 0.0, _EQUAL) for one in self.touchpoints}
        return tuple(sorted(self.touchpoints, key=lambda one: -shares[one.touchpoint]))

    def __str__(self) -> str:
        """Say what the leading touchpoints get by every rule, and what that does not mean."""
        if not self.won:
            return f"{self.journey}: no journey was won after a visit to another touchpoint"
        lines = [
            f"{self.journey}: {self.won:,} won journeys, handed out to {len(self.touchpoints):,} touchpoints."
        ]
        for one in self.ranked()[:_SHOWN]:
            shares = ", ".join(
                f"{c.rule.replace('_', ' ')} {100 * (c.share.value or 0):.0f} %" for c in one.credits
            )
            lines.append(f"  {one.name}: {shares}")
        if len(self.touchpoints) > _SHOWN:
            lines.append(f"  and {len(self.touchpoints) - _SHOWN:,} more")
        return "\n".join([*lines, CAUTION])

    def to_frame(self) -> Any:
        """Put every touchpoint and rule into a pandas DataFrame, one row each pair."""
        columns = ("touchpoint", "rule", "share", "share_low", "share_high", "journeys", "journeys_low",
                   "journeys_high", "definition")  # fmt: skip
        rows = [
            (one.touchpoint, credit.rule, *_three(credit.share), *_three(credit.journeys),
             credit.share.definition)
            for one in self.touchpoints
            for credit in one.credits
        ]  # fmt: skip
        return data_frame(columns, rows)

    def _repr_html_(self) -> str:
        rows = [(one.name, *(_cell(credit.share) for credit in one.credits)) for one in self.touchpoints]
        heads = ("touchpoint", *(rule.replace("_", " ") for rule in RULES))
        notes = [f"{rule.replace('_', ' ')}: {_DEFINITIONS[rule]}." for rule in RULES]
        caption = f"Attribution of {self.won:,} won journeys of {self.journey}"
        return html_table(caption, heads, rows, notes=[CAUTION, *notes])


def _three(estimate: Estimate) -> tuple[float | None, float | None, float | None]:
    return estimate.value, estimate.low, estimate.high


def _cell(share: Estimate) -> str:
    if share.value is None:
        return "not known"
    ends = (
        ""
        if share.low is None or share.high is None
        else f" ({100 * share.low:.1f} to {100 * share.high:.1f} %)"
    )
    return f"{100 * share.value:.1f} %{ends}"


def attribution(journey: Journey, *, level: float = 0.95) -> Attribution:
    """Which touchpoints do the won journeys belong to?

    Every won journey with a visit before the goal is handed out by seven rules: ``markov``, in proportion to
    the removal effect ``RE_v = h_sv b_v / b_s`` of the chain; ``shapley``, in equal parts to its touchpoints;
    ``first``; ``last``; ``linear``, in equal parts to its visits; ``position``, 40-20-40; ``time_decay``, by
    the time to the goal. The goal itself gets nothing.

    Parameters
    ----------
    journey : Journey
        Observed, with a goal and with the counts of `with_paths`.
    level : float
        The confidence level.

    Returns
    -------
    Attribution
        By touchpoint and rule, as shares of the won journeys and in journeys. Shares without value where
        nothing was won.

    Raises
    ------
    MissingEvidenceError
        The journey carries no credit, has no goal, or none of its journeys is decided yet.

    Notes
    -----
    Association, not cause. A removal effect of 1 means that nobody can be won without passing here, not that
    the touchpoint convinces; with many such touchpoints the Markov rule hands out nearly equal parts. Rules
    differ because they answer different questions; a touchpoint that only one of them favours is no finding.

    References
    ----------
    Anderl, E., Becker, I., von Wangenheim, F., Schumann, J. H. (2016). International Journal of Research in
    Marketing 33(3), 457–474.
    Zhao, K., Mahboobi, S. H., Bagheri, S. R. (2018). Shapley value methods for attribution modeling in online
    advertising.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> from journeymap.events.log import EventLog
    >>> from journeymap.events.paths import with_paths
    >>> table = pa.table({"who": ["a", "a", "a", "b"], "what": ["ad", "mail", "pay", "ad"],
    ...                   "when": ["2024-05-01", "2024-05-02", "2024-05-03", "2024-05-02"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> journey = with_paths(discover_journey(log, goal="pay", lost_after="0 seconds"), log)
    >>> {one.touchpoint: one.by("shapley").share.value for one in attribution(journey).touchpoints}
    {'ad': 0.5, 'mail': 0.5}
    """
    if all(table.name != "credit" for table in journey.evidence):
        refuse_graph_alone(journey)
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} carries no counts of what led to the goal.",
            expected="Expected the credit of each touchpoint, counted from the log.",
            hint="add it: with_paths(journey, log)",
        )
    counts = chain_counts(journey)
    stack = counts.solve_replicates()
    effects = removal_effects(stack.start, stack.algebra, direct=stack.direct)
    names = [t.id for t in journey.touchpoints if t.id in counts.states]
    credit = {rule: _credit(journey, names, *where) for rule, where in _MEASURES.items()}
    passed = _credit(journey, names, "journeys", 1.0)
    total = credit["first"].sum(axis=0)
    won = int(total.sum())
    at_once = int(counts.entries_at_goal.sum())
    everybody = int(counts_by_group(journey, "journeys", "customers").sum())
    sure = Certainty(n=won, customers=min(everybody, won), level=level, censored=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        markov = effects / effects.sum(axis=-1, keepdims=True)
        shares = {rule: _replicates(found) / _replicates(total) for rule, found in credit.items()}
    place = {name: number for number, name in enumerate(counts.states)}
    rows = []
    for row, name in enumerate(names):
        found = [_estimate(sure, "markov", markov[:, place[name]])]
        for rule in RULES[1:]:
            once = (credit[rule][row], total) if rule in _ONCE else None
            found.append(_estimate(sure, rule, shares[rule][row], once=once))
        rows.append(
            TouchpointCredit(
                touchpoint=name,
                name=journey.touchpoint(name).name,
                won_journeys=int(passed[row].sum()),
                removal_effect=sure.share(effects[:, place[name]], _REMOVAL),
                credits=tuple(
                    _in_journeys(rule, share, won) for rule, share in zip(RULES, found, strict=True)
                ),
            )
        )
    return Attribution(journey=journey.name, won=won, at_once=at_once, touchpoints=tuple(rows))


def _credit(journey: Journey, names: list[str], measure: str, unit: float) -> Floats:
    """Give what every touchpoint gets, by customer group; zeros where it gets nothing."""
    counts = counts_by_group(journey, "credit", measure) * unit
    rows = {key[0]: row for row, key in enumerate(evidence_table(journey, "credit").keys)}
    nobody = np.zeros(counts.shape[1])
    found = [counts[rows[name]] if name in rows else nobody for name in names]
    return np.array(found).reshape(-1, counts.shape[1])


def _replicates(counts: Floats) -> Floats:
    """Sum over all groups, then over all but each."""
    return np.concatenate((counts.sum(axis=-1, keepdims=True), leave_one_out(counts)), axis=-1)


def _estimate(
    sure: Certainty, rule: str, replicates: Floats, *, once: tuple[Floats, Floats] | None = None
) -> Estimate:
    definition = f"share of the won journeys, {_DEFINITIONS[rule]}"
    if once is not None:
        return share_estimate(*once, customers=sure.customers, definition=definition, level=sure.level)
    return sure.share(replicates, definition)


def _in_journeys(rule: AttributionRule, share: Estimate, won: int) -> Credit:
    ends = {
        part: None if value is None else value * won
        for part, value in zip(("value", "low", "high"), _three(share), strict=True)
    }
    journeys = share.model_copy(
        update={**ends, "definition": share.definition.replace("share of the won journeys", "won journeys")}
    )
    return Credit(rule=rule, share=share, journeys=journeys)
