"""Which raw event is a visit to which touchpoint, and what the observed touchpoints are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from journeymap.errors import InvalidLogError, nearest
from journeymap.events.census import RawEvent
from journeymap.model.journey import Journey, UnmappedEvent
from journeymap.model.stages import UNASSIGNED, Stage
from journeymap.model.touchpoints import STATE_MARK, EventName, Touchpoint

__all__ = ["Catalogue", "State", "catalogue_of", "uses_channels"]


_CODE_TYPES = {
    "event": "string",
    "channel": "string",
    "code": "integer",
    "rank": "integer",
    "base": "integer",
    "goal": "integer",
}


@dataclass(frozen=True)
class State:
    """A node that events can be on: a touchpoint, or a floating touchpoint at one stage."""

    node: str
    touchpoint: Touchpoint
    stage: str
    rank: int | None
    is_goal: bool


@dataclass(frozen=True)
class Catalogue:
    """Everything the engine has to know of a design.

    Parameters
    ----------
    stages : tuple of Stage
        In order; ``unassigned`` comes last where raw events without a touchpoint are kept.
    states : tuple of State
        Every possible node; a state's position is its number in the engine.
    code_types : dict of str to str
        The columns of `codes` with their SQL types.
    codes : list of tuple
        For every raw event its touchpoint: ``event``, ``channel`` (empty where not told apart), ``code`` (the
        number of its state where fixed), ``rank`` (of its stage; null where it floats or is unassigned),
        ``base`` (the number of its state at the first stage; null where fixed) and ``goal`` (0 or 1).
    unmapped : tuple of UnmappedEvent
        Raw events without a touchpoint, the most frequent first.
    has_goal, has_floating, by_channel : bool
        What the queries need not do where these are false.
    """

    stages: tuple[Stage, ...]
    states: tuple[State, ...]
    code_types: dict[str, str]
    codes: list[tuple[str | int | None, ...]]
    unmapped: tuple[UnmappedEvent, ...]
    has_goal: bool
    has_floating: bool
    by_channel: bool


def uses_channels(design: Journey | None) -> bool:
    """Whether a design tells raw events apart by channel."""
    return design is not None and any(
        raw.channel is not None for touchpoint in design.touchpoints for raw in touchpoint.raw_events
    )


def catalogue_of(
    raw: Sequence[RawEvent], design: Journey | None, goal: Sequence[str], *, unmapped: str, label: str
) -> Catalogue:
    """Assign every raw event to a touchpoint.

    Parameters
    ----------
    raw : sequence of RawEvent
        What the census found.
    design : Journey, optional
        The design; every raw event is its own touchpoint without one.
    goal : sequence of str
        Touchpoint ids, or one stage id.
    unmapped : {"error", "ignore", "keep"}
        What to do with raw events that no touchpoint names.
    label : str
        What messages call the log.

    Returns
    -------
    Catalogue
        The assignment.

    Raises
    ------
    InvalidLogError
        There are unmapped events and the rule is ``"error"``; or no event belongs to any touchpoint.
    """
    touchpoints = design.touchpoints if design else ()
    by_name = {(e.event, e.channel): t for t in touchpoints for e in t.raw_events}
    found = [by_name.get((r.event, r.channel)) or by_name.get((r.event, None)) for r in raw]
    strangers = [r for r, t in zip(raw, found, strict=True) if t is None]
    told = _told_unmapped(strangers) if design else ()
    if design:
        _refuse_strangers(told, raw, by_name, unmapped, label)
    if design and unmapped != "keep":
        pairs = [(r, t) for r, t in zip(raw, found, strict=True) if t is not None]
    else:
        own = _own_touchpoints(strangers, taken={t.id for t in touchpoints})
        pairs = [(r, t or own[r.event]) for r, t in zip(raw, found, strict=True)]
    stages = design.stages if design else ()
    if any(t.stage == UNASSIGNED.id for _, t in pairs) and all(s.id != UNASSIGNED.id for s in stages):
        stages = (*stages, UNASSIGNED)
    goals = _goal_touchpoints(goal, [t for _, t in pairs], design)
    return _numbered(pairs, stages, goals, touchpoints, told, by_channel=uses_channels(design))


def _told_unmapped(strangers: Sequence[RawEvent]) -> tuple[UnmappedEvent, ...]:
    ordered = sorted(strangers, key=lambda r: (-r.count, r.event, r.channel or ""))
    return tuple(UnmappedEvent(event=r.event, channel=r.channel, count=r.count) for r in ordered)


def _refuse_strangers(
    told: tuple[UnmappedEvent, ...],
    raw: Sequence[RawEvent],
    by_name: dict[tuple[str, str | None], Touchpoint],
    unmapped: str,
    label: str,
) -> None:
    if len(told) == len(raw) and unmapped != "keep":
        known = sorted({event for event, _ in by_name})
        raise InvalidLogError.because(
            f"none of the design's events occur; the log has {_listed([r.event for r in raw])}.",
            where=label,
            expected=f"Expected one of: {_listed(known)}.",
            hint="name the log's events under 'events' of the touchpoints, or start from `journeymap draft`",
        )
    if told and unmapped == "error":
        names = [
            f"{u.event!r}{f' in channel {u.channel!r}' if u.channel else ''} ({u.count:,})" for u in told
        ]
        close = nearest(told[0].event, [event for event, _ in by_name])
        raise InvalidLogError.because(
            f"{len(told)} raw event{'s' * (len(told) > 1)} without a touchpoint: {_listed(names)}.",
            where=label,
            hint=(f"is {told[0].event!r} meant by {close!r}? " if close else "")
            + "add them to a touchpoint's 'events', or choose unmapped='ignore' or 'keep'",
        )


def _listed(names: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(str(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def _own_touchpoints(strangers: Sequence[RawEvent], taken: set[str]) -> dict[str, Touchpoint]:
    """A touchpoint for each raw event that has none, called as the event."""
    own: dict[str, Touchpoint] = {}
    for stranger in strangers:
        name = stranger.event
        touchpoint_id = name if name not in taken else f"{name} (raw)"
        own[name] = Touchpoint(
            id=touchpoint_id, name=name, stage=UNASSIGNED.id, events=(EventName(event=name),)
        )
    return own


def _goal_touchpoints(goal: Sequence[str], present: Sequence[Touchpoint], design: Journey | None) -> set[str]:
    known = {t.id for t in present} | {t.id for t in (design.touchpoints if design else ())}
    stages = {stage.id for stage in design.stages} if design else set()
    chosen: set[str] = set()
    for name in goal:
        if name in known:
            chosen.add(name)
        elif name in stages:
            chosen |= {t.id for t in present if t.stage == name}
        else:
            close = nearest(name, known | stages)
            raise InvalidLogError.because(
                f"goal: no touchpoint or stage {name!r}.",
                expected=f"Expected one of: {_listed(sorted(known))}.",
                hint=f"did you mean {close!r}?" if close else None,
            )
    return chosen


def _numbered(
    pairs: Sequence[tuple[RawEvent, Touchpoint]],
    stages: tuple[Stage, ...],
    goals: set[str],
    order: Sequence[Touchpoint],
    told: tuple[UnmappedEvent, ...],
    *,
    by_channel: bool,
) -> Catalogue:
    """Number the states: the fixed ones first, then each floating one at every stage."""
    ranks = {stage.id: rank for rank, stage in enumerate(stages) if stage.id != UNASSIGNED.id}
    used = {t.id: t for _, t in pairs}
    in_order = [t for t in order if t.id in used] + [t for t in used.values() if t not in order]
    fixed = [t for t in in_order if t.stage is not None]
    floating = [t for t in in_order if t.stage is None]
    states = [
        State(t.id, t, t.stage, ranks.get(t.stage), t.id in goals) for t in fixed if t.stage is not None
    ]
    number = {t.id: i for i, t in enumerate(fixed)}
    bases: dict[str, int] = {}
    for touchpoint in floating:
        bases[touchpoint.id] = len(states)
        for stage_id, rank in ranks.items():
            node = f"{touchpoint.id}{STATE_MARK}{stage_id}"
            states.append(State(node, touchpoint, stage_id, rank, touchpoint.id in goals))
    codes: list[tuple[str | int | None, ...]] = []
    for r, t in pairs:
        base = bases.get(t.id)
        place = ranks.get(t.stage) if t.stage else None
        codes.append((r.event, r.channel or "", number.get(t.id, base), place, base, int(t.id in goals)))
    return Catalogue(stages, tuple(states), _CODE_TYPES, codes, told, bool(goals), bool(floating), by_channel)
