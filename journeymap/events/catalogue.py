"""Which raw event is a visit to which touchpoint, and what the observed touchpoints are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest

from journeymap.errors import InvalidLogError, nearest
from journeymap.events.raw_events import RawEvent, RawEvents
from journeymap.model.journey import Journey, UnmappedEvent
from journeymap.model.stages import UNASSIGNED, Stage
from journeymap.model.touchpoints import STATE_MARK, EventName, Touchpoint

__all__ = ["Catalogue", "State", "catalogue_of", "uses_channels"]

_MOST_SMALL = 32_767
MOST_TOUCHPOINTS = 10_000  # a map of more helps nobody, and transitions grow with the square of it
_MOST_STAGES = 60  # each is a bit of a whole number
_MOST_TOLD = 1_000
_MOST_LISTED = 8  # in a message
_LONGEST = 200


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
        ``base`` (the number of its state at the first stage; null where fixed), ``goal`` (0 or 1) and
        ``marks`` (a bit for the goal and one for its stage).
    unmapped : tuple of UnmappedEvent
        Raw events without a touchpoint, the most frequent first, a thousand at most.
    unmapped_more, unmapped_more_events : int
        How many further ones there are, and how often they occur in all.
    fixed : int
        How many states belong to touchpoints with a stage of their own; those of floating ones follow.
    ranks : int
        How many stages are in order.
    has_goal, by_channel : bool
        What the queries need not do where these are false.
    """

    stages: tuple[Stage, ...]
    states: tuple[State, ...]
    code_types: dict[str, str]
    codes: list[tuple[str | int | None, ...]]
    unmapped: tuple[UnmappedEvent, ...]
    has_goal: bool
    fixed: int
    ranks: int
    by_channel: bool
    unmapped_more: int = 0
    unmapped_more_events: int = 0

    @property
    def has_floating(self) -> bool:
        """Whether any touchpoint floats."""
        return self.fixed < len(self.states)


def uses_channels(design: Journey | None) -> bool:
    """Whether a design tells raw events apart by channel."""
    return design is not None and any(
        raw.channel is not None for touchpoint in design.touchpoints for raw in touchpoint.raw_events
    )


def catalogue_of(
    raw: RawEvents, design: Journey | None, goal: Sequence[str], *, unmapped: str, label: str
) -> Catalogue:
    """Assign every raw event to a touchpoint.

    Parameters
    ----------
    raw : RawEvents
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
        There are unmapped events and the rule is ``"error"``; or no event belongs to any touchpoint; or there
        are too many names to make a touchpoint of each.
    """
    touchpoints = design.touchpoints if design else ()
    by_name = {(e.event, e.channel): t for t in touchpoints for e in t.raw_events}
    keeps_all = design is None or unmapped == "keep"
    if keeps_all:
        _refuse_too_many(raw.names_besides({event for event, _ in by_name}), label, designed=bool(design))
    found = [by_name.get((r.event, r.channel)) or by_name.get((r.event, None)) for r in raw]
    strangers = [r for r, t in zip(raw, found, strict=True) if t is None]
    # of very many, only those that are told one by one need be put in order
    told = sorted(strangers, key=_rank) if keeps_all else nsmallest(_MOST_TOLD, strangers, key=_rank)
    if design:
        _refuse_strangers(told, len(strangers), raw, by_name, unmapped, label)
    if not keeps_all:
        pairs = [(r, t) for r, t in zip(raw, found, strict=True) if t is not None]
    else:
        own = _own_touchpoints(told, taken={t.id for t in touchpoints})
        pairs = [(r, t or own[r.event]) for r, t in zip(raw, found, strict=True)]
    stages = design.stages if design else ()
    if any(t.stage == UNASSIGNED.id for _, t in pairs) and all(s.id != UNASSIGNED.id for s in stages):
        stages = (*stages, UNASSIGNED)
    if len(stages) > _MOST_STAGES:
        raise InvalidLogError.because(
            f"the design has {len(stages)} stages.",
            expected=f"Expected at most {_MOST_STAGES}.",
            hint="stages are the large parts of a journey; what is finer is a touchpoint",
        )
    goals = _goal_touchpoints(goal, [t for _, t in pairs], design)
    catalogue = _numbered(pairs, stages, goals, touchpoints, by_channel=uses_channels(design))
    return _with_unmapped(catalogue, told[:_MOST_TOLD], strangers) if design else catalogue


def _rank(stranger: RawEvent) -> tuple[int, str, str]:
    """The most frequent first."""
    return (-stranger.count, stranger.event, stranger.channel or "")


def _with_unmapped(catalogue: Catalogue, told: Sequence[RawEvent], every: Sequence[RawEvent]) -> Catalogue:
    """Tell the most frequent strangers one by one, the others in one number, lest files grow with them."""
    return replace(
        catalogue,
        unmapped=tuple(UnmappedEvent(event=r.event, channel=r.channel, count=r.count) for r in told),
        unmapped_more=len(every) - len(told),
        unmapped_more_events=sum(r.count for r in every) - sum(r.count for r in told),
    )


def _refuse_too_many(names: int, label: str, *, designed: bool) -> None:
    if names > MOST_TOUCHPOINTS:
        raise InvalidLogError.because(
            f"there are {names:,} different event names{' without a touchpoint' * designed}.",
            where=label,
            expected=f"Expected at most {MOST_TOUCHPOINTS:,}, since each becomes a touchpoint.",
            hint="name the events that matter in a design and choose unmapped='ignore', or check that "
            "event_col names the kind of event and not one event",
        )


def _refuse_strangers(
    told: Sequence[RawEvent],
    strangers: int,
    raw: RawEvents,
    by_name: dict[tuple[str, str | None], Touchpoint],
    unmapped: str,
    label: str,
) -> None:
    if strangers == len(raw) and unmapped != "keep":
        known = sorted({event for event, _ in by_name})
        found = [r.event for r in raw[:_MOST_LISTED]]
        raise InvalidLogError.because(
            f"none of the design's events occur; the log has {_listed(found, len(raw))}.",
            where=label,
            expected=f"Expected one of: {_listed(known)}.",
            hint="name the log's events under 'events' of the touchpoints, or start from `journeymap draft`",
        )
    if told and unmapped == "error":
        names = [
            f"{u.event!r}{f' in channel {u.channel!r}' if u.channel else ''} ({u.count:,})"
            for u in told[:_MOST_LISTED]
        ]
        close = nearest(told[0].event, [event for event, _ in by_name])
        raise InvalidLogError.because(
            f"{strangers:,} raw event{'s' * (strangers > 1)} without a touchpoint: "
            f"{_listed(names, strangers)}.",
            where=label,
            hint=(f"is {told[0].event!r} meant by {close!r}? " if close else "")
            + "add them to a touchpoint's 'events', or choose unmapped='ignore' or 'keep'",
        )


def _listed(names: Sequence[str], count: int | None = None) -> str:
    """Name the first few, shortened where they are long; `count` says how many there are in all."""
    shown = [
        name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…" for name in map(str, names[:_MOST_LISTED])
    ]
    more = (len(names) if count is None else count) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")


def _own_touchpoints(strangers: Sequence[RawEvent], taken: set[str]) -> dict[str, Touchpoint]:
    """A touchpoint for each raw event that has none, called as the event."""
    own: dict[str, Touchpoint] = {}
    taken = set(taken)
    names = dict.fromkeys(stranger.event for stranger in strangers)
    # names that are free first: an event may be called as another would be renamed
    for name in [*(n for n in names if n not in taken), *(n for n in names if n in taken)]:
        found, number = name, 1
        while found in taken:
            found, number = f"{name} (raw{f' {number}' if number > 1 else ''})", number + 1
        taken.add(found)
        own[name] = Touchpoint(id=found, name=name, stage=UNASSIGNED.id, events=(EventName(event=name),))
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


def _code_types(states: int) -> dict[str, str]:
    """Choose narrow numbers: the engine carries them along with every event."""
    number = "smallint" if states <= _MOST_SMALL else "integer"
    numbers = dict.fromkeys(("code", "rank", "base", "goal"), number)
    return {"event": "string", "channel": "string", **numbers, "marks": "bigint"}


def _numbered(
    pairs: Sequence[tuple[RawEvent, Touchpoint]],
    stages: tuple[Stage, ...],
    goals: set[str],
    order: Sequence[Touchpoint],
    *,
    by_channel: bool,
) -> Catalogue:
    """Number the states: the fixed ones first, then each floating one at every stage."""
    ranks = {stage.id: rank for rank, stage in enumerate(stages) if stage.id != UNASSIGNED.id}
    used = {t.id: t for _, t in pairs}
    designed = {t.id for t in order}
    in_order = [t for t in order if t.id in used] + [t for t in used.values() if t.id not in designed]
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
        goal = int(t.id in goals)
        marks = goal | (0 if place is None else 2 << place)
        codes.append((r.event, r.channel or "", number.get(t.id, base), place, base, goal, marks))
    return Catalogue(
        stages=stages,
        states=tuple(states),
        code_types=_code_types(len(states)),
        codes=codes,
        unmapped=(),
        has_goal=bool(goals),
        fixed=len(fixed),
        ranks=len(ranks),
        by_channel=by_channel,
    )
