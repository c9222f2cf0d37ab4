"""Do journeys recover from a failure, and do those that recovered do better than those that never failed?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from html import escape
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.counts import counts_by_group, evidence_table, refuse_graph_alone
from journeymap.metrics.flow import share_estimate
from journeymap.model.durations import duration_text
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.differences import newcombe_difference
from journeymap.stats.shares import effective_size

__all__ = ["Recovery", "recovery"]

Counts = NDArray[np.float64]
Paradox = Literal["supported", "not supported", "contradicted", "not known"]
_METHOD = "Newcombe at the effective sample sizes"
_FAILURES = {"0": "without a contact before it", "1": "with one episode", "2+": "with two episodes or more"}


class Recovery(Frozen):
    """Whether journeys recover from a failure, and how they end then.

    Parameters
    ----------
    recovered_episodes : Estimate
        Of the episodes of service contacts, the share whose journey goes on; `censored` counts those of open
        journeys.
    resolved_at_once : Estimate
        The share that needed a single contact and whose journey goes on.
    escalated, repeated : Estimate
        The share with a contact at another touchpoint or in another channel; with the same one twice in a
        row.
    recovered_journeys : Estimate
        Of the decided journeys with a failure, the share that recovered from every one.
    goal_rate : dict of str to Estimate
        By what became of failures, ``none``, ``recovered`` and ``not_recovered``, the share of decided
        journeys that are won.
    goal_rate_by_failures : dict of str to Estimate
        The same by the number of failures: ``0``, ``1``, ``2+``.
    paradox : Estimate
        Goal rate of recovered journeys − that of journeys without failure, −1 to 1.
    failure_loss : Estimate
        Goal rate of journeys that did not recover − that of journeys without failure.
    double_deviation : Estimate
        Goal rate of journeys with two failures or more − that of journeys with one.
    """

    recovered_episodes: Estimate
    resolved_at_once: Estimate
    escalated: Estimate
    repeated: Estimate
    recovered_journeys: Estimate
    goal_rate: dict[str, Estimate]
    goal_rate_by_failures: dict[str, Estimate]
    paradox: Estimate
    failure_loss: Estimate
    double_deviation: Estimate

    @property
    def paradox_verdict(self) -> Paradox:
        """What the interval of `paradox` says of the service recovery paradox."""
        low, high = self.paradox.low, self.paradox.high
        if self.paradox.value is None or low is None or high is None:
            return "not known"
        return "supported" if low > 0 else "contradicted" if high < 0 else "not supported"

    def __str__(self) -> str:
        """Say what was found, and how it may be misread, in a few sentences."""
        return "\n".join(self._sentences())

    def _sentences(self) -> list[str]:
        if not self.recovered_episodes.n and not self.recovered_journeys.n:
            return ["No decided episode of service contacts: nothing to recover from."]
        lines = [
            (
                f"{_told(self.recovered_episodes)} of {self.recovered_episodes.n:,} episodes of service "
                f"contacts are followed by progress; {_told(self.resolved_at_once)} after a single contact."
            ),
            (
                f"{_told(self.escalated)} go on at another touchpoint or in another channel, "
                f"{_told(self.repeated)} come back to the same one."
            ),
        ]
        known = [(words, self.goal_rate[key]) for key, words in _WORDS if self.goal_rate[key].n]
        if any(rate.value is not None for _, rate in known):
            rates = ", ".join(f"{words} {_told(rate)} (n {rate.n:,})" for words, rate in known)
            lines += [f"Goal rate: {rates}.{self._by_definition()}", self._paradox_sentence()]
            if self.double_deviation.value is not None:
                lines.append(
                    f"With a second episode the goal rate differs by {_points(self.double_deviation)}; only "
                    "journeys that went on can have another one (survivorship)."
                )
        return lines

    def _by_definition(self) -> str:
        """Say where none of the journeys that did not get on can reach the goal."""
        stuck = self.goal_rate["not_recovered"]
        if stuck.value != 0 or _SOON in self.recovered_journeys.definition:
            return ""
        return " By definition none of those that did not get on reaches it: reaching it is getting on."

    def _paradox_sentence(self) -> str:
        difference = _points(self.paradox)
        return {
            "supported": "Journeys that got on after every contact before the goal reach it more often "
            f"than those without one ({difference}). That is no proof that a contact helps (the “recovery "
            "paradox”): only journeys that went on can get on, so part of it, or all, is survivorship.",
            "not supported": "Whether journeys that got on after every contact before the goal reach it more "
            f"or less often than those without one cannot be told ({difference}): the “recovery paradox” "
            "is not supported.",
            "contradicted": "Journeys that got on after every contact before the goal reach it less often "
            f"than those without one ({difference}): the “recovery paradox” is not supported.",
            "not known": "Whether journeys that got on after every contact before the goal do better than "
            "those without one is not known: there are none of one kind.",
        }[self.paradox_verdict] + (
            " Small sample." if self.paradox.value is not None and self.paradox.small_sample else ""
        )

    def to_frame(self) -> Any:
        """Give every number as a row of a pandas data frame: ``measure``, ``of``, ``value``, ``low``, …."""
        import pandas as pd  # noqa: PLC0415 - an extra, loaded where it is asked for

        single = ("recovered_episodes", "resolved_at_once", "escalated", "repeated", "recovered_journeys",
                  "paradox", "failure_loss", "double_deviation")  # fmt: skip
        rows = [(name, "", getattr(self, name)) for name in single]
        rows += [("goal_rate", key, rate) for key, rate in self.goal_rate.items()]
        rows += [("goal_rate_by_failures", key, rate) for key, rate in self.goal_rate_by_failures.items()]
        return pd.DataFrame([{"measure": name, "of": key, **rate.model_dump()} for name, key, rate in rows])

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


_WORDS = (
    ("none", "without a contact before it"),
    ("recovered", "got on after every contact"),
    ("not_recovered", "did not get on"),
)
_SOON = " within "


class _Ends(NamedTuple):
    """Decided and won journeys by customer group, and the customers of the decided ones."""

    closed: Counts
    won: Counts
    customers: int


def recovery(journey: Journey, *, level: float = 0.95) -> Recovery:
    """Do journeys recover from a failure, and do they do better then than those that never failed?

    A *failure* is an episode of service contacts before the goal, see `with_episodes`; it is *recovered*
    where the journey makes progress after it. ``paradox = won_r / n_r − won_0 / n_0`` with n_r the decided
    journeys that recovered from every failure and n_0 those without any.

    Parameters
    ----------
    journey : Journey
        An observed journey with episodes: ``with_episodes(journey, log)``.
    level : float
        The confidence level.

    Returns
    -------
    Recovery
        Shares 0 to 1 with Wilson intervals, differences with Newcombe's, both at the effective sample sizes.
        Numbers of which nothing was counted have no value, as have goal rates of a journey without a goal.

    Raises
    ------
    MissingEvidenceError
        The journey carries no episodes.

    Notes
    -----
    Survivorship: only a journey that goes on can recover, and reaching the goal is itself progress, so
    recovered journeys must look good, those not recovered bad, and those without failure include all that
    ended early. A difference above zero is therefore no evidence that a failure well mended beats none; one
    that holds zero, or lies below, is evidence against it. In a meta-analysis the paradox held for
    satisfaction, not for repurchase, word of mouth or image. Not every contact is a failure: people also ask
    because they are interested. Contacts that the company begins are no failures at all; the counts of
    episodes do not tell them apart.

    References
    ----------
    de Matos, C. A., Henrique, J. L., Rossi, C. A. V. (2007). Service recovery paradox: a meta-analysis.
    Journal of Service Research 10(1), 60–77.
    Maxham, J. G., Netemeyer, R. G. (2002). A longitudinal study of complaining customers' evaluations of
    multiple service failures and recovery efforts. Journal of Marketing 66(4), 57–71.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> from journeymap.events.episodes import with_episodes
    >>> from journeymap.events.log import EventLog
    >>> design = Journey(name="Shop", goal="pay", lost_after="0 s", touchpoints=[
    ...     {"id": "cart", "stage": "purchase"}, {"id": "pay", "stage": "purchase"},
    ...     {"id": "phone", "service": {"need": "advice"}}])
    >>> days = [f"2024-05-0{n}" for n in range(1, 7)]
    >>> table = pa.table({"who": ["a", "a", "a", "b", "b", "c"], "when": days,
    ...                   "what": ["cart", "phone", "pay", "cart", "phone", "cart"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> found = recovery(with_episodes(discover_journey(log, design), log))
    >>> found.recovered_episodes.value, found.paradox.value, found.paradox_verdict
    (0.5, 1.0, 'not supported')
    """
    shapes = _shapes(journey)
    ends = _by_key(journey, "state", ("none", "recovered", "not_recovered"))
    by_failures = _by_key(journey, "failures", tuple(_FAILURES))
    failed = [ends["recovered"], ends["not_recovered"]]
    within = _within(journey)
    decided = "decided journeys"

    def rates(found: dict[str, _Ends], of: dict[str, str]) -> dict[str, Estimate]:
        return {
            key: _goal_rate(journey, end, f"won / {decided} {of[key]}", level) for key, end in found.items()
        }

    def contrast(one: _Ends, other: _Ends, words: str) -> Estimate:
        return _difference(journey, one, other, f"goal rate of {decided} {words}", level)

    episodes = f"episodes of service contacts (gaps at most {within['within']})"
    soon = f"{_SOON}{within['recovered_within']}" if "recovered_within" in within else ""
    return Recovery(
        **{
            name: share_estimate(
                shapes[name], shapes["decided"], customers=shapes["customers"], level=level,
                definition=f"{words} / {episodes}",
            ).model_copy(update={"censored": shapes["open"]})
            for name, words in (
                ("recovered_episodes", f"followed by progress{soon}"),
                ("resolved_at_once", f"a single contact, followed by progress{soon}"),
                ("escalated", "with a contact at another touchpoint or in another channel"),
                ("repeated", "with the same touchpoint and channel twice in a row"),
            )
        },
        recovered_journeys=share_estimate(
            ends["recovered"].closed,
            failed[0].closed + failed[1].closed,
            customers=failed[0].customers + failed[1].customers,
            definition=f"got on after every contact{soon} / {decided} with a contact before the goal",
            level=level,
        ),
        goal_rate=rates(ends, {"none": "without a contact before it", "not_recovered": "that did not get on",
                              "recovered": "that got on after every contact"}),
        goal_rate_by_failures=rates(by_failures, _FAILURES),
        paradox=contrast(ends["recovered"], ends["none"], "that got on − without a contact"),
        failure_loss=contrast(ends["not_recovered"], ends["none"], "that did not get on − without a contact"),
        double_deviation=contrast(by_failures["2+"], by_failures["1"], "with two episodes or more − one"),
    )  # fmt: skip


def _table_keys(journey: Journey, table: str) -> Sequence[tuple[str, ...]]:
    if all(evidence.name != table for evidence in journey.evidence):
        refuse_graph_alone(journey)
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} carries no episodes of service contacts.",
            hint="count them from the log: with_episodes(journey, log)",
        )
    return evidence_table(journey, table).keys


def _shapes(journey: Journey) -> dict[str, Any]:
    """Sum episodes that are decided, by customer group."""
    keys = _table_keys(journey, "episode_shapes")
    counts = {name: counts_by_group(journey, "episode_shapes", name)
              for name in ("episodes", "escalated", "repeated", "customers")}  # fmt: skip
    decided = np.array([outcome != "open" for _, outcome in keys], dtype=bool)
    recovered = np.array([outcome == "recovered" for _, outcome in keys], dtype=bool)
    single = np.array([contacts == "1" for contacts, _ in keys], dtype=bool)
    return {
        "decided": counts["episodes"][decided].sum(axis=0),
        "recovered_episodes": counts["episodes"][recovered].sum(axis=0),
        "resolved_at_once": counts["episodes"][recovered & single].sum(axis=0),
        "escalated": counts["escalated"][decided].sum(axis=0),
        "repeated": counts["repeated"][decided].sum(axis=0),
        "open": int(counts["episodes"][~decided].sum()),
        "customers": int(counts["customers"][decided].sum()),
    }


def _by_key(journey: Journey, part: str, values: Sequence[str]) -> dict[str, _Ends]:
    """Sum how journeys ended over the values of one part of the key."""
    keys = _table_keys(journey, "recovery")
    place = evidence_table(journey, "recovery").key_columns.index(part)
    closed, won, customers = (counts_by_group(journey, "recovery", m) for m in ("closed", "won", "customers"))
    found = {}
    for value in values:
        rows = np.array([key[place] == value for key in keys], dtype=bool)
        found[value] = _Ends(closed[rows].sum(axis=0), won[rows].sum(axis=0), int(customers[rows].sum()))
    return found


def _goal_rate(journey: Journey, end: _Ends, definition: str, level: float) -> Estimate:
    if not journey.goal:
        return Estimate(value=None, level=level, definition=definition)
    return share_estimate(end.won, end.closed, customers=end.customers, definition=definition, level=level)


def _difference(journey: Journey, one: _Ends, other: _Ends, definition: str, level: float) -> Estimate:
    n = int(one.closed.sum() + other.closed.sum())
    if not journey.goal or not one.closed.sum() or not other.closed.sum():
        return Estimate(value=None, level=level, definition=definition)
    sizes = []
    for end in (one, other):
        effective = effective_size(end.won, end.closed, customers=end.customers)
        sizes += [effective * float(end.won.sum() / end.closed.sum()), effective]
    df = max(one.closed.size - 1, 1)
    found = newcombe_difference(*sizes, level=level, df=df)
    return Estimate(
        value=found.value,
        low=found.low,
        high=found.high,
        n=n,
        customers=min(one.customers, other.customers),
        level=level,
        method=_METHOD,
        definition=definition,
    )


def _within(journey: Journey) -> dict[str, str]:
    """Write the rules by which episodes were counted."""
    keys = _table_keys(journey, "episode_rules")
    values = counts_by_group(journey, "episode_rules", "value").sum(axis=1)
    return {
        name: duration_text(timedelta(microseconds=int(value)))
        for (name,), value in zip(keys, values, strict=True)
        if name.endswith("within")
    }


def _told(share: Estimate) -> str:
    return "none known" if share.value is None else f"{share.value * 100:.0f} %"


def _points(difference: Estimate) -> str:
    if difference.value is None or difference.low is None or difference.high is None:
        return "by how much is not known"
    value, low, high = (x * 100 for x in (difference.value, difference.low, difference.high))
    written = [f"{round(x):+d}" if round(x) else "0" for x in (value, low, high)]
    unit = "point" if written[0] in {"+1", "-1"} else "points"
    return f"{written[0]} {unit}, {written[1]} to {written[2]}".replace("-", "−")
