"""How far do journeys come, where are they lost, and how long do they stay at each stage?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from matplotlib.axes import Axes

from journeymap.errors import require
from journeymap.metrics.funnel import StageStep, stage_funnel
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.render.chart_parts import (
    MARGIN,
    caption,
    heading,
    interval,
    interval_entry,
    paragraph,
    row_name,
)
from journeymap.render.facts import journey_facts, origin_of
from journeymap.render.funnel_goal import goal_count, goal_estimate, goal_name
from journeymap.render.funnel_times import time_axis, time_entries, time_items
from journeymap.render.funnel_words import funnel_words
from journeymap.render.legend import with_legend
from journeymap.render.network_legend import short_percent
from journeymap.render.paint import paint
from journeymap.render.scene import TINT, Box, Dash, Item, Label, LegendEntry, Line, Scene
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["describe_funnel", "draw_funnel", "funnel_scene"]

_NAMES, _BARS, _COUNTS, _GUTTER, _TIMES = 1.85, 3.7, 1.75, 0.2, 3.7
_LEAST_BARS, _LEAST_TIMES = 2.1, 2.0
_BAR, _ROW, _LEAST = 0.36, 0.8, 0.004
_NARROWEST = 7.2
_ABOUT = "How far journeys come, stage by stage"
_EXPECTED = "expected from the design's shares, not counted"
_NO_TOUCHPOINTS = "This journey has no touchpoints yet, so there is no stage to reach."
_NO_STAGES = "None of the touchpoints belongs to a stage, so there is no stage to reach."


def draw_funnel(journey: Journey, *, ax: Axes | None = None, theme: Theme = DEFAULT_THEME) -> Axes:
    """How far do journeys come, where are they lost, and how long do they stay at each stage?

    One bar for each stage: the share of all journeys that come to it or to a later one. Its end shows those
    that come no further, the lost ones in the colour of losses. The last bar, where the journey has a goal,
    shows all journeys that reach it. Beside it, where times were measured, how
    long a journey stays at the stage.

    Parameters
    ----------
    journey : Journey
        Observed, or designed with entry shares and shares of its transitions.
    ax : Axes, optional
        Where to draw; a new figure of the size it needs when left out.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.

    Raises
    ------
    MissingEvidenceError
        Nothing says how many journeys come how far.
    """
    require(journey, Journey, "draw_funnel", hint="read or discover a journey first")
    return paint(funnel_scene(journey, theme=theme), ax, theme)


def describe_funnel(journey: Journey) -> str:
    """What does the picture of the funnel say, in sentences?

    Parameters
    ----------
    journey : Journey
        Observed, or designed with entry shares and shares of its transitions.

    Returns
    -------
    str
        One sentence a line.
    """
    require(journey, Journey, "describe_funnel", hint="read or discover a journey first")
    steps = _steps(journey)
    return (
        funnel_words(journey, steps, goal_estimate(journey))
        if steps
        else f"{journey.name}: {_missing(journey)}"
    )


def funnel_scene(journey: Journey, *, theme: Theme = DEFAULT_THEME) -> Scene:
    """Where does everything stand on the picture of the funnel?

    Parameters
    ----------
    journey : Journey
        Observed, or designed with entry shares and shares of its transitions.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Scene
        Without the panel of times where none is known; a sentence where there is no stage.
    """
    steps = _steps(journey)
    if not steps:
        return _empty(journey, theme)
    goal = goal_estimate(journey)
    timed = [step for step in steps if step.time is not None and step.time.value is not None]
    panel = _Panel(
        steps=steps,
        counted=journey.origin == "observed",
        goal=goal,
        left=MARGIN + _NAMES,
        width=max(_LEAST_BARS, _BARS / theme.scale),
    )
    right = panel.left + panel.width + _COUNTS
    room = max(_LEAST_TIMES, _TIMES / theme.scale)
    width = max(right + (_GUTTER + room if timed else 0.0) + MARGIN, _NARROWEST)
    head, under = heading(
        journey.name, journey_facts(journey, theme, about=_ABOUT, designed=_EXPECTED), width, theme
    )
    top = under + 0.5
    items: list[Item] = [*head, caption("journeys that get this far", panel.left, top - 0.1, theme)]
    items += _bars(panel, top, theme)
    bottom = top + _ROW * len(steps) - (_ROW - _BAR) + 0.3
    if goal is not None:
        items += _goal_row(panel, goal, goal_name(journey), top + _ROW * len(steps), theme)
        bottom = top + _ROW * len(steps) + _BAR + 0.1
    if timed:
        axis = time_axis(timed, right + _GUTTER, room)
        items.append(caption("time that a journey stays at the stage", axis.left, top - 0.1, theme))
        items += time_items(steps, axis, top, _ROW, _BAR, theme)
        bottom = max(bottom, top + _ROW * len(steps) + 0.24)
    return with_legend(
        items, _entries(steps, theme), y=bottom + 0.16, width=width, theme=theme,
        title=f"{journey.name}: {theme.word('how far journeys come')}",
        description=funnel_words(journey, steps, goal),
    )  # fmt: skip


def _steps(journey: Journey) -> tuple[StageStep, ...]:
    """Give the stages with touchpoints or journeys."""
    if not journey.touchpoints:
        return ()
    used = {touchpoint.stage for touchpoint in journey.touchpoints}
    return tuple(step for step in stage_funnel(journey) if step.stage in used or step.touched_share)


@dataclass(frozen=True, kw_only=True)
class _Panel:
    """The bars, and where they stand."""

    steps: Sequence[StageStep]
    counted: bool
    goal: Estimate | None
    left: float
    width: float

    def at(self, share: float) -> float:
        """Give the place of a share."""
        return self.left + self.width * share


def _bars(panel: _Panel, top: float, theme: Theme) -> Iterator[Item]:
    high = top + _ROW * (len(panel.steps) - (panel.goal is None)) + _BAR
    yield Line(points=((panel.left, top - 0.04), (panel.left, high + 0.04)), colour=theme.neutral, width=0.9)
    for place, (step, following) in enumerate(pairwise([*panel.steps, None])):
        if step is None:
            continue
        y = top + _ROW * place
        yield from row_name(
            theme.word(step.name), "", MARGIN, y + _BAR / 2, _NAMES - 0.15, theme, colour=theme.ink
        )
        onward = following.reached.value or 0.0 if following else 0.0
        yield from _bar(panel, step, onward, y, theme)
        if onward:
            yield Box(
                x=panel.left, y=y + _BAR, width=panel.width * onward, height=_ROW - _BAR,
                fill=theme.stage_tints[0], z=TINT,
            )  # fmt: skip
        yield from _lost(panel, step, y, theme)


def _touched(step: StageStep, theme: Theme) -> str:
    """Say how many journeys come to the stage itself, where some skip it on their way to a later one."""
    reached = step.reached.value or 0.0
    if step.touched_share > reached - 0.0005:
        return ""
    share = short_percent(step.touched_share)
    said = f"{step.touched:,} ({share})" if step.touched is not None else share
    return f"{said} {theme.word('come to it')}"


def _parts(step: StageStep, onward: float, *, goal: bool) -> Iterator[tuple[str, float]]:
    """Divide the journeys that get this far: they go on, win, are not decided, end, or are lost."""
    reached = step.reached.value or 0.0
    lost = reached * (step.lost_here.value or 0.0)
    rest = max(0.0, reached - lost - onward)
    undecided = min(rest, step.lost_here.censored / step.reached.n) if step.reached.n else 0.0
    yield "onward", onward
    yield ("won" if goal else "ended"), rest - undecided
    yield "open", undecided
    yield "lost", lost


def _part(mark: str, theme: Theme, x: float, y: float, width: float, height: float) -> Box:
    """How does a part of a bar look?"""
    bar = Box(x=x, y=y, width=width, height=height, mark=mark)
    if mark == "lost" and theme.pain_hatch:
        return replace(bar, fill=theme.pain_tint, edge=theme.pain, hatch=theme.pain_hatch)
    if mark in {"open", "ended"}:
        dash: Dash = "dashed" if mark == "open" else "solid"
        return replace(bar, fill=theme.paper, edge=theme.curve, dash=dash)
    fills = {"onward": theme.edge, "won": theme.stage_header, "lost": theme.pain}
    return replace(bar, fill=fills[mark])


def _bar(panel: _Panel, step: StageStep, onward: float, y: float, theme: Theme) -> Iterator[Item]:
    start = 0.0
    for mark, share in _parts(step, onward, goal=panel.goal is not None):
        if share * panel.width > _LEAST:
            yield _part(mark, theme, panel.at(start), y, share * panel.width, _BAR)
        start += share
        if mark == "won":
            clear = min(start, step.reached.low or 1.0)  # of the interval
            yield from _winners(panel, step, share, (panel.at(start - share), panel.at(clear)), y, theme)
    yield from _amount(panel, step.reached, step.reached_count, y, theme, _touched(step, theme))


def _winners(
    panel: _Panel, step: StageStep, share: float, ends: tuple[float, float], y: float, theme: Theme
) -> Iterator[Item]:
    """Write into the part of a bar that reached the goal how many these are, where there is room."""
    left, right = ends
    said = f"{round(share * step.reached.n):,}" if panel.counted else short_percent(share)
    texts = (f"{said} {theme.word('reach the goal')}", said)
    room = right - left - 0.16
    text = next((t for t in texts if text_width(t, theme.small_size, family=theme.family) <= room), "")
    if not text:
        return
    part = Box(x=left, y=y, width=right - left, height=_BAR)
    yield Label(
        x=left + 0.08, y=y + _BAR / 2, text=text, size=theme.small_size, va="center", inside=part,
        colour=theme.text_on(theme.stage_header),
    )  # fmt: skip


def _goal_row(panel: _Panel, goal: Estimate, name: str, y: float, theme: Theme) -> Iterator[Item]:
    """Draw all journeys that reach the goal, from whichever stage."""
    said = theme.word("Goal reached")
    note = name if name != said else ""
    yield from row_name(said, note, MARGIN, y + _BAR / 2, _NAMES - 0.15, theme, colour=theme.ink)
    value = goal.value or 0.0
    if value * panel.width > _LEAST:
        yield _part("won", theme, panel.left, y, value * panel.width, _BAR)
    yield from _amount(panel, goal, goal_count(goal), y, theme)


def _amount(
    panel: _Panel, share: Estimate, count: int | None, y: float, theme: Theme, note: str = ""
) -> Iterator[Item]:
    """Write beside a bar how long it is, with its interval, and a note below."""
    value = share.value or 0.0
    ends = [panel.at(value)]
    if share.low is not None and share.high is not None:
        ends.append(panel.at(share.high))
        yield from interval(
            panel.at(share.low), panel.at(share.high), y + _BAR / 2, theme, mark="interval", halo=theme.paper
        )
    text = short_percent(value)
    if panel.counted:
        text = f"{count or 0:,} {theme.word('of')} {share.n:,} ({text})"
    x, middle = max(ends) + 0.1, y + _BAR / 2
    off = line_height(theme.body_size) / 2 if note else 0.0
    yield Label(
        x=x, y=middle - off, text=text, size=theme.body_size, weight="bold", colour=theme.ink, va="center"
    )
    if note:
        room = panel.left + panel.width + _COUNTS - x
        line = wrap(note, room, theme.body_size, max_lines=1, family=theme.family)[0]
        yield Label(x=x, y=middle + off, text=line, size=theme.body_size, colour=theme.ink, va="center")


def _lost(panel: _Panel, step: StageStep, y: float, theme: Theme) -> Iterator[Item]:
    """Say below the end of a bar which share of it is lost."""
    share = step.lost_here.value
    if share is None or not share:
        return
    text = f"−{short_percent(share)} {theme.word('lost here')}"
    if panel.counted:
        text += f" ({round(share * step.lost_here.n):,})"
    room = panel.width + _COUNTS - 0.1
    line = "".join(wrap(text, room, theme.small_size, max_lines=1, family=theme.family))
    wide = text_width(line, theme.small_size, family=theme.family)
    reached = step.reached.value or 0.0
    start = panel.at(reached * (1 - share)) + 0.06
    x = max(panel.left + 0.06, min(start, panel.left + room - wide))
    yield Label(
        x=x, y=y + _BAR + 0.05, text=line, size=theme.small_size, colour=theme.loss_text,
        inside=Box(x=panel.left, y=y + _BAR, width=room + 0.1, height=_ROW - _BAR),
    )  # fmt: skip


def _entries(steps: Sequence[StageStep], theme: Theme) -> Iterator[LegendEntry]:
    for mark, text in (
        ("onward", "go on to a later stage"),
        ("won", "reach the goal; at a stage: and come no further"),
        ("ended", "come no further"),
        ("open", "come no further and are not decided yet"),
        ("lost", "lost, having come no further; share of those that got this far"),
    ):
        box = _part(mark, theme, 0.0, -0.06, 0.16, 0.12)
        yield LegendEntry(marks=(box,), text=text, mark=mark)
    yield interval_entry(next((step.reached.level for step in steps), 0.95), theme)
    yield from time_entries(theme)


def _missing(journey: Journey) -> str:
    return _NO_STAGES if journey.touchpoints else _NO_TOUCHPOINTS


def _empty(journey: Journey, theme: Theme) -> Scene:
    facts = [theme.word(_ABOUT), origin_of(journey, theme)]
    items, under = heading(journey.name, facts, _NARROWEST, theme)
    said, high = paragraph(theme.word(_missing(journey)), MARGIN, under + 0.2, _NARROWEST - 2 * MARGIN, theme)
    return with_legend(
        [*items, *said], (), y=under + 0.3 + high, width=_NARROWEST, theme=theme,
        title=f"{journey.name}: {theme.word('how far journeys come')}",
        description=f"{journey.name}: {_missing(journey)}",
    )  # fmt: skip
