"""Draft a first design from a log, for people to edit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from journeymap.events.census import take_census
from journeymap.events.discover import discover_journey
from journeymap.events.log import EventLog
from journeymap.events.words import Guess, guess_from_words, readable_name
from journeymap.model.journey import Journey
from journeymap.model.stages import STANDARD_STAGES
from journeymap.model.touchpoints import EventName, Touchpoint

__all__ = ["draft_design"]

_IDENTIFIER = re.compile(r"[^\w]+")
_USUAL_CHANNEL = 0.05


def draft_design(log: EventLog, *, name: str = "Draft of the journey") -> Journey:
    """What might the design behind this log look like?

    Every raw event becomes a touchpoint. Its stage is guessed from the words in its name, else from its
    mean place in the journeys relative to the events whose words are clear; service and channel are
    guessed from words, the channel from the log where it has one. Service that happens at several
    stages is left to float.

    Parameters
    ----------
    log : EventLog
        The events.
    name : str
        The title of the design.

    Returns
    -------
    Journey
        A designed journey without goal and transitions. Each touchpoint names the fields that were guessed
        in ``guessed``; `check_journey` reports them until a person has removed them.

    Raises
    ------
    InvalidLogError
        The log cannot be read.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({"who": ["a", "a"], "what": ["home", "support_chat"], "when": ["2024-05-01"] * 2})
    >>> design = draft_design(EventLog(table, customer_col="who", event_col="what", time_col="when"))
    >>> [(t.id, t.stage, t.guessed) for t in design.touchpoints]
    [('home', 'discovery', ('stage', 'channels')), ('support_chat', None, ('stage', 'channels', 'service'))]
    """
    observed = discover_journey(log, evidence=False)
    guesses = {t.id: guess_from_words(t.id) for t in observed.touchpoints}
    channels = _channels_of(log)
    stages = _stages(observed, guesses)
    drafted = [_drafted(t, guesses[t.id], stages[t.id], channels) for t in observed.touchpoints]
    ranks = {stage.id: n for n, stage in enumerate(STANDARD_STAGES)}
    place = {t.id: t.visits.position if t.visits else 0.0 for t in observed.touchpoints}
    raw = [t.events[0].event for t in drafted]
    order = sorted(range(len(drafted)), key=lambda n: (_rank(drafted[n], ranks), place[raw[n]], raw[n]))
    return Journey(
        name=name,
        description="Drafted from an event log. Check every guessed field, then remove it from 'guessed'; "
        "say under 'goal' what wins a journey.",
        touchpoints=tuple(_unique([drafted[n] for n in order])),
    )


def _rank(touchpoint: Touchpoint, ranks: dict[str, int]) -> int:
    return len(ranks) if touchpoint.stage is None else ranks[touchpoint.stage]


def _drafted(
    found: Touchpoint, guess: Guess, stage: str | None, logged: dict[str, tuple[str, ...]] | None
) -> Touchpoint:
    channels = (guess.channel,) if logged is None and guess.channel else (logged or {}).get(found.id, ())
    guessed = ["stage"]
    if channels and logged is None:
        guessed.append("channels")
    if guess.service is not None:
        guessed.append("service")
    return Touchpoint(
        id=_IDENTIFIER.sub("_", found.id).strip("_").lower() or "event",
        name=readable_name(found.id),
        stage=stage,
        channels=channels,
        service=guess.service,
        events=(EventName(event=found.id),),
        guessed=tuple(guessed),
    )


def _unique(touchpoints: Sequence[Touchpoint]) -> list[Touchpoint]:
    """Number ids that two raw events would share."""
    seen: Counter[str] = Counter()
    taken = {t.id for t in touchpoints}
    found = []
    for touchpoint in touchpoints:
        seen[touchpoint.id] += 1
        own = touchpoint.id
        while seen[touchpoint.id] > 1 and own in taken:
            own = f"{touchpoint.id}_{seen[touchpoint.id]}"
            seen[touchpoint.id] += own in taken
        taken.add(own)
        found.append(touchpoint if own == touchpoint.id else touchpoint.model_copy(update={"id": own}))
    return found


def _stages(observed: Journey, guesses: dict[str, Guess]) -> dict[str, str | None]:
    """A stage for each event: from words; service floats; the rest by its place between the others."""
    place = {t.id: t.visits.position if t.visits else 0.0 for t in observed.touchpoints}
    clear = [
        (place[event], guess.stage) for event, guess in guesses.items() if guess.stage and not guess.service
    ]
    found: dict[str, str | None] = {}
    for event, guess in guesses.items():
        if guess.stage is not None:
            found[event] = guess.stage
        elif guess.service is not None:
            found[event] = None
        elif clear:
            found[event] = min(clear, key=lambda known: abs(known[0] - place[event]))[1]
        else:
            found[event] = _by_place(place[event])
    return found


def _by_place(position: float) -> str:
    return STANDARD_STAGES[min(int(position * len(STANDARD_STAGES)), len(STANDARD_STAGES) - 1)].id


def _channels_of(log: EventLog) -> dict[str, tuple[str, ...]] | None:
    """The channels of each event by frequency, rare ones left out; None where the log does not tell."""
    if log.channel_col is None:
        return None
    with log.open() as opened:
        raw = take_census(opened, by_channel=True, by_group=False).raw
    totals: Counter[str] = Counter()
    for event in raw:
        totals[event.event] += event.count
    found: dict[str, tuple[str, ...]] = {}
    for event in sorted(raw, key=lambda event: (-event.count, event.channel or "")):
        if event.channel and event.count >= _USUAL_CHANNEL * totals[event.event]:
            found[event.event] = (*found.get(event.event, ()), event.channel)
    return found
