"""How do journeys flow: through the stages, or from touchpoint to touchpoint?"""

from __future__ import annotations

from typing import Literal, TypeAlias

from matplotlib.axes import Axes

from journeymap.errors import UnknownNameError, nearest, require
from journeymap.model.journey import Journey
from journeymap.render.chart_parts import MARGIN, heading, paragraph
from journeymap.render.facts import journey_facts, origin_of
from journeymap.render.flow_legend import flow_legend
from journeymap.render.flow_position_bars import position_items
from journeymap.render.flow_positions import PositionFlow, position_flow
from journeymap.render.flow_stage_bars import stage_items
from journeymap.render.flow_stages import StageFlow, stage_flow
from journeymap.render.flow_words import described
from journeymap.render.legend import with_legend
from journeymap.render.paint import paint
from journeymap.render.scene import Item, Scene
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["describe_flow", "draw_flow", "flow_scene"]

By: TypeAlias = Literal["stage", "position"]
_POSITIONS = 6  # so many places fit a page at the default type size
_NARROWEST = 7.2
_EXPECTED = "expected from the design's shares, not counted"
_NOTHING = "This journey has no touchpoints yet, so there is nothing to follow."


def draw_flow(
    journey: Journey,
    *,
    ax: Axes | None = None,
    theme: Theme = DEFAULT_THEME,
    by: By = "stage",
    positions: int | None = None,
    highlight: str | None = None,
) -> Axes:
    """How do journeys flow, and where do they end?

    By stage, a ribbon runs through the bars of the stages that its journeys come to and above those that
    they skip. By position, the columns are the first, second, third … touchpoint of the journeys. What
    ends leaves the bar where it was last, in a short band of its own: what is lost in the colour of losses.

    Parameters
    ----------
    journey : Journey
        Observed, or designed with entry shares and shares of its transitions.
    ax : Axes, optional
        Where to draw; a new figure of the size it needs when left out.
    theme : Theme
        Colours, sizes and words.
    by : {"stage", "position"}
        What the columns are.
    positions : int, optional
        How many touchpoints of each journey are shown by position; six when left out, fewer in large type.
    highlight : str, optional
        A stage whose journeys are brought out; by position, a touchpoint or a stage.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.

    Raises
    ------
    MissingEvidenceError
        Nothing says how many journeys go which way.
    UnknownNameError
        There is no such way to draw it, or nothing with the highlighted name.
    """
    require(journey, Journey, "draw_flow", hint="read or discover a journey first")
    scene = flow_scene(journey, theme=theme, by=by, positions=positions, highlight=highlight)
    return paint(scene, ax, theme)


def flow_scene(
    journey: Journey,
    *,
    theme: Theme = DEFAULT_THEME,
    by: By = "stage",
    positions: int | None = None,
    highlight: str | None = None,
) -> Scene:
    """Where does everything stand on the picture of flows?

    Parameters
    ----------
    journey : Journey
        Observed, or designed with entry shares and shares of its transitions.
    theme : Theme
        Colours, sizes and words.
    by : {"stage", "position"}
        What the columns are.
    positions : int, optional
        How many touchpoints of each journey are shown by position.
    highlight : str, optional
        A stage whose journeys are brought out; by position, a touchpoint or a stage.

    Returns
    -------
    Scene
        Where the journey has no touchpoints, with a sentence that says so.
    """
    if not journey.touchpoints:
        return _empty(journey, theme)
    places = max(2, int(_POSITIONS / theme.scale)) if positions is None else positions
    flow = _content(journey, by, places, highlight)
    drawn = stage_items(flow, 0.0, theme) if isinstance(flow, StageFlow) else position_items(flow, 0.0, theme)
    items, wide, high = drawn
    width = max(wide, _NARROWEST)
    head, under = heading(journey.name, _facts(journey, flow, theme), width, theme)
    top = under + 0.24
    return with_legend(
        [*head, *(item.moved(0.0, top) for item in items)],
        flow_legend(flow, theme),
        y=top + high + 0.26,
        width=width,
        theme=theme,
        title=f"{journey.name}: {theme.word(_what(flow).lower())}",
        description=described(journey.name, flow),
    )


def describe_flow(journey: Journey, *, by: By = "stage", positions: int = _POSITIONS) -> str:
    """What does the picture of flows say, in sentences?

    Parameters
    ----------
    journey : Journey
        Observed, or designed with entry shares and shares of its transitions.
    by : {"stage", "position"}
        What the columns are.
    positions : int
        How many touchpoints of each journey are told by position.

    Returns
    -------
    str
        One sentence a line.
    """
    require(journey, Journey, "describe_flow", hint="read or discover a journey first")
    if not journey.touchpoints:
        return f"{journey.name}: {_NOTHING}"
    return described(journey.name, _content(journey, by, positions, None))


def _content(journey: Journey, by: str, positions: int, highlight: str | None) -> StageFlow | PositionFlow:
    if by == "stage":
        return stage_flow(journey, highlight)
    if by == "position":
        return position_flow(journey, positions, highlight)
    close = nearest(by, ["stage", "position"])
    raise UnknownNameError.because(
        f"by: cannot draw a flow by {by!r}.",
        expected="Expected one of: stage, position.",
        hint=f"did you mean {close!r}?" if close else None,
    )


def _what(flow: StageFlow | PositionFlow) -> str:
    if isinstance(flow, StageFlow):
        return "Flow of journeys through the stages"
    return "Flow of journeys from touchpoint to touchpoint"


def _facts(journey: Journey, flow: StageFlow | PositionFlow, theme: Theme) -> list[str]:
    facts = journey_facts(journey, theme, about=_what(flow), designed=_EXPECTED)
    facts.append(theme.word("shares are of all journeys"))
    if isinstance(flow, StageFlow) and flow.outside:
        facts.append(f"{flow.amount(flow.outside)} {theme.word('come to no stage and are not drawn')}")
    return facts


def _empty(journey: Journey, theme: Theme) -> Scene:
    facts = [theme.word("Flow of journeys"), origin_of(journey, theme)]
    items, under = heading(journey.name, facts, _NARROWEST, theme)
    said, high = paragraph(theme.word(_NOTHING), MARGIN, under + 0.2, _NARROWEST - 2 * MARGIN, theme)
    drawn: list[Item] = [*items, *said]
    return with_legend(
        drawn, (), y=under + 0.3 + high, width=_NARROWEST, theme=theme,
        title=f"{journey.name}: {theme.word('flow of journeys')}",
        description=f"{journey.name}: {_NOTHING}",
    )  # fmt: skip
