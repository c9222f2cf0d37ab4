"""What would each fix bring, and all of them together: a waterfall from conversion now to conversion then?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes

from journeymap.analysis.what_if_result import MODEL_IMPLIED, WhatIf, points_text, signed_number
from journeymap.analysis.wording import spoken_time
from journeymap.errors import require
from journeymap.model.measures import Estimate
from journeymap.render.chart_parts import (
    MARGIN,
    Axis,
    bar,
    caption,
    heading,
    interval,
    interval_entry,
    paragraph,
    round_steps,
    service_entry,
    signed,
)
from journeymap.render.facts import filtered, period_of
from journeymap.render.legend import with_legend
from journeymap.render.paint import paint
from journeymap.render.scene import GRID, TEXT, Box, Item, Label, LegendEntry, Line, Scene
from journeymap.render.text import wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["describe_what_if", "draw_what_if", "what_if_scene"]

_NAMES, _PLOT, _AMOUNTS, _TIMES = 2.75, 3.9, 1.75, 1.3
_LEAST_NAMES, _LEAST_PLOT = 1.9, 1.6
_BAR, _LEAST_ROW, _MOST_LINES = 0.2, 0.44, 4
_LEAST_SPAN = 0.001
_NOTHING, _LEAST_SECONDS = 5e-7, 0.5


def draw_what_if(what_if: WhatIf, *, ax: Axes | None = None, theme: Theme = DEFAULT_THEME) -> Axes:
    """What would each fix bring, and all of them together?

    A waterfall of changes in conversion: it begins at conversion as it is now, each fix adds or takes away
    what it would bring by itself, then comes what the fixes bring beside each other more or less than
    alone, and the last bar is all of them together. Every bar has its interval. A single fix has one bar,
    and conversion with it stands below in words.

    Parameters
    ----------
    what_if : WhatIf
        What `what_if` answered.
    ax : Axes, optional
        Where to draw; a new figure of the size it needs when left out.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.
    """
    require(what_if, WhatIf, "draw_what_if", hint="ask first: what_if(journey, LowerExit(...))")
    return paint(what_if_scene(what_if, theme=theme), ax, theme)


def describe_what_if(what_if: WhatIf) -> str:
    """What does the waterfall of a what-if say, in sentences?

    Parameters
    ----------
    what_if : WhatIf
        What `what_if` answered.

    Returns
    -------
    str
        One sentence a line.
    """
    said = [f"{what_if.journey}: what would {_count(what_if)} bring? {_finding(what_if)}"]
    for step in what_if.steps:
        service = " (service)" if step.is_service else ""
        said.append(f"{step.words}{service}, alone: {points_text(step.gain)}{_time_words(step.time_gain)}.")
    if len(what_if.steps) > 1:
        said.append(f"Beside each other: {points_text(what_if.interaction)}.")
    said.append(f"Together: {points_text(what_if.gain)}{_time_words(what_if.time_gain)}.")
    return "\n".join([*said, f"All this is {MODEL_IMPLIED}."])


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A line of the waterfall: its bar runs from `start` by `gain`."""

    name: str
    mark: str
    start: float = 0.0
    gain: Estimate | None = None
    amounts: tuple[str, str] = ("", "")
    time: str = ""
    service: bool = False
    strong: bool = False

    @property
    def end(self) -> float:
        return self.start + ((self.gain.value or 0.0) if self.gain else 0.0)


def what_if_scene(what_if: WhatIf, *, theme: Theme = DEFAULT_THEME) -> Scene:
    """Where does everything stand on the waterfall of a what-if?

    Parameters
    ----------
    what_if : WhatIf
        What `what_if` answered.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Scene
        A row for conversion now, for each fix, for what they do to each other, and for all together. Bars
        are changes, so that their axis begins at no change and their lengths can be compared.
    """
    rows = list(_rows(what_if, theme))
    timed = any(row.time for row in rows)
    if timed:
        still = theme.word("no change")
        rows = [replace(row, time=row.time or still) if row.gain is not None else row for row in rows]
    names = max(_LEAST_NAMES, _NAMES / theme.scale)
    # large type has as much room on the page, and takes more of it for the words
    plot = max(
        _LEAST_PLOT, (_NAMES + _PLOT) / theme.scale - names - (_AMOUNTS + _TIMES) * (1 - 1 / theme.scale)
    )
    left = MARGIN + names
    width = left + plot + 0.12 + _AMOUNTS + (_TIMES if timed else 0.0) + MARGIN
    items, y = heading(what_if.journey, _facts(what_if, theme), width, theme)
    said, high = paragraph(
        _finding(what_if), MARGIN, y + 0.12, width - 2 * MARGIN, theme, size=theme.stage_size
    )
    items += said
    top = y + 0.12 + high + 0.42
    axis = _axis(rows, left, plot)
    laid, bottom = _laid(rows, axis, names, (top, width - MARGIN), theme)
    right = left + plot + 0.12
    items.append(caption("change in conversion, points", left, top - 0.07, theme))
    if timed:
        items.append(caption("a journey would take", right + _AMOUNTS, top - 0.07, theme))
    items += laid
    items += _lines(axis, top, bottom, theme)
    notes, high = paragraph(
        _note(what_if, theme), MARGIN, bottom + 0.34, width - 2 * MARGIN, theme, size=theme.small_size,
        colour=theme.muted,
    )  # fmt: skip
    return with_legend(
        [*items, *notes], _legend(what_if, theme), y=bottom + 0.34 + high + 0.1, width=width, theme=theme,
        title=f"{what_if.journey}: {theme.word('what if?')}", description=describe_what_if(what_if),
    )  # fmt: skip


def _facts(what_if: WhatIf, theme: Theme) -> list[str]:
    facts = [theme.word("What if?"), theme.word("model-implied")]
    customers = f"{what_if.customers:,} {theme.word('customers')}"
    facts.append(f"n = {customers}, {what_if.journeys:,} {theme.word('decided journeys')}")
    return [*facts, *period_of(what_if.period), *filtered(what_if.filters, theme)]


def _count(what_if: WhatIf) -> str:
    count = len(what_if.steps)
    return "this fix" if count == 1 else f"these {count} fixes"


def _finding(what_if: WhatIf) -> str:
    first, *rest = what_if.story()
    return " ".join([f"With {_count(what_if)} {first}", *rest])


def _note(what_if: WhatIf, theme: Theme) -> str:
    text = "Customers who leave may differ from those who stay: a gain is"
    alone = theme.word("Each bar of a fix shows what it brings by itself.")
    model = f"{theme.word(text)} {theme.word(MODEL_IMPLIED)}."
    return f"{alone} {model}" if len(what_if.steps) > 1 else model


def _rows(what_if: WhatIf, theme: Theme) -> Iterator[_Row]:
    before, total = what_if.before, what_if.gain
    yield _Row(name=theme.word("Conversion now"), mark="",
               amounts=(f"{_percent(before.value)} %", _between(before, theme)),
               strong=True)  # fmt: skip
    at = 0.0
    for step in what_if.steps:
        yield _Row(
            name=f"◆ {step.words}" if step.is_service else step.words,
            mark=_kind(step.gain), start=at, gain=step.gain, service=step.is_service,
            time=_time(step.time_gain, theme), amounts=_amounts(step.gain, what_if.journeys, theme),
        )  # fmt: skip
        at += step.gain.value or 0.0
    if len(what_if.steps) > 1 and abs(what_if.interaction.value or 0.0) > _NOTHING:
        yield _Row(
            name=theme.word("Beside each other, more or less than alone"), mark="interaction", start=at,
            gain=what_if.interaction, time=_time(what_if.time_interaction, theme),
            amounts=_amounts(what_if.interaction, what_if.journeys, theme),
        )  # fmt: skip
    if len(what_if.steps) == 1:
        # its bar would be that of the fix once more
        yield _Row(
            name=theme.word("With the fix"), mark="together", strong=True,
            amounts=(f"{_percent(what_if.after.value)} %", _between(what_if.after, theme)),
        )  # fmt: skip
        return
    words = _amounts(total, what_if.journeys, theme)
    yield _Row(
        name=theme.word("With all fixes"), mark="together", gain=total, strong=True,
        time=_time(what_if.time_gain, theme),
        amounts=(f"{_percent(what_if.after.value)} %", "\n".join(words).strip()),
    )  # fmt: skip


def _between(share: Estimate, theme: Theme) -> str:
    if share.low is None or share.high is None:
        return ""
    return f"{_percent(share.low)} {theme.word('to')} {_percent(share.high)} %"


def _percent(share: float | None) -> str:
    return f"{100 * (share or 0.0):.1f}"


def _kind(gain: Estimate) -> str:
    return "loss" if (gain.value or 0.0) < 0 else "gain"


def _amounts(gain: Estimate, journeys: int, theme: Theme) -> tuple[str, str]:
    value, _, ends = points_text(gain).partition(", ")
    amount = value.removesuffix("s").removesuffix(" point")
    more = signed_number((gain.value or 0.0) * journeys)
    if abs(gain.value or 0.0) < _NOTHING:
        return theme.word("no change"), ""
    return f"{amount}  ·  {more} {theme.word('journeys')}", ends


def _time(gain: Estimate, theme: Theme) -> str:
    value = gain.value or 0.0
    if abs(value) < _LEAST_SECONDS:
        return ""
    return f"{spoken_time(abs(value))} {theme.word('less' if value > 0 else 'longer')}"


def _time_words(gain: Estimate) -> str:
    words = _time(gain, DEFAULT_THEME)
    return f", a journey would take {words}" if words else ""


def _axis(rows: Sequence[_Row], left: float, width: float) -> Axis:
    ends = [
        Estimate(
            value=row.end,
            low=row.start if row.gain.low is None else min(row.start, row.start + row.gain.low),
            high=row.end if row.gain.high is None else row.start + row.gain.high,
        )
        for row in rows
        if row.gain is not None
    ]
    span = max((abs(v) for one in ends for v in (one.value, one.low, one.high) if v is not None), default=0.0)
    if span < _LEAST_SPAN:  # nothing changes: a scale of a tenth of a point, so that this can be seen
        ends.append(Estimate(value=_LEAST_SPAN))
    return Axis.around(ends, left, width).to_round_ends()


def _laid(
    rows: Sequence[_Row], axis: Axis, names: float, corner: tuple[float, float], theme: Theme
) -> tuple[list[Item], float]:
    """Lay row below row from the upper right corner; give the items and the y below the last."""
    top, end = corner
    items: list[Item] = []
    right = axis.left + axis.width + 0.12
    y, before = top, None
    under = _BAR / 2
    for row in rows:
        label = _name(row, names - 0.15, theme)
        texts = _texts(row, right, theme)
        high = max(_LEAST_ROW, label.height + 0.14, sum(text.height for text in texts) + 0.1)
        middle = y + high / 2
        items += [label.moved(0.0, middle), *_stacked(texts, middle)]
        if row.time:
            items.append(
                Label(x=right + _AMOUNTS, y=middle, text=row.time, size=theme.small_size, va="center",
                      colour=theme.ink)
            )  # fmt: skip
        # where nothing changes there is no bar, and the level goes on through the row
        half = 0.0 if row.gain is not None and abs(row.gain.value or 0.0) <= _NOTHING else _BAR / 2
        if row.gain is not None and half:
            items += _bar(row, axis, middle, theme)
        if before is not None and row.mark != "together":
            # the level that the row above has reached leads down to where this one begins
            x = axis.at(row.start)
            items.append(Line(points=((x, before + under), (x, middle - half)), colour=theme.edge, width=0.8))
        before, under = middle, half
        if row.mark == "together":
            items.append(Line(points=((MARGIN, y), (end, y)), colour=theme.rule, z=GRID))
        y += high
    return items, y


def _name(row: _Row, width: float, theme: Theme) -> Label:
    if row.strong:
        lines = wrap(row.name, width, theme.touchpoint_size, "bold", 2, family=theme.family)
        return Label(x=MARGIN, y=0.0, text="\n".join(lines), size=theme.touchpoint_size, weight="bold",
                     colour=theme.ink, va="center", line_height=1.2)  # fmt: skip
    lines = signed(row.name, width, theme.body_size, theme, _MOST_LINES)
    return Label(
        x=MARGIN, y=0.0, text="\n".join(lines), size=theme.body_size, va="center", line_height=1.2,
        colour=theme.service if row.service else theme.ink, mark="service" if row.service else "",
    )  # fmt: skip


def _texts(row: _Row, x: float, theme: Theme) -> list[Label]:
    size = theme.touchpoint_size if row.strong else theme.body_size
    head, note = row.amounts
    found = [Label(x=x, y=0.0, text=head, size=size, weight="bold", colour=theme.ink, z=TEXT)]
    if note:
        found.append(Label(x=x, y=0.0, text=note, size=theme.tick_size, colour=theme.muted, z=TEXT))
    return found


def _stacked(labels: Sequence[Label], middle: float) -> Iterator[Label]:
    y = middle - sum(label.height for label in labels) / 2
    for label in labels:
        yield label.moved(0.0, y)
        y += label.height


def _bar(row: _Row, axis: Axis, middle: float, theme: Theme) -> Iterator[Item]:
    start, end = axis.at(row.start), axis.at(row.end)
    box = Box(x=min(start, end), y=middle - _BAR / 2, width=max(0.012, abs(end - start)), height=_BAR,
              mark=row.mark)  # fmt: skip
    yield _filled(box, theme)
    gain = row.gain
    if (
        gain is not None
        and gain.low is not None
        and gain.high is not None
        and gain.high - gain.low > _NOTHING
    ):
        low, high = axis.at(row.start + gain.low), axis.at(row.start + gain.high)
        yield from interval(low, high, middle, theme, mark="interval", halo=theme.paper)


def _filled(box: Box, theme: Theme) -> Box:
    """Colour a bar by what it stands for."""
    fills = {
        "gain": (theme.opportunity, theme.opportunity_hatch), "loss": (theme.pain, theme.pain_hatch),
        "interaction": (theme.edge, ""), "together": (theme.stage_header, ""),
    }  # fmt: skip
    return bar(box, *fills[box.mark], theme)


def _lines(axis: Axis, top: float, bottom: float, theme: Theme) -> Iterable[Item]:
    steps = round_steps(axis.low, axis.high)
    ticks = [(value, f"{100 * value:+g}".replace("-", "−") if value else "0") for value in steps]
    return axis.ticks(ticks, top, bottom, theme)


def _legend(what_if: WhatIf, theme: Theme) -> Iterator[LegendEntry]:
    alone = " alone" if len(what_if.steps) > 1 else ""
    texts = {
        "gain": f"more conversion by this fix{alone}",
        "loss": f"less conversion by this fix{alone}",
        "interaction": "more or less than the sum of each alone",
        "together": "all fixes together",
    }
    for mark, text in texts.items():
        box = Box(x=0.0, y=-0.06, width=0.22, height=0.12, mark=mark)
        yield LegendEntry(mark=mark, marks=(_filled(box, theme),), text=text, width=0.22)
    yield interval_entry(what_if.gain.level, theme)
    yield service_entry(theme)
