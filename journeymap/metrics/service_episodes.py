"""What do episodes of service contacts come to: how long, in whose hands, resolved or not?"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import MissingEvidenceError
from journeymap.events.episode_tables import UNKNOWN
from journeymap.events.queries.episode_chains import CHAINS, MERGED
from journeymap.metrics.counts import counts_by_group, evidence_table, refuse_graph_alone
from journeymap.metrics.episode_chain import HandlerMoves, handler_chain, self_service_sessions
from journeymap.metrics.episode_parts import EpisodeChain, EpisodeLength
from journeymap.metrics.episode_results import ServiceEpisodes
from journeymap.metrics.episode_times import time_quantile
from journeymap.metrics.flow import histograms, share_estimate
from journeymap.model.durations import duration_text
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.stats.jackknife import all_and_without, group_jackknife

__all__ = ["ServiceEpisodes", "service_episodes"]

Counts = NDArray[np.float64]
_NEARLY = 1e-9


def service_episodes(journey: Journey, *, level: float = 0.95) -> ServiceEpisodes:
    """What do episodes of service contacts come to: how long, in whose hands, resolved or not?

    An *episode* is a chain of service contacts of one customer with gaps of at most W, see `with_episodes`.
    It is *resolved* where its last contact is followed by progress of the journey, *abandoned* where the
    journey does not go on, and *open* while it still may. ``continuity = 1 − restarts / follow-up contacts``.
    The probability that a contact with one handler is resolved in the end is that of an absorbing chain:
    ``B = (I − Q)⁻¹ R`` with Q from handler to handler and R to resolved and abandoned.

    Parameters
    ----------
    journey : Journey
        An observed journey with episodes: ``with_episodes(journey, log)``.
    level : float
        The confidence level.

    Returns
    -------
    ServiceEpisodes
        Shares 0 to 1 with Wilson intervals at the effective sample size, times in seconds with Woodruff's,
        means with the delete-a-group jackknife. What nothing was counted of has no value.

    Raises
    ------
    MissingEvidenceError
        The journey carries no episodes, or was counted before their chains were.

    Notes
    -----
    That a journey goes on is no proof that the customer was helped, and one that ends need not have failed:
    after the goal nothing has to follow. Times are those of resolved episodes; one that takes long is
    more often still open, so they are too short where many are open.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from journeymap.events.discover import discover_journey
    >>> from journeymap.events.episodes import with_episodes
    >>> from journeymap.events.log import EventLog
    >>> design = Journey(name="Shop", goal="pay", lost_after="0 s", touchpoints=[
    ...     {"id": "cart", "stage": "purchase"}, {"id": "pay", "stage": "purchase"},
    ...     {"id": "chat", "service": {"handler": "bot"}},
    ...     {"id": "phone", "service": {"handler": "human", "carries_context": False}}])
    >>> days = [f"2024-05-0{n}" for n in range(1, 8)]
    >>> table = pa.table({"who": ["a", "a", "a", "a", "b", "b", "c"], "when": days,
    ...                   "what": ["cart", "chat", "phone", "pay", "cart", "chat", "cart"]})
    >>> log = EventLog(table, customer_col="who", event_col="what", time_col="when")
    >>> found = service_episodes(with_episodes(discover_journey(log, design), log, within="1 day"))
    >>> found.resolved.value, found.escalated.value, found.continuity.value
    (0.5, 0.5, 0.0)
    >>> found.self_service.deflection.value, found.self_service.containment.value
    (0.5, 0.0)
    """
    if all(table.name != "episode_totals" for table in journey.evidence):
        refuse_graph_alone(journey)
        raise MissingEvidenceError.because(
            f"journey {journey.name!r} carries no chains of service contacts.",
            hint="count them from the log: with_episodes(journey, log)",
        )
    totals = _Totals.of(journey)
    within = _within(journey)
    moves = HandlerMoves(journey)
    every, decided = totals["all"], totals["decided"]
    return ServiceEpisodes(
        journey=journey.name,
        within=within,
        episodes=int(every.episodes.sum()),
        customers=every.people,
        abandoned_after_goal=int(totals["not_recovered"].after_goal.sum()),
        lengths=_lengths(journey, decided, level),
        contacts_per_episode=_mean(
            decided.contacts, decided, "contacts / decided episodes", level, least=1.0),
        by_handler=handler_chain(moves, within=within, level=level),
        **{f"chains_by_{by}": _chains(journey, by, every, level) for by in CHAINS},
        restarts_per_episode=_mean(every.restarts, every, "contacts where the customer has to begin again / "
                                   "episodes", level),
        restarts_unknown=int(every.unknown.sum()),
        hand_overs_per_resolved=_mean(
            totals["recovered"].hand_overs, totals["recovered"],
            "contacts at another touchpoint or in another channel / resolved episodes", level),
        self_service=self_service_sessions(moves, within=within, level=level),
        **_ends(journey, totals, within, level),
        **_times(journey, totals["recovered"].people, level),
        **_continuity(totals["several"], level),
    )  # fmt: skip


class _Part(NamedTuple):
    """What some of the episodes come to, by customer group."""

    episodes: Counts
    contacts: Counts
    hand_overs: Counts
    restarts: Counts
    unknown: Counts
    after_goal: Counts
    customers: Counts

    @property
    def people(self) -> int:
        """How many distinct customers are behind them?"""
        return int(self.customers.sum())


class _Totals(dict[str, _Part]):
    """Which episodes, to what they come to; zeros where there are none."""

    @classmethod
    def of(cls, journey: Journey) -> _Totals:
        keys = [key[0] for key in evidence_table(journey, "episode_totals").keys]
        sums = {
            name: counts_by_group(journey, "episode_totals", name)
            for name in (
                "episodes",
                "contacts",
                "hand_overs",
                "restarts",
                "unknown",
                "after_goal",
                "customers",
            )
        }
        nothing = np.zeros(evidence_table(journey, "episode_totals").groups)
        found = cls()
        for part in ("all", "decided", "recovered", "not_recovered", "open", "several"):
            found[part] = _Part(
                *(sums[name][keys.index(part)] if part in keys else nothing for name in _Part._fields)
            )
        return found


def _within(journey: Journey) -> str:
    keys = evidence_table(journey, "episode_rules").keys
    values = counts_by_group(journey, "episode_rules", "value").sum(axis=1)
    return duration_text(timedelta(microseconds=int(values[keys.index(("within",))])))


def _ends(journey: Journey, totals: _Totals, within: str, level: float) -> dict[str, Estimate]:
    """How episodes end, as shares."""
    every, decided, still = totals["all"], totals["decided"], totals["open"]
    shapes = evidence_table(journey, "episode_shapes").keys
    over = np.array([outcome != "open" for _, outcome in shapes], dtype=bool)
    at_once = np.array([key == ("1", "recovered") for key in shapes], dtype=bool)
    counts = {name: counts_by_group(journey, "episode_shapes", name)
              for name in ("episodes", "escalated", "repeated")}  # fmt: skip
    of = f"decided episodes (service contacts with gaps of at most {within})"
    once = counts["episodes"][at_once].sum(axis=0)
    moved, again = (counts[name][over].sum(axis=0) for name in ("escalated", "repeated"))
    told = {
        "resolved": (totals["recovered"].episodes, "followed by progress"),
        "abandoned": (totals["not_recovered"].episodes, "the journey does not go on"),
        "single_contact_resolved": (once, "a single contact, followed by progress"),
        "escalated": (moved, "with a contact at another touchpoint or channel"),
        "repeated": (again, "with the same touchpoint and channel twice in a row"),
    }  # fmt: skip
    found = {
        name: share_estimate(
            hits, decided.episodes, customers=decided.people, definition=f"{words} / {of}", level=level
        ).model_copy(update={"censored": int(still.episodes.sum())})
        for name, (hits, words) in told.items()
    }
    found["open"] = share_estimate(
        still.episodes, every.episodes, customers=every.people, definition="not decided yet / episodes",
        level=level,
    )  # fmt: skip
    return found


def _lengths(journey: Journey, decided: _Part, level: float) -> tuple[EpisodeLength, ...]:
    keys = evidence_table(journey, "episode_shapes").keys
    counts = counts_by_group(journey, "episode_shapes", "episodes")
    sums: dict[str, Counts] = {}
    for (contacts, outcome), row in zip(keys, counts, strict=True):
        if outcome != "open":
            sums[contacts] = sums.get(contacts, np.zeros(row.size)) + row
    return tuple(
        EpisodeLength(
            contacts=contacts,
            share=share_estimate(
                sums[contacts], decided.episodes, customers=decided.people, level=level,
                definition=f"decided episodes, those of {contacts} contact(s) / all",
            ),
        )
        for contacts in sorted(sums, key=lambda text: int(text.removesuffix("+")))
    )  # fmt: skip


def _mean(top: Counts, of: _Part, definition: str, level: float, *, least: float = 0.0) -> Estimate:
    n, blank = of.episodes, Estimate(value=None, level=level, definition=definition)
    if not n.sum():
        return blank
    known = blank.model_copy(
        update={"value": float(top.sum() / n.sum()), "n": int(n.sum()), "customers": of.people}
    )
    below = all_and_without(n)
    means = np.divide(all_and_without(top), below, out=np.full(below.shape, np.nan), where=below > 0)
    found = group_jackknife(float(means[0]), means[1:], level=level)
    if found.low is None or found.high is None or (found.se or 0.0) < _NEARLY:
        return known  # where all are alike, nothing says how unlike others would be
    ends = {"low": max(found.low, least), "high": found.high}
    return known.model_copy(update={**ends, "method": "delete-a-group jackknife"})


def _chains(journey: Journey, by: str, every: _Part, level: float) -> tuple[EpisodeChain, ...]:
    keys = evidence_table(journey, "episode_chains").keys
    counts = {name: counts_by_group(journey, "episode_chains", name)
              for name in ("episodes", "resolved", "abandoned", "customers")}  # fmt: skip
    rows = [(row, chain) for row, (kind, chain) in enumerate(keys) if kind == by]
    if not any(set(chain.split(" > ")) - {UNKNOWN, MERGED, "…"} for _, chain in rows):
        return ()
    found = [
        EpisodeChain(
            chain=chain,
            **{name: int(counts[name][row].sum()) for name in counts},
            share=share_estimate(
                counts["episodes"][row], every.episodes, customers=every.people, level=level,
                definition=f"episodes by {by} {chain} / episodes",
            ),
        )
        for row, chain in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda c: (c.chain == MERGED, -c.episodes, c.chain)))


def _times(journey: Journey, customers: int, level: float) -> dict[str, Estimate]:
    tables, first = histograms(journey, "episode_times", "episodes")
    groups = evidence_table(journey, "episode_times").groups
    table = tables.get("recovered", np.zeros((1, groups)))
    still = int(tables["open"].sum()) if "open" in tables else 0
    words = "seconds from the start of the first contact to progress after the last, of resolved episodes"
    return {
        name: time_quantile(
            table, first, share, customers=customers, definition=f"{what} of {words}", level=level
        ).model_copy(update={"censored": still})
        for name, share, what in (
            ("time_to_resolve", 0.5, "median"),
            ("time_to_resolve_p90", 0.9, "90 % quantile"),
        )
    }


def _continuity(several: _Part, level: float) -> dict[str, Estimate]:
    follow_ups = several.contacts - several.episodes
    told = {
        "continuity": (several.unknown, "contacts of which it is not known count as if they had to"),
        "continuity_best": (np.zeros(follow_ups.size), "contacts of which it is not known count as if not"),
    }
    return {
        name: share_estimate(
            follow_ups - several.restarts - unsure,
            follow_ups,
            customers=several.people,
            definition="follow-up contacts where customers need not begin again / follow-up contacts of "
            f"episodes; {words}",
            level=level,
        )
        for name, (unsure, words) in told.items()
    }
