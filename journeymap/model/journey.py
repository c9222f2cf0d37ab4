"""The journey: one value for the map people design and for the one customers live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping
from datetime import datetime
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from journeymap.errors import UnknownNameError, nearest
from journeymap.model.answers import Answers
from journeymap.model.contacts import Contacts
from journeymap.model.durations import Duration
from journeymap.model.evidence import EvidenceTable
from journeymap.model.frozen import Frozen, misfit
from journeymap.model.names import shown_name
from journeymap.model.stages import STANDARD_STAGES, Stage
from journeymap.model.touchpoints import STATE_MARK, Channel, Feeling, Owner, Texts, Touchpoint
from journeymap.model.transitions import Transition

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["FORMAT", "Journey", "Observation", "Persona", "UnmappedEvent"]

FORMAT = "journeymap/1"
_TOLERANCE = 1e-6


class Persona(Frozen):
    """Somebody the journey is drawn for.

    Parameters
    ----------
    id, name : str
        The short name, and the name on figures.
    description, quote : str
        Who they are in a sentence, and something they would say.
    goals, needs, frustrations : tuple of str
        What they want, need and suffer from.
    channels : tuple of str
        The channels they prefer, the first first.
    share : float, optional
        Their share of all customers, 0 to 1.
    feelings : dict of str to float
        Where they feel otherwise than the journey says: touchpoint id to feeling, −2 to +2.
    """

    id: str
    name: str = ""
    description: str = ""
    quote: str = ""
    goals: Texts = ()
    needs: Texts = ()
    frustrations: Texts = ()
    channels: Texts = ()
    share: float | None = Field(default=None, ge=0, le=1)
    feelings: dict[str, Feeling] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _named(self) -> Persona:
        if not self.name:
            object.__setattr__(self, "name", shown_name(self.id))
        return self


class UnmappedEvent(Frozen):
    """A raw event that no touchpoint of the design names.

    Parameters
    ----------
    event : str
        The raw name.
    channel : str, optional
        The channel it came with, where the design tells events by channel.
    count : int
        How often it occurs.
    """

    event: str
    channel: str | None = None
    count: int


class Observation(Frozen):
    """What an observed journey was counted from.

    Parameters
    ----------
    customers, journeys, events : int
        How many of each, after filters, without unmapped events that were left out.
    won, lost, open : int
        Journeys that reached the goal, that ended without it, and that are not decided yet.
    rework : int
        Journeys with any touchpoint visited more than once.
    groups : int
        The number of customer groups behind the intervals; 0 where nothing was counted by group, so that the
        journey carries no evidence.
    start, end : datetime
        The first and the last event.
    observed_until : datetime
        The end of the observation.
    lost_after : timedelta
        A journey without goal whose last event is at least this old at the end of the observation is lost.
    lost_after_source : {"call", "design", "data"}
        Who said so; "data" is the 99th percentile of the gaps within journeys.
    journey_unit : {"customer", "column", "gap"}
        What makes a journey: all events of a customer, a column of the log, or a gap longer than
        `new_journey_after`.
    new_journey_after : timedelta, optional
        The gap that starts a new journey.
    time_zone : {"none", "UTC"}
        Whether times are naive, taken as given, or instants.
    tie_order : {"input", "column", "event name"}
        What orders events of one customer at the same time: their place in the source, a column of the log,
        or, where a source has no order and the log no such column, their names.
    wait_error : float
        How far off the median and the 90th percentile of waits may be, as a share of them: 0 where they are
        exact, half a per cent where a log is so large that waits were counted into bins.
    unmapped : tuple of UnmappedEvent
        Raw events without a touchpoint, the most frequent first, a thousand at most.
    unmapped_more, unmapped_more_events : int
        How many further ones there are, and how often they occur in all.
    unmapped_policy : {"error", "ignore", "keep"}
        What was done with them.
    unvisited : tuple of str
        Touchpoints of the design that no event belongs to.
    dropped : int
        Events without customer, name or time, left out on demand.
    filters : tuple of str
        The filters of the log, in words.
    """

    customers: int
    journeys: int
    events: int
    won: int = 0
    lost: int = 0
    open: int = 0
    rework: int = 0
    groups: int
    start: datetime
    end: datetime
    observed_until: datetime
    lost_after: Duration
    lost_after_source: Literal["call", "design", "data"]
    journey_unit: Literal["customer", "column", "gap"] = "customer"
    new_journey_after: Duration | None = None
    time_zone: Literal["none", "UTC"] = "none"
    tie_order: Literal["input", "column", "event name"] = "input"
    wait_error: float = 0.0
    unmapped: tuple[UnmappedEvent, ...] = ()
    unmapped_more: int = 0
    unmapped_more_events: int = 0
    unmapped_policy: Literal["error", "ignore", "keep"] = "error"
    unvisited: tuple[str, ...] = ()
    dropped: int = 0
    filters: tuple[str, ...] = ()


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class Journey(Frozen):
    """Stages, touchpoints and the transitions between them, designed or observed.

    Parameters
    ----------
    name : str
        The title.
    description : str
        What it is about.
    state : {"as-is", "to-be"}
        How it is today, or how it shall be.
    origin : {"designed", "observed"}
        Written by people, or discovered from events.
    goal : tuple of str
        One or more touchpoint ids, or one stage id: the first event there wins the journey.
    lost_after : timedelta, optional
        How long a customer must have been silent to be lost.
    stages : tuple of Stage
        In order; the five standard ones when left out.
    personas, channels, owners : tuple
        Who it is for; more about channels and owners than their names.
    touchpoints : tuple of Touchpoint
        In the order of the map.
    transitions : tuple of Transition
        Each pair at most once.
    observation : Observation, optional
        What it was counted from, when observed.
    evidence : tuple of EvidenceTable
        Counts by customer group, when observed.
    answers : Answers, optional
        What customers answered in surveys, counted by customer group, once `with_feedback` laid it on.
    contacts : Contacts, optional
        What the service desk did, counted by customer group, once `with_tickets` laid it on.

    Examples
    --------
    >>> journey = Journey(name="Shop", goal="pay", touchpoints=[
    ...     {"id": "ad", "stage": "discovery"}, {"id": "pay", "stage": "purchase"}],
    ...     transitions=[{"source": "ad", "target": "pay", "share": 0.2}])
    >>> journey.graph.edges["ad", "pay"]["weight"]
    0.2
    """

    format: Literal["journeymap/1"] = "journeymap/1"
    name: str
    description: str = ""
    state: Literal["as-is", "to-be"] = "as-is"
    origin: Literal["designed", "observed"] = "designed"
    goal: Annotated[tuple[str, ...], BeforeValidator(_one_or_more)] = ()
    lost_after: Duration | None = None
    stages: tuple[Stage, ...] = STANDARD_STAGES
    personas: tuple[Persona, ...] = ()
    channels: tuple[Channel, ...] = ()
    owners: tuple[Owner, ...] = ()
    touchpoints: tuple[Touchpoint, ...] = ()
    transitions: tuple[Transition, ...] = ()
    observation: Observation | None = None
    evidence: tuple[EvidenceTable, ...] = ()
    answers: Answers | None = None
    contacts: Contacts | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> Journey:
        for field in ("stages", "personas", "channels", "owners", "touchpoints", "evidence"):
            self._check_ids(field)
        self._check_touchpoints()
        self._check_transitions()
        self._check_references()
        return self

    def _check_ids(self, field: str) -> None:
        key = "name" if field == "evidence" else "id"
        seen: dict[str, int] = {}
        for number, value in enumerate(getattr(self, field)):
            name = getattr(value, key)
            if name in seen:
                raise misfit(
                    f"{key} {name!r} stands twice; it is also {field}[{seen[name]}].",
                    field,
                    number,
                    key,
                    hint="give each its own id",
                )
            seen[name] = number

    def _check_touchpoints(self) -> None:
        stages = [stage.id for stage in self.stages]
        claimed: dict[tuple[str, str | None], str] = {}
        for number, touchpoint in enumerate(self.touchpoints):
            if touchpoint.stage is not None and touchpoint.stage not in stages:
                close = nearest(touchpoint.stage, stages)
                raise misfit(
                    f"no stage {touchpoint.stage!r}.",
                    "touchpoints",
                    number,
                    "stage",
                    expected=f"Expected one of: {', '.join(stages)}.",
                    hint=f"did you mean {close!r}?" if close else "leave it out where it floats",
                )
            if self.origin == "designed" and STATE_MARK in touchpoint.id:
                raise misfit(
                    f"{touchpoint.id!r} contains '@', which marks the stage of a floating touchpoint.",
                    "touchpoints",
                    number,
                    "id",
                    hint="use another character",
                )
            if self.origin == "observed" and touchpoint.floats_as:
                continue  # the stages of one floating touchpoint share their raw events
            for place, raw in enumerate(touchpoint.raw_events):
                key = (raw.event, raw.channel)
                if key in claimed:
                    where = ("events", place, "event") if touchpoint.events else ("id",)
                    raise misfit(
                        f"raw event {raw.event!r} already belongs to {claimed[key]!r}.",
                        "touchpoints",
                        number,
                        *where,
                        hint="name it at one touchpoint only, or tell the two by channel",
                    )
                claimed[key] = touchpoint.id

    def _check_transitions(self) -> None:
        known = self._node_names()
        seen: set[tuple[str, str]] = set()
        out: Counter[str] = Counter()
        for number, transition in enumerate(self.transitions):
            for end in ("source", "target"):
                name = getattr(transition, end)
                if name not in known:
                    close = nearest(name, known)
                    raise misfit(
                        f"no touchpoint {name!r}.",
                        "transitions",
                        number,
                        end,
                        expected="Expected the id of a touchpoint.",
                        hint=f"did you mean {close!r}?" if close else "add the touchpoint first",
                    )
            pair = (transition.source, transition.target)
            if pair in seen:
                raise misfit(
                    f"a transition from {pair[0]!r} to {pair[1]!r} stands twice.",
                    "transitions",
                    number,
                    hint="give it once, with the sum of the shares",
                )
            seen.add(pair)
            out[transition.source] += transition.share or 0.0  # type: ignore[assignment]
            if out[transition.source] > 1 + _TOLERANCE:
                raise misfit(
                    f"the shares out of {transition.source!r} sum to {out[transition.source]:.4g}.",
                    "transitions",
                    number,
                    "share",
                    expected="Expected at most 1.",
                )

    def _check_references(self) -> None:
        touchpoints = {touchpoint.id for touchpoint in self.touchpoints}
        touchpoints |= {touchpoint.floats_as for touchpoint in self.touchpoints if touchpoint.floats_as}
        stages = {stage.id for stage in self.stages}
        names = touchpoints | stages
        for number, name in enumerate(self.goal):
            if name not in names or (name not in touchpoints and len(self.goal) > 1):
                close = nearest(name, names)
                raise misfit(
                    f"no touchpoint or stage {name!r}.",
                    "goal",
                    number,
                    expected="Expected touchpoint ids, or one stage id.",
                    hint=f"did you mean {close!r}?" if close else "",
                )
        if self.origin == "designed":
            for number, persona in enumerate(self.personas):
                for name in persona.feelings:
                    if name not in touchpoints:
                        close = nearest(name, touchpoints)
                        raise misfit(
                            f"no touchpoint {name!r}.",
                            "personas",
                            number,
                            "feelings",
                            name,
                            hint=f"did you mean {close!r}?" if close else "",
                        )
        begin = sum(touchpoint.entry_share or 0.0 for touchpoint in self.touchpoints)
        if begin > 1 + _TOLERANCE:
            raise misfit(
                f"the entry shares sum to {begin:.4g}.", "touchpoints", expected="Expected at most 1."
            )

    def _node_names(self) -> dict[str, Touchpoint]:
        """Every name that a transition may use, with its touchpoint."""
        names: dict[str, Touchpoint] = {}
        for touchpoint in self.touchpoints:
            names[touchpoint.id] = touchpoint
            if touchpoint.stage is None:
                names |= {f"{touchpoint.id}{STATE_MARK}{stage.id}": touchpoint for stage in self.stages}
        return names

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """The journey as a frozen directed graph.

        Nodes are touchpoint ids in the order of the map, with attributes ``touchpoint`` and ``stage``; a
        floating touchpoint whose transitions name stages is one node for each of them. Edges carry
        ``transition`` and ``weight``: the share where one is known, else 1.
        """
        import networkx as nx  # noqa: PLC0415 - only graphs need it, and it takes long to load

        named = self._node_names()
        used = {end for t in self.transitions for end in (t.source, t.target)}
        graph: nx.DiGraph[str] = nx.DiGraph(name=self.name)
        for name, touchpoint in named.items():
            split = any(f"{touchpoint.id}{STATE_MARK}{stage.id}" in used for stage in self.stages)
            whole = name == touchpoint.id
            if (whole and not (split and touchpoint.stage is None and name not in used)) or name in used:
                stage = touchpoint.stage if whole else name.rpartition(STATE_MARK)[2]
                graph.add_node(name, touchpoint=touchpoint, stage=stage)
        for transition in self.transitions:
            weight = 1.0 if transition.share is None else transition.share
            graph.add_edge(transition.source, transition.target, transition=transition, weight=weight)
        return nx.freeze(graph)

    @cached_property
    def stage_graph(self) -> nx.DiGraph[str]:
        """The same by stage, frozen.

        Nodes are the stage ids in order, with attribute ``stage`` and the number of ``touchpoints``; edges
        carry ``count`` (the sum of the transitions' counts, None where none is known), ``transitions``
        (how many) and ``weight`` (the count, else the number of transitions). Transitions of a
        touchpoint that floats over all stages belong to no stage and are left out.
        """
        import networkx as nx  # noqa: PLC0415 - as above

        graph: nx.DiGraph[str] = nx.DiGraph(name=self.name)
        for stage in self.stages:
            graph.add_node(stage.id, stage=stage, touchpoints=0)
        for _, data in self.graph.nodes(data=True):
            if data["stage"] is not None:
                graph.nodes[data["stage"]]["touchpoints"] += 1
        for source, target, data in self.graph.edges(data=True):
            ends = self.graph.nodes[source]["stage"], self.graph.nodes[target]["stage"]
            if None in ends:
                continue
            if not graph.has_edge(*ends):
                graph.add_edge(*ends, count=None, transitions=0, weight=0)
            edge = graph.edges[ends]
            edge["transitions"] += 1
            if data["transition"].count is not None:
                edge["count"] = (edge["count"] or 0) + data["transition"].count
            edge["weight"] = edge["transitions"] if edge["count"] is None else edge["count"]
        return nx.freeze(graph)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy the journey, with other values for some fields; the copy makes its graphs anew."""
        copied = super().model_copy(update=update, deep=deep)
        for derived in ("graph", "stage_graph"):
            copied.__dict__.pop(derived, None)
        return copied

    def __iter__(self) -> Generator[tuple[str, Any], None, None]:  # noqa: PYI058 - as the class above says
        """Give the fields with their values; graphs are derived from them and no fields."""
        yield from ((name, getattr(self, name)) for name in type(self).model_fields)

    def __str__(self) -> str:
        """Say in a few lines what this journey is."""
        service = sum(touchpoint.is_service for touchpoint in self.touchpoints)
        stages = len({touchpoint.stage for touchpoint in self.touchpoints} - {None})
        ordered = f"{stages} stage{'' if stages == 1 else 's'}"
        size = f"{len(self.touchpoints)} touchpoints in {ordered} ({service} service)"
        head = (
            f"{self.name}: {self.origin} journey ({self.state}), {size}, {len(self.transitions)} transitions."
        )
        lines = [head, f"Goal: {', '.join(self.goal) or 'none'}."]
        seen = self.observation
        if seen is not None:
            lines.append(
                f"Counted from {seen.events:,} events of {seen.customers:,} customers, "
                f"{seen.start:%Y-%m-%d} to {seen.end:%Y-%m-%d}."
            )
            lines += [f"Only events where {words}." for words in seen.filters]
            lines += ["Without evidence: no intervals, no friction."] if seen.groups == 0 else []
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Name it; its fields would fill pages."""
        return f"<Journey {self.name!r}: {self.origin}, {len(self.touchpoints)} touchpoints>"

    def _repr_html_(self) -> str:
        """Show the same in a notebook."""
        return "<br>".join(escape(line) for line in str(self).splitlines())

    def touchpoint(self, touchpoint_id: str) -> Touchpoint:
        """Look up a touchpoint by its id.

        Parameters
        ----------
        touchpoint_id : str
            The id, or a floating touchpoint's ``id@stage``.

        Returns
        -------
        Touchpoint
            The touchpoint.

        Raises
        ------
        UnknownNameError
            No touchpoint has this id.
        """
        names = self._node_names()
        if touchpoint_id not in names:
            close = nearest(touchpoint_id, names)
            raise UnknownNameError.because(
                f"no touchpoint {touchpoint_id!r} in {self.name!r}.",
                hint=f"did you mean {close!r}?" if close else None,
            )
        return names[touchpoint_id]

    def stage(self, stage_id: str) -> Stage:
        """Look up a stage by its id.

        Parameters
        ----------
        stage_id : str
            The id.

        Returns
        -------
        Stage
            The stage.

        Raises
        ------
        UnknownNameError
            No stage has this id.
        """
        for stage in self.stages:
            if stage.id == stage_id:
                return stage
        known = [stage.id for stage in self.stages]
        raise UnknownNameError.because(
            f"no stage {stage_id!r} in {self.name!r}.", expected=f"Expected one of: {', '.join(known)}."
        )
