"""What `locate_owners` answers: who answers for what, and where the journey changes hands."""

from __future__ import annotations

from typing import Any, Literal

from journeymap.analysis.friction_words import said_points
from journeymap.analysis.wording import between, joined, percent, plural
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = ["NO_OWNER", "HandOff", "OwnerMap", "OwnerPart", "StagePart", "SystemCoverage"]

NO_OWNER = "no owner named"
_MOST = 3
_NARROW = 0.5
_MODEL = "model-implied, if the association is causal"
_COLUMNS = (
    "owner", "name", "kind", "touchpoints", "service_touchpoints", "stages", "events", "event_share",
    "event_share_low", "event_share_high", "handed_on", "handed_on_low", "handed_on_high", "friction", "gain",
    "gain_low", "gain_high", "gain_journeys", "decisiveness", "decisiveness_low", "decisiveness_high",
)  # fmt: skip
_STAGE_COLUMNS = ("owner", "name", "stage", "stage_name", "touchpoints", "service_touchpoints", "events")
_MOVE_COLUMNS = (
    "source", "source_name", "target", "target_name", "ways", "moves", "customers", "share", "share_low",
    "share_high",
)  # fmt: skip


class StagePart(Frozen):
    """What one owner has at one stage.

    Parameters
    ----------
    stage, name : str
        The id and the name of the stage; the id is empty for touchpoints of a design that float.
    touchpoints, service_touchpoints : int
        How many there are, and how many of them are service.
    events : int
        Visits to them; 0 in a design.
    """

    stage: str
    name: str
    touchpoints: int
    service_touchpoints: int
    events: int = 0


class OwnerPart(Frozen):
    """What one owner answers for.

    Parameters
    ----------
    owner, name, kind : str
        The id (empty: nobody is named), the name and the part of the company.
    touchpoints, service_touchpoints : int
        How many there are, a floating one counted once, and how many of them are service.
    stages : tuple of StagePart
        Every stage of the journey in order, those without a touchpoint too.
    events : int
        Visits to them; 0 in a design.
    event_share : Estimate
        These visits / all visits.
    handed_on : Estimate
        Moves from here to another owner's touchpoints / moves from here to touchpoints with an owner.
    friction : tuple of str
        The names of its points of friction, a floating touchpoint once; empty also where friction was not
        given.
    gain : Estimate
        What mending them would add to the conversion, the gains of single points added up; model-implied, if
        the association is causal.
    gain_journeys : float
        The same in journeys.
    decisiveness : Estimate
        The share of the uncertainty about the goal that is resolved at its touchpoints, 0 to 1.
    """

    owner: str
    name: str
    kind: str = ""
    touchpoints: int
    service_touchpoints: int
    stages: tuple[StagePart, ...]
    events: int = 0
    event_share: Estimate
    handed_on: Estimate
    friction: tuple[str, ...] = ()
    gain: Estimate
    gain_journeys: float = 0.0
    decisiveness: Estimate

    @property
    def present(self) -> tuple[StagePart, ...]:
        """The stages where it has a touchpoint, "any stage" of a design among them."""
        return tuple(part for part in self.stages if part.touchpoints)

    @property
    def reach(self) -> str:
        """At how many of the stages it has a touchpoint, and whether some may be met at any."""
        whole = [part for part in self.stages if part.stage]
        here = sum(bool(part.touchpoints) for part in whole)
        floats = any(not part.stage for part in self.present)
        if floats and not here:
            return "at any stage"
        return f"{here} of {len(whole)}{', and at any stage' if floats else ''}"


class HandOff(Frozen):
    """Moves from the touchpoints of one owner to those of another, or of the same.

    Parameters
    ----------
    source, target : str
        Their ids; empty: nobody is named.
    source_name, target_name : str
        Their names.
    ways : int
        Different transitions.
    moves : int
        How often they were taken; 0 in a design.
    customers : int
        By how many customers at most, each way counted by itself.
    share : Estimate
        moves / moves between touchpoints with an owner; without value where nobody is named.
    """

    source: str
    target: str
    source_name: str
    target_name: str
    ways: int
    moves: int = 0
    customers: int = 0
    share: Estimate

    @property
    def changes(self) -> bool:
        """Whether the owner changes."""
        return self.source != self.target


class SystemCoverage(Frozen):
    """How far the systems behind touchpoints are known, inside service or outside.

    Parameters
    ----------
    family : {"service", "other"}
        Service touchpoints, or all others.
    touchpoints, with_systems : int
        How many there are, a floating one counted once, and how many name a system.
    share : Estimate
        with_systems / touchpoints, of this map and no sample: without interval.
    event_share : Estimate
        Visits to touchpoints that name a system / visits.
    systems : tuple of (str, int)
        The systems and how many touchpoints name them, the most first.
    """

    family: Literal["service", "other"]
    touchpoints: int
    with_systems: int
    share: Estimate
    event_share: Estimate
    systems: tuple[tuple[str, int], ...] = ()


class OwnerMap(Frozen):
    """Who answers for which part of the journey, and where it changes hands.

    Parameters
    ----------
    journey : str
        The name of the journey.
    observed : bool
        False for a designed map alone: then only structure is known.
    by : {"owner", "kind"}
        Whether teams stand apart or by the part of the company they belong to.
    owners : tuple of OwnerPart
        In the order of the journey; last what nobody is named for.
    hand_offs : tuple of HandOff
        The most frequent first, moves within one owner too.
    handed_on : Estimate
        Moves to a touchpoint of another owner / moves between touchpoints with an owner.
    wait_handed_on : Estimate
        Time waited on these moves / time waited on all moves between touchpoints with an owner.
    stages_without_owner : tuple of str
        Names of the stages that have touchpoints, and an owner for none of them.
    touchpoints_without_owner : tuple of str
        Names of the touchpoints that nobody is named for.
    systems : tuple of SystemCoverage
        In service and outside, where there are such touchpoints.
    shared_systems : tuple of str
        Systems that touchpoints both in service and outside name.
    knows_friction : bool
        Whether points of friction were given.
    """

    journey: str
    observed: bool
    by: Literal["owner", "kind"] = "owner"
    owners: tuple[OwnerPart, ...] = ()
    hand_offs: tuple[HandOff, ...] = ()
    handed_on: Estimate
    wait_handed_on: Estimate
    stages_without_owner: tuple[str, ...] = ()
    touchpoints_without_owner: tuple[str, ...] = ()
    systems: tuple[SystemCoverage, ...] = ()
    shared_systems: tuple[str, ...] = ()
    knows_friction: bool = False

    @property
    def named(self) -> tuple[OwnerPart, ...]:
        """The owners, without what nobody is named for."""
        return tuple(part for part in self.owners if part.owner)

    def coverage(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[int, ...], ...]]:
        """How many touchpoints has each owner at each stage?

        Returns
        -------
        (tuple of str, tuple of str, tuple of tuple of int)
            Names of the owners, names of the stages, and one row an owner.
        """
        stages = tuple(part.name for part in self.owners[0].stages) if self.owners else ()
        counts = tuple(tuple(part.touchpoints for part in owner.stages) for owner in self.owners)
        return tuple(owner.name for owner in self.owners), stages, counts

    def matrix(self) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
        """How often does the journey go from each owner to each?

        Returns
        -------
        (tuple of str, tuple of tuple of int)
            Names of the owners, and one row for each owner that it comes from: moves, in a design ways.
        """
        counts = {
            (one.source, one.target): one.moves if self.observed else one.ways for one in self.hand_offs
        }
        rows = tuple(
            tuple(counts.get((source.owner, target.owner), 0) for target in self.owners)
            for source in self.owners
        )
        return tuple(owner.name for owner in self.owners), rows

    def story(self) -> tuple[str, ...]:
        """Say who answers for what, and what cannot be told.

        Returns
        -------
        tuple of str
            Sentences that can be read aloud.
        """
        if not self.named:
            word = "kind of its owner" if self.by == "kind" else "owner"
            return (f"No touchpoint names the {word}: nobody can be asked to mend anything.",)
        found = (
            self._who(),
            self._gaps(),
            self._hands(),
            self._friction(),
            self._decided(),
            self._technology(),
        )
        return tuple(sentence for sentence in found if sentence)

    def _who(self) -> str:
        whole = sum(part.touchpoints for part in self.owners)
        owned = whole - sum(part.touchpoints for part in self.owners if not part.owner)
        verb = "answers" if len(self.named) == 1 else "answer"
        told = f"{self._several(len(self.named))} {verb} for {owned} of {plural(whole, 'touchpoint')}"
        reached = {part.stage for owner in self.owners for part in owner.present if part.stage}
        reach = {part.name: sum(bool(one.stage) for one in part.present) for part in self.named}
        widest = max(reach, key=lambda name: reach[name])
        if len(self.named) == 1 or len(reached) <= 1:
            return f"{told}."
        floating = [part.name for part in self.named if any(not one.stage for one in part.present)]
        if floating:
            return f"{told}; {joined(floating)} may be met at any stage."
        if reach[widest] == len(reached):
            return f"{told}; {widest} is at every stage."
        if reach[widest] <= 1:
            return f"{told}; none of them is at more than one stage."
        return f"{told}; none is at every stage, {widest} at the most ({reach[widest]} of {len(reached)})."

    def _several(self, count: int) -> str:
        if self.by == "owner":
            return plural(count, "owner")
        return f"{count} part{'' if count == 1 else 's'} of the company"

    def _gaps(self) -> str:
        bare, names = self.stages_without_owner, self.touchpoints_without_owner
        told = f"In {joined(bare)} nobody is named for any touchpoint." if bare else ""
        quoted = [f"“{name}”" for name in names[:_MOST]]
        more = [f"{len(names) - _MOST} more"] if len(names) > _MOST else []
        return f"{told} Nobody is named for {joined([*quoted, *more])}.".strip() if names else told

    def _hands(self) -> str:
        if len(self.named) == 1:
            return ""
        changing = [one for one in self.hand_offs if one.changes and one.source and one.target]
        if not changing:
            return "The journey never changes hands." if self.hand_offs else ""
        most = changing[0]
        if not self.observed:
            ways = sum(one.ways for one in changing)
            told = f"{plural(ways, 'way')} of the design change{'s' if ways == 1 else ''} hands"
            return f"{told}; how many customers take {'it' if ways == 1 else 'them'}, a map cannot tell."
        where = f"from {most.source_name} to {most.target_name} ({most.moves:,} moves)"
        share = self.handed_on
        told = f"{_share(share)} of moves change hands, most often {where}"
        if self.wait_handed_on.value is None:
            return f"{told}."
        return f"{told}; {_share(self.wait_handed_on)} of the waiting falls on them."

    def _friction(self) -> str:
        if not self.knows_friction:
            return ""
        found = sorted((part for part in self.owners if part.friction), key=lambda part: -len(part.friction))
        if not found:
            return "No point of friction is proven at any owner's touchpoints."
        told = [f"{part.name} {len(part.friction)}" for part in found[:_MOST]]
        rest = sum(len(part.friction) for part in found[_MOST:])
        told += [f"others {rest}"] if rest else []
        best = max(found, key=lambda part: part.gain_journeys)
        gain = ""
        if best.gain_journeys >= 1:
            gain = f" Mending those of {best.name} would bring {said_points(best.gain)}, {_MODEL}."
        return f"Points of friction: {joined(told)}.{gain}"

    def _decided(self) -> str:
        known = [part for part in self.owners if part.decisiveness.value]
        if not known:
            return ""
        first, *others = sorted(known, key=lambda part: -(part.decisiveness.value or 0.0))
        told = f"{first.name} {_share(first.decisiveness)}"
        low, high = first.decisiveness.low, first.decisiveness.high
        if low is None or high is None or high - low > _NARROW:
            return "At whose touchpoints it is decided between won and lost, these few cannot tell."
        if not others:
            return f"What decides between won and lost: {told}."
        second = f"{others[0].name} {_share(others[0].decisiveness)}"
        apart = low > (others[0].decisiveness.high or 1.0)
        if apart:
            return f"More is decided between won and lost at {told} than anywhere else; next is {second}."
        return f"Where most is decided between won and lost, these counts cannot tell: {told}, {second}."

    def _technology(self) -> str:
        told = []
        for one in self.systems:
            kind = "service touchpoint" if one.family == "service" else "other touchpoint"
            text = f"{one.with_systems} of {plural(one.touchpoints, kind)}"
            if self.observed and one.event_share.value is not None:
                text += f" ({percent(one.event_share.value)} of their events)"
            told.append(text)
        if not any(one.with_systems for one in self.systems):
            return ""
        both = self.shared_systems
        shared = f"; {joined(both)} {'stands' if len(both) == 1 else 'stand'} on both sides" if both else ""
        return f"Systems are named for {joined(told)}{shared}."

    def __str__(self) -> str:
        """Write the sentences under the name of the journey."""
        return "\n".join([f"{self.journey}: who answers for what.", *self.story()])

    def _repr_html_(self) -> str:
        names, stages, counts = self.coverage()
        columns = [
            "owner",
            *stages,
            *(["events"] if self.observed else []),
            "hand-offs",
            "friction",
            "decided",
        ]
        rows = [
            [
                name,
                *(f"{count:,}" if count else None for count in row),
                *([f"{part.events:,}"] if self.observed else []),
                None if part.handed_on.value is None else percent(part.handed_on.value),
                joined(part.friction) if part.friction else None,
                None if part.decisiveness.value is None else _share(part.decisiveness),
            ]
            for name, row, part in zip(names, counts, self.owners, strict=True)
        ]
        return html_table(f"Owners in {self.journey}", columns, rows, notes=self.story())

    def to_frame(self) -> Any:
        """Put the owners into a pandas DataFrame, one row each.

        Returns
        -------
        pandas.DataFrame
            Touchpoints, visits, hand-offs, friction and decisiveness with intervals.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(
            _COLUMNS,
            (
                (
                    part.owner, part.name, part.kind, part.touchpoints, part.service_touchpoints,
                    sum(bool(one.stage) for one in part.present), part.events, *_ends(part.event_share),
                    *_ends(part.handed_on), len(part.friction), *_ends(part.gain), part.gain_journeys,
                    *_ends(part.decisiveness),
                )
                for part in self.owners
            ),
        )  # fmt: skip

    def coverage_frame(self) -> Any:
        """Put owner by stage, one row each, into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            Touchpoints and visits.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(
            _STAGE_COLUMNS,
            (
                (
                    part.owner,
                    part.name,
                    one.stage,
                    one.name,
                    one.touchpoints,
                    one.service_touchpoints,
                    one.events,
                )
                for part in self.owners
                for one in part.stages
            ),
        )

    def hand_off_frame(self) -> Any:
        """Put the hand-offs, one row each, into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            Ways, moves and their share with its interval.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(
            _MOVE_COLUMNS,
            (
                (
                    one.source, one.source_name, one.target, one.target_name, one.ways, one.moves,
                    one.customers, *_ends(one.share),
                )
                for one in self.hand_offs
            ),
        )  # fmt: skip


def _share(estimate: Estimate) -> str:
    """Write a share with its interval."""
    ends = f" ({between(estimate)})" if estimate.low is not None else ""
    return f"{percent(estimate.value or 0.0)}{ends}"


def _ends(estimate: Estimate) -> tuple[float | None, float | None, float | None]:
    return estimate.value, estimate.low, estimate.high
