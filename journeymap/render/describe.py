"""What does a figure say to a reader who does not see it?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import singledispatch

from matplotlib.axes import Axes

from journeymap.analysis.driver_report import DriverReport
from journeymap.analysis.friction_report import FrictionReport
from journeymap.analysis.moments_report import MomentsReport
from journeymap.analysis.priorities import Priorities
from journeymap.analysis.service_view import ServiceView
from journeymap.analysis.what_if_result import WhatIf
from journeymap.analysis.wording import between, percent, spoken_time
from journeymap.model.cohorts import Cohorts
from journeymap.model.journey import Journey, Persona
from journeymap.model.measures import Estimate
from journeymap.model.panel import BehaviourPanel
from journeymap.model.scorecard import Scorecard
from journeymap.model.touchpoints import PainPoint, Touchpoint
from journeymap.render.cohorts_words import cohorts_words
from journeymap.render.driver_chart import describe_drivers
from journeymap.render.friction_chart_words import describe_friction
from journeymap.render.map_columns import Column, Who, choose_columns, choose_personas
from journeymap.render.map_feeling import feeling_text
from journeymap.render.map_lanes import channel_name
from journeymap.render.map_metrics import Counted, counted
from journeymap.render.map_numbers import few
from journeymap.render.map_scores import score_in_words
from journeymap.render.paint import scene_of
from journeymap.render.panel_words import panel_words
from journeymap.render.persona import describe_persona
from journeymap.render.priority_chart import describe_priorities
from journeymap.render.scorecard_words import scorecard_words
from journeymap.render.service_chart_words import describe_service
from journeymap.render.what_if_chart import describe_what_if

__all__ = ["describe", "describe_map"]


@singledispatch
def describe(value: object) -> str:
    """What does the figure of this value say, in sentences?

    Parameters
    ----------
    value : Axes, Journey or result
        Axes that a ``draw_`` function returned, or what is drawn: a FrictionReport, WhatIf, Priorities,
        MomentsReport, DriverReport, ServiceView, Persona, Scorecard, Cohorts or BehaviourPanel; of a journey
        its map is described.

    Returns
    -------
    str
        Plain sentences from the same numbers as the figure: first what matters, then everything by name.

    Raises
    ------
    TypeError
        A value that no figure shows.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[
    ...     {"id": "ad", "stage": "discovery", "feeling": 1},
    ...     {"id": "help", "stage": "purchase", "feeling": -1, "service": {}}])
    >>> print(describe(journey).splitlines()[0])
    Shop: a designed journey (as-is) of 2 touchpoints in 2 stages: Discovery (1), Purchase (1).
    """
    raise TypeError(
        f"no text alternative for {type(value).__name__}. "
        "Expected a Journey, FrictionReport, WhatIf, Priorities, MomentsReport, DriverReport, ServiceView, "
        "Persona, Scorecard, Cohorts, BehaviourPanel, or Axes with a figure of journeymap."
    )


def _listed(words: Iterable[str]) -> str:
    *most, last = list(words)
    return f"{', '.join(most)} and {last}" if most else last


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


@describe.register
def _(value: Axes) -> str:
    scene = scene_of(value)
    if scene is None:
        raise TypeError("no text alternative for these Axes: no figure of journeymap was drawn on them.")
    return scene.description


@describe.register
def _(value: Journey) -> str:
    return describe_map(value)


def describe_map(value: Journey, *, persona: Who = None, path: Sequence[str] | None = None) -> str:
    """What does the map of a journey say, in sentences?

    Parameters
    ----------
    value : Journey
        The journey.
    persona : str, Persona or a sequence of these, optional
        Whose feelings the map shows; those of the journey when left out.
    path : sequence of str, optional
        The touchpoints that the map shows instead of all.

    Returns
    -------
    str
        The whole in a few sentences, then one line a touchpoint with its texts uncut.
    """
    personas = choose_personas(value, persona)
    one = personas[0] if len(personas) == 1 else None
    columns = choose_columns(value, persona=one, path=path)
    shown = columns.shown
    lines = [_opening(value, shown), *_observed(value), *_asked(value), *_service(shown), *_feelings(shown)]
    if columns.left_out:
        lines.append(
            f"The map leaves out {_counted(columns.left_out, 'touchpoint')} that few customers visit."
        )
    lines += _pains(shown)
    if one is not None and one.feelings:
        lines.append(f"Feelings are those of {one.name} where they differ, and assumed.")
    lines += [_felt_by(persona, shown) for persona in personas if one is None]
    numbers = counted(value)
    lines += [_in_words(value, column, numbers) for column in shown]
    return "\n".join(lines)


def _felt_by(persona: Persona, shown: tuple[Column, ...]) -> str:
    """Say where a persona feels otherwise than the journey in general."""
    own = [
        f"{feeling_text(persona.feelings[name])} at {column.touchpoint.name}"
        for column in shown
        for name in (column.touchpoint.id, column.touchpoint.floats_as)
        if name in persona.feelings
    ]
    if not own:
        return f"{persona.name} feels as the journey in general."
    return f"{persona.name} feels, as is assumed, {_listed(dict.fromkeys(own))}; elsewhere as in general."


def _pains(shown: tuple[Column, ...]) -> list[str]:
    """Count what hurts, once for all stages of a floating touchpoint, and name the worst."""
    pains = list(
        dict.fromkeys(
            (pain.text, pain.severity or 0, column.touchpoint.floats_as or column.touchpoint.id)
            for column in shown
            for pain in column.touchpoint.pain_points
        )
    )
    if not pains:
        return []
    text = f"It names {_counted(len(pains), 'pain point')}"
    worst = max(severity for _, severity, _ in pains)
    if not worst:
        return [f"{text}."]
    names = {column.touchpoint.floats_as or column.touchpoint.id: column.touchpoint.name for column in shown}
    named = _listed(f"“{said}” at {names[where]}" for said, severity, where in pains if severity == worst)
    return [f"{text}; most severe ({worst} of 5): {named}."]


def _opening(journey: Journey, shown: tuple[Column, ...]) -> str:
    stages = Counter(column.stage_name for column in shown if column.stage)
    floating = sum(not column.stage for column in shown)
    kind = f"a designed journey ({journey.state})" if journey.origin == "designed" else "an observed journey"
    text = f"{journey.name}: {kind} of {_counted(len(shown), 'touchpoint')}"
    where = ", ".join(f"{name} ({count})" for name, count in stages.items())
    if stages:
        text += f" in {_counted(len(stages), 'stage')}: {where}"
    return f"{text}; {floating} at any stage." if floating else f"{text}."


def _observed(journey: Journey) -> list[str]:
    seen = journey.observation
    if seen is None:
        return []
    # Without a goal nobody can miss it.
    lost = "were lost" if journey.goal or seen.won else "have ended"
    ends = ", ".join(
        f"{count:,} {word}"
        for count, word in (
            (seen.won, "reached the goal"),
            (seen.lost, lost),
            (seen.open, "is open" if seen.open == 1 else "are open"),
        )
        if count
    )
    return [
        f"Counted from {_counted(seen.customers, 'customer')}, {_counted(seen.journeys, 'journey')} and "
        f"{_counted(seen.events, 'event')}, {seen.start.date().isoformat()} to {seen.end.date().isoformat()}"
        + (f"; of the journeys, {ends}." if ends else "."),
        *_filtered(seen.filters),
    ]


def _asked(journey: Journey) -> list[str]:
    """Say from whom answers and tickets come, where they were laid on."""
    lines: list[str] = []
    if journey.answers is not None:
        asked, customers = len(journey.answers.questions), journey.answers.customers
        lines.append(f"A survey asked {_counted(customers, 'customer')} {_counted(asked, 'question')}.")
    if journey.contacts is not None:
        contacts, customers = journey.contacts.contacts, journey.contacts.customers
        lines.append(
            f"Tickets tell of {_counted(contacts, 'contact')} of {_counted(customers, 'customer')} with the "
            "service desk."
        )
    return lines


def _filtered(filters: Sequence[str]) -> list[str]:
    return [f"The log was filtered: {'; '.join(filters)}."] if filters else []


def _service(shown: tuple[Column, ...]) -> list[str]:
    service = [column for column in shown if column.touchpoint.is_service]
    if not service:
        return ["None of the touchpoints is a service interaction."] if shown else []
    names = _listed(f"{column.touchpoint.name} ({column.stage_name})" for column in service)
    verb = "is a service interaction" if len(service) == 1 else "are service interactions"
    sentence = f"{len(service)} of {len(shown)} {verb}: {names}."
    visits = [column.touchpoint.visits for column in shown]
    total = sum(visit.count for visit in visits if visit)
    if total:
        inside = sum(column.touchpoint.visits.count for column in service if column.touchpoint.visits)
        sentence += f" They take {_percent(inside / total)} of the visits."
    return [sentence]


def _feelings(shown: tuple[Column, ...]) -> list[str]:
    known = [(column.feeling, column) for column in shown if column.feeling is not None]
    if not known:
        return ["No feelings are known."] if shown else []
    values = [value for value, _ in known]
    if min(values) == max(values):
        spread = f"Feeling is {feeling_text(values[0])} wherever it is known"
    else:
        low, high = (
            _listed(_places([column for value, column in known if value == end], shown))
            for end in (min(values), max(values))
        )
        spread = (
            f"Feeling is lowest ({feeling_text(min(values))}) at {low} and highest "
            f"({feeling_text(max(values))}) at {high}"
        )
    assumed = sum(column.assumed for _, column in known)
    unknown = len(shown) - len(known)
    notes = [
        f"{number} {words}"
        for number, words in (
            (assumed, f"of {len(known)} {'is' if assumed == 1 else 'are'} assumed"),
            (unknown, f"{'is' if unknown == 1 else 'are'} not known"),
        )
        if number
    ]
    return [f"{spread}; {', '.join(notes)}." if notes else f"{spread}."]


def _places(found: Sequence[Column], shown: tuple[Column, ...]) -> list[str]:
    """Name touchpoints, each once; with their stages where one name stands at several."""
    stages: dict[str, list[str]] = {}
    for column in found:
        stages.setdefault(column.touchpoint.name, []).append(column.stage_name)
    everywhere = {name: {c.stage_name for c in shown if c.touchpoint.name == name} for name in stages}
    return [
        f"{name} ({_listed(dict.fromkeys(where))})" if len(everywhere[name]) > 1 else name
        for name, where in stages.items()
    ]


def _in_words(journey: Journey, column: Column, numbers: Counted) -> str:
    """Say everything that the map shows of one touchpoint, uncut."""
    touchpoint = column.touchpoint
    what = ["service"] if touchpoint.is_service else []
    what += ["moment of truth"] if touchpoint.moment_of_truth else []
    if touchpoint.channels:
        what.append(f"by {_listed(channel_name(journey, channel) for channel in touchpoint.channels)}")
    if column.feeling is not None:
        what.append(f"feeling {feeling_text(column.feeling)}{' (assumed)' if column.assumed else ''}")
    if touchpoint.visits:
        what.append(f"{touchpoint.visits.count:,} visits, {_percent(touchpoint.visits.share)} of journeys")
    what += _estimates(touchpoint.id, numbers)
    facts = f"{column.stage_name}, {touchpoint.name}{': ' + ', '.join(what) if what else ''}."
    return " ".join([facts, *_scores(touchpoint), *_texts(touchpoint)])


def _scores(touchpoint: Touchpoint) -> list[str]:
    """Say what answers and tickets found here, with intervals."""
    return [
        f"{name}: {'; '.join(told)}."
        for name, source in (("Answers", "answers"), ("Service desk", "tickets"))
        if (told := [score_in_words(score) for score in touchpoint.scores if score.source == source])
    ]


def _estimates(touchpoint: str, numbers: Counted) -> list[str]:
    """Say drop-off and wait with their intervals."""
    lost, wait = numbers.drop_off.get(touchpoint), numbers.waits.get(touchpoint)
    parts: list[str] = []
    if lost is not None and lost.value is not None:
        parts.append(f"drop-off {percent(lost.value)}{_around(between(lost))}{_few(lost)}")
    if wait is not None and wait.value is not None:
        around = _around(between(wait, "time"))
        parts.append(f"median wait {spoken_time(wait.value)}{around}{_few(wait)}")
    return parts


def _around(ends: str) -> str:
    return f" ({ends})" if ends else ""


def _few(estimate: Estimate) -> str:
    return " from a small sample" if few(estimate) else ""


def _texts(touchpoint: Touchpoint) -> list[str]:
    parts = (
        ("Doing", touchpoint.doing),
        ("Thinking", touchpoint.thinking),
        ("Pain points", "; ".join(_pain_in_words(pain) for pain in touchpoint.pain_points)),
        ("Opportunities", "; ".join(touchpoint.opportunities)),
        ("Owner", touchpoint.owner or ""),
        ("Evidence", "; ".join(touchpoint.evidence)),
        ("Frontstage", "; ".join(touchpoint.frontstage)),
        ("Backstage", "; ".join(touchpoint.backstage)),
        ("Systems", ", ".join(touchpoint.systems)),
    )
    return [f"{name}: {_sentence(text)}" for name, text in parts if text.strip()]


def _pain_in_words(pain: PainPoint) -> str:
    return f"{pain.text} ({pain.severity})" if pain.severity else pain.text


def _sentence(text: str) -> str:
    words = " ".join(text.split())
    return words if words.endswith((".", "?", "!", "。", "？", "！", "…")) else f"{words}."


@describe.register
def _(value: FrictionReport) -> str:
    return describe_friction(value)


@describe.register
def _(value: WhatIf) -> str:
    return describe_what_if(value)


@describe.register
def _(value: Priorities) -> str:
    return describe_priorities(value)


@describe.register
def _(value: MomentsReport) -> str:
    return str(value)


@describe.register
def _(value: DriverReport) -> str:
    return describe_drivers(value)


@describe.register
def _(value: ServiceView) -> str:
    return describe_service(value)


@describe.register
def _(value: Persona) -> str:
    return describe_persona(value)


@describe.register
def _(value: Scorecard) -> str:
    return scorecard_words(value)


@describe.register
def _(value: Cohorts) -> str:
    return cohorts_words(value)


@describe.register
def _(value: BehaviourPanel) -> str:
    return panel_words(value)
