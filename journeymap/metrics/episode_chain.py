"""From handler to handler: how probably is an episode resolved, and after how many contacts?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeymap.events.episode_tables import SELF_SERVICE_KEY, UNKNOWN
from journeymap.metrics.counts import counts_by_group, evidence_table
from journeymap.metrics.episode_parts import HandlerChain, SelfServiceSessions
from journeymap.metrics.flow import WILSON_METHOD, share_estimate
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.touchpoints import SELF_SERVICE
from journeymap.stats.chain_algebra import absorbing_chain
from journeymap.stats.jackknife import all_and_without, group_jackknife, jackknife_variance
from journeymap.stats.shares import wilson

__all__ = ["HandlerMoves", "handler_chain", "self_service_sessions"]

Floats = NDArray[np.float64]

_RESOLVED, _ABANDONED, _OPEN = "@resolved", "@abandoned", "@open"
_NEARLY = 1e-9
_CHAIN = "absorbing chain of handlers"


class HandlerMoves:
    """The moves of watched contacts, by the handler they come from.

    Parameters
    ----------
    journey : Journey
        With the tables ``episode_moves`` and ``episode_handlers``.
    """

    def __init__(self, journey: Journey) -> None:
        handlers = {
            t.id: (t.service.handler or UNKNOWN) if t.service else UNKNOWN for t in journey.touchpoints
        }
        self.watched = counts_by_group(journey, "episode_moves", "watched")
        self.elsewhere = counts_by_group(journey, "episode_moves", "elsewhere")
        keys = evidence_table(journey, "episode_moves").keys
        self.sources = np.array([handlers.get(source, UNKNOWN) for source, _ in keys], dtype=object)
        self.targets = np.array(
            [to if to.startswith("@") else handlers.get(to, UNKNOWN) for _, to in keys], dtype=object
        )
        known = evidence_table(journey, "episode_handlers").keys
        customers = counts_by_group(journey, "episode_handlers", "customers").sum(axis=1)
        self.customers = {key[0]: int(n) for key, n in zip(known, customers, strict=True)}
        self.groups = self.watched.shape[1]

    @property
    def handlers(self) -> list[str]:
        """Every handler with a watched contact, the most contacts first."""
        contacts = {name: float(self.of(name).sum()) for name in dict.fromkeys(self.sources)}
        return sorted((n for n in contacts if contacts[n]), key=lambda n: (-contacts[n], n))

    def of(self, *handlers: str, to: str | None = None) -> Floats:
        """Watched moves from these handlers, to one target or to any, by customer group."""
        rows = np.isin(self.sources, handlers)
        if to is not None:
            rows &= self.targets == to
        return np.asarray(self.watched[rows].sum(axis=0))

    def escalated(self, handler: str) -> Floats:
        """Those of them that go to another touchpoint or channel."""
        return np.asarray(self.elsewhere[self.sources == handler].sum(axis=0))


def handler_chain(moves: HandlerMoves, *, within: str, level: float) -> tuple[HandlerChain, ...]:
    """What becomes of contacts with each handler, and of the episode that they belong to?

    Parameters
    ----------
    moves : HandlerMoves
        The moves.
    within : str
        The longest gap within an episode, in words.
    level : float
        The confidence level.

    Returns
    -------
    tuple of HandlerChain
        The handler with the most contacts first.

    Notes
    -----
    The chain takes it that what comes next depends on the present handler alone, not on how many contacts
    went before.
    """
    names = moves.handlers
    resolved, steps = _solved(moves, names)
    watched = f"of contacts that end at least {within} before the end of the observation"
    found = []
    for place, name in enumerate(names):
        contacts, opened = moves.of(name), int(moves.of(name, to=_OPEN).sum())
        blank = Estimate(
            value=None,
            n=int(contacts.sum()) - opened,
            customers=moves.customers.get(name, 0),
            level=level,
            censored=opened,
        )
        told = {
            "resolved": f"probability that the episode is resolved in the end, {watched}",
            "contacts": f"expected contacts to the end of the episode, this one included, {watched}",
        }
        found.append(
            HandlerChain(
                handler=name,
                contacts=int(contacts.sum()),
                customers=blank.customers,
                escalates=share_estimate(
                    moves.escalated(name),
                    contacts,
                    customers=blank.customers,
                    level=level,
                    definition=f"directly followed by a contact at another touchpoint or channel, {watched}",
                ),
                resolved=_probability(
                    resolved[:, place], blank.model_copy(update={"definition": told["resolved"]})
                ),
                contacts_to_end=_contacts(
                    steps[:, place], blank.model_copy(update={"definition": told["contacts"]})
                ),
            )
        )
    return tuple(found)


def _solved(moves: HandlerMoves, names: list[str]) -> tuple[Floats, Floats]:
    """Solve the chain with all customers, and without each group: handlers along the last axis."""
    counts = np.stack([
        np.stack([all_and_without(moves.of(name, to=to)) for to in (*names, _RESOLVED, _ABANDONED)])
        for name in names
    ]) if names else np.zeros((0, 2, moves.groups + 1))  # fmt: skip
    table = np.moveaxis(counts, -1, 0)
    size = len(names)
    total = table.sum(axis=-1, keepdims=True)
    chance = np.divide(table, total, out=np.zeros_like(table), where=total > 0)
    inner, ends = chance[..., :size], chance[..., size:]
    # a handler without watched end, by whatever way, comes to an end of its own: not known
    ending = ends.any(axis=-1)
    for _ in range(size):
        ending |= ((inner > 0) & ending[:, np.newaxis, :]).any(axis=-1)
    inner = np.where(ending[..., np.newaxis], inner, 0.0)
    ends = np.where(ending[..., np.newaxis], ends, 0.0)
    nowhere = np.where(ending, 0.0, 1.0)[..., np.newaxis]
    chain = absorbing_chain(inner, np.concatenate((ends, nowhere), axis=-1))
    known = chain.ends[..., 2] < _NEARLY
    return np.where(known, chain.ends[..., 0], np.nan), np.where(known, chain.steps, np.nan)


def _probability(values: Floats, blank: Estimate) -> Estimate:
    if not np.isfinite(values[0]):
        return blank
    share, without = float(np.clip(values[0], 0.0, 1.0)), values[1:]
    variance, effective = float(jackknife_variance(share, without)), float(blank.n)
    if variance > _NEARLY**2:
        effective = min(effective, share * (1 - share) / variance)
    if variance <= _NEARLY**2 or not np.isfinite(without).all():
        effective = min(effective, float(max(blank.customers, 1)))
    low, high = wilson(share * effective, effective, level=blank.level, df=max(without.size - 1, 1))
    return blank.model_copy(
        update={"value": share, "low": low, "high": high, "method": f"{_CHAIN}, {WILSON_METHOD}"}
    )


def _contacts(values: Floats, blank: Estimate) -> Estimate:
    if not np.isfinite(values[0]):
        return blank
    known = blank.model_copy(update={"value": float(values[0])})
    found = group_jackknife(float(values[0]), values[1:], level=blank.level)
    # where all are alike, or in one group, nothing says how unlike others would be
    alike = (found.se or 0.0) < _NEARLY or not np.isfinite(values).all()
    if alike or found.low is None or found.high is None:
        return known
    ends = {"low": max(found.low, 1.0), "high": found.high}
    return known.model_copy(update={**ends, "method": f"{_CHAIN}, delete-a-group jackknife"})


def self_service_sessions(moves: HandlerMoves, *, within: str, level: float) -> SelfServiceSessions | None:
    """How many sessions of bots, IVRs and self-service need nobody else?

    Parameters
    ----------
    moves : HandlerMoves
        The moves.
    within : str
        The longest gap within an episode, in words.
    level : float
        The confidence level.

    Returns
    -------
    SelfServiceSessions or None
        None where no contact is one of self-service.
    """
    if SELF_SERVICE_KEY not in moves.customers:
        return None
    every, still = moves.of(*SELF_SERVICE), moves.of(*SELF_SERVICE, to=_OPEN)
    ended = moves.of(*SELF_SERVICE, to=_RESOLVED), moves.of(*SELF_SERVICE, to=_ABANDONED)
    back = sum((moves.of(*SELF_SERVICE, to=name) for name in SELF_SERVICE), np.zeros(moves.groups))
    words = {
        "deflection": (ended[0] + ended[1] + back, "not handed on to a person or queue"),
        "containment": (ended[0], "not handed on and followed by progress, not by another contact"),
        "hidden_failures": (ended[1] + back, "not handed on, though no progress follows"),
        "came_back": (back, "followed by another one of self-service"),
        "gave_up": (ended[1], "followed neither by a contact nor by progress"),
    }
    return SelfServiceSessions(
        **{
            name: share_estimate(
                counts,
                every - still,
                customers=moves.customers[SELF_SERVICE_KEY],
                definition=f"sessions {text} / sessions of bot, IVR, self-service; contacts within {within}",
                level=level,
            ).model_copy(update={"censored": int(still.sum())})
            for name, (counts, text) in words.items()
        }
    )
