"""Where does service sit inside the experience, what leads there, and where do customers go after?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, log

from journeymap.analysis.service_view import ServiceAfter, ServiceTrigger, ServiceView, StageService
from journeymap.analysis.wording import between, number, percent
from journeymap.model.measures import Estimate
from journeymap.model.touchpoints import STATE_MARK
from journeymap.render.chart_parts import (
    MARGIN,
    Axis,
    caption,
    filtered,
    heading,
    interval,
    paragraph,
    row_name,
)
from journeymap.render.describe import describe
from journeymap.render.legend import lay_legend
from journeymap.render.map_feeling import feeling_text
from journeymap.render.scene import (
    GRID,
    SHAPE,
    TINT,
    Box,
    Item,
    Label,
    LegendEntry,
    Line,
    Marker,
    Polygon,
    Scene,
)
from journeymap.render.text import wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["service_scene"]

_COLUMN, _LEAST_WIDTH, _NARROWEST = 1.85, 11.6, 6.5
_HEADER, _BARS, _ROW, _NAMES = 0.34, 1.15, 0.46, 2.15
_MOST = 6
_LIFTS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)


def service_scene(view: ServiceView, *, theme: Theme = DEFAULT_THEME) -> Scene:
    """Where does everything stand on the picture of service?

    Parameters
    ----------
    view : ServiceView
        What `locate_service` found.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    Scene
        A strip of stages, and below it what leads to service and what comes after it; of a designed
        journey the strip alone, because nothing was counted.
    """
    panels = view.observed and bool(view.triggers or view.after)
    inner = max(_LEAST_WIDTH if panels else _NARROWEST, _COLUMN * len(_parts(view)))
    width = inner + 2 * MARGIN
    items, y = heading(view.journey, _facts(view, theme), width, theme)
    said, high = paragraph(view.story(), MARGIN, y + 0.12, inner, theme, size=theme.stage_size)
    items += said
    y += 0.12 + high + 0.28
    strip, y = _strip(view, y, inner / max(1, len(_parts(view))), theme)
    items += strip
    if panels:
        half = inner / 2 - 0.2
        left, high_left = _triggers(view, MARGIN, y + 0.5, half, theme)
        right, high_right = _after(view, MARGIN + inner / 2 + 0.2, y + 0.5, half, theme)
        items += [*left, *right]
        y += 0.5 + max(high_left, high_right)
    notes, high = paragraph(
        _kinds(view, theme), MARGIN, y + 0.16, inner, theme, size=theme.small_size, colour=theme.muted
    )
    items += notes
    y += 0.16 + high + (0.08 if high else 0.0)
    legend, high = lay_legend(_legend(view, theme), MARGIN, y, inner, theme)
    return Scene(
        width=width,
        height=y + high + 0.2,
        items=(*items, *legend),
        title=f"{view.journey}: {theme.word('service in the experience')}",
        description=describe(view),
    )


def _parts(view: ServiceView) -> tuple[StageService, ...]:
    """Give the stages; in a designed map also the service that belongs to none of them."""
    if view.observed or not view.floating:
        return view.stages
    count, unknown = len(view.floating), Estimate(value=None)
    anywhere = StageService(
        stage="", name="At any stage", share=unknown, touchpoints=count, service_touchpoints=count
    )
    return (*view.stages, anywhere)


def _facts(view: ServiceView, theme: Theme) -> list[str]:
    facts = [theme.word("Service in the experience")]
    if not view.observed:
        return [*facts, theme.word("designed, not measured: structure only")]
    for estimate, what, of in (
        (view.event_share, "are service contacts", "visits"),
        (view.journey_share, "have one", "journeys"),
        (view.customer_share, "have one", "customers"),
    ):
        if estimate.value is not None and estimate.n:
            of_all = f"{theme.word('of')} {estimate.n:,} {theme.word(of)}"
            facts.append(f"{percent(estimate.value)} {of_all} {theme.word(what)}")
    return [*facts, *filtered(view.filters, theme)]


def _strip(view: ServiceView, y: float, column: float, theme: Theme) -> tuple[list[Item], float]:
    """Lay the stages beside each other: how many journeys meet service there, and its part of the visits."""
    has_feeling = any(
        value is not None for stage in view.stages for value in (stage.feeling, stage.service_feeling)
    )
    height = (
        _HEADER + (_BARS + 0.56 if view.observed else 0.7) + (0.2 if has_feeling and view.observed else 0.0)
    )
    highest = max(
        (end for stage in view.stages for end in (stage.share.value, stage.share.high) if end is not None),
        default=0.0,
    )
    items: list[Item] = []
    for place, stage in enumerate(_parts(view)):
        x = MARGIN + column * place
        tint = theme.stage_tints[place % 2]
        items.append(
            Box(x=x + 0.02, y=y + _HEADER, width=column - 0.04, height=height - _HEADER, fill=tint, z=TINT)
        )
        items += _chevron(stage.name, x, y, column, theme, z=SHAPE - 0.01 * place)
        if view.observed:
            items += _counted(stage, x, y + _HEADER, column, max(highest, 0.1), theme)
        else:
            items += _placed(stage, x, y + _HEADER, column, theme)
    return items, y + (height if _parts(view) else 0.0)


def _chevron(name: str, x: float, y: float, column: float, theme: Theme, *, z: float) -> Iterable[Item]:
    x0, x1 = x + 0.02, x + column
    yield Polygon(
        points=(
            (x0, y), (x1 - 0.12, y), (x1 + 0.02, y + _HEADER / 2), (x1 - 0.12, y + _HEADER), (x0, y + _HEADER)
        ),
        fill=theme.stage_header, z=z,
    )  # fmt: skip
    line = wrap(theme.word(name), column - 0.34, theme.stage_size, "bold", 1, family=theme.family)
    yield Label(
        x=x0 + 0.12, y=y + _HEADER / 2, text="".join(line), size=theme.stage_size, weight="bold",
        colour=theme.text_on(theme.stage_header), va="center",
    )  # fmt: skip


def _counted(
    stage: StageService, x: float, y: float, column: float, highest: float, theme: Theme
) -> Iterable[Item]:
    """Draw the share of journeys as a bar with its interval, and service as a part of all visits."""
    left, room = x + 0.16, column - 0.32
    if not stage.events:
        yield Label(
            x=left, y=y + _BARS / 2, text=theme.word("no visits"), size=theme.small_size, style="italic",
            colour=theme.muted, va="center",
        )  # fmt: skip
        return
    base, scale = y + 0.14 + _BARS - 0.2, (_BARS - 0.2) / highest
    value = stage.share.value or 0.0
    yield Line(points=((left, base), (left + 0.46, base)), colour=theme.neutral, width=0.9)
    yield Box(
        x=left + 0.06, y=base - value * scale, width=0.34, height=max(0.005, value * scale),
        fill=theme.service, edge=theme.service if theme.service_hatch else None, hatch=theme.service_hatch,
    )  # fmt: skip
    if stage.share.low is not None and stage.share.high is not None:
        yield from _upright(
            left + 0.23, base - stage.share.low * scale, base - stage.share.high * scale, theme
        )
    words = left + 0.58
    yield Label(
        x=words, y=base - 0.52, text=percent(value), size=theme.title_size - 2, weight="bold",
        colour=theme.service, va="center",
    )  # fmt: skip
    said = [f"{theme.word('of')} {stage.journeys:,} {theme.word('journeys')}"]
    if between(stage.share):
        said.append(between(stage.share))
    yield Label(x=words, y=base - 0.36, text="\n".join(said), size=theme.tick_size, colour=theme.muted)
    part = stage.service_events / stage.events
    top = base + 0.16
    yield Box(x=left, y=top, width=room, height=0.13, fill=theme.rule)
    yield Box(x=left, y=top, width=room * part, height=0.13, fill=theme.service, z=SHAPE + 0.1)
    events = f"{stage.service_events:,} {theme.word('of')} {stage.events:,} {theme.word('visits')}"
    text = wrap(f"{events} ({percent(part)})", room + 0.12, theme.tick_size, max_lines=2, family=theme.family)
    yield Label(x=left, y=top + 0.17, text="\n".join(text), size=theme.tick_size, colour=theme.ink)
    feelings = [
        f"{feeling_text(feeling)} {theme.word(where)}"
        for feeling, where in ((stage.service_feeling, "in service"), (stage.feeling, "outside"))
        if feeling is not None
    ]
    if feelings:
        yield Label(
            x=left, y=top + 0.36, text=f"{theme.word('feeling')} {', '.join(feelings)}", size=theme.tick_size,
            colour=theme.muted,
        )  # fmt: skip


def _upright(x: float, low: float, high: float, theme: Theme) -> list[Item]:
    lines = [((x, low), (x, high))] + [((x - 0.045, y), (x + 0.045, y)) for y in (low, high)]
    return [Line(points=points, colour=theme.ink, width=1.0, z=SHAPE + 0.2) for points in lines]


def _placed(stage: StageService, x: float, y: float, column: float, theme: Theme) -> Iterable[Item]:
    """Draw one mark for each touchpoint, filled diamonds for service."""
    left, room = x + 0.22, column - 0.4
    if not stage.touchpoints:
        yield Label(
            x=x + 0.16, y=y + 0.35, text=theme.word("no touchpoints"), size=theme.small_size, style="italic",
            colour=theme.muted, va="center",
        )  # fmt: skip
        return
    step = min(0.2, room / stage.touchpoints)
    for place in range(stage.touchpoints):
        service = place < stage.service_touchpoints
        yield Marker(
            x=left + step * place, y=y + 0.24, shape="diamond" if service else "circle",
            size=min(9.0, step * 60), fill=theme.service if service else theme.paper,
            edge=theme.service if service else theme.curve,
        )  # fmt: skip
    text = f"{stage.service_touchpoints} {theme.word('of')} {stage.touchpoints} {theme.word('touchpoints')}"
    yield Label(x=x + 0.16, y=y + 0.42, text=text, size=theme.small_size, colour=theme.ink)


def _nothing(text: str, x: float, y: float, theme: Theme) -> Label:
    return Label(
        x=x, y=y + 0.1, text=theme.word(text), size=theme.small_size, style="italic", colour=theme.muted
    )


def _with_stage(note: str, name: str, touchpoint: str, stage: str, names: Sequence[str]) -> str:
    """Add the stage to the note on a touchpoint that stands at several, or shares its name."""
    several = STATE_MARK in touchpoint or names.count(name) > 1
    return f"{note} · {stage}" if several and stage else note


def _triggers(view: ServiceView, x: float, y: float, width: float, theme: Theme) -> tuple[list[Item], float]:
    """Lay what leads to service: how many times as often as usual, on a scale where doubling is a step."""
    triggers = view.triggers[:_MOST]
    stages, names = {stage.stage: stage.name for stage in view.stages}, [t.name for t in triggers]
    items: list[Item] = [
        caption("what leads here: times as often as after any touchpoint", x, y - 0.06, theme)
    ]
    if not triggers:
        return [*items, _nothing("service follows no other touchpoint", x, y, theme)], 0.4
    items += _rules(len(triggers), x, y, width, theme)
    bottom = y + _ROW * len(triggers)
    axis = _log_axis([trigger.lift for trigger in triggers], x + _NAMES, width - _NAMES - 1.45)
    ticks = [(log(lift), f"{lift:g}×") for lift in _LIFTS if axis.low - 1e-9 <= log(lift) <= axis.high + 1e-9]
    items += axis.ticks(ticks, y, bottom, theme)
    for place, trigger in enumerate(triggers):
        middle = y + _ROW * (place + 0.5)
        visits = f"{trigger.followed:,} {theme.word('of')} {trigger.visits:,} {theme.word('visits')}"
        stage = stages.get(trigger.stage or "", "")
        note = _with_stage(visits, trigger.name, trigger.touchpoint, stage, names)
        items += row_name(trigger.name, note, x, middle, _NAMES - 0.12, theme, colour=theme.ink)
        items += _lift(trigger, middle, axis, theme)
    return items, _ROW * len(triggers) + 0.24


def _log_axis(lifts: Sequence[Estimate], left: float, width: float) -> Axis:
    ends = [
        value
        for lift in lifts
        for value in (lift.value, lift.low, lift.high)
        if value is not None and value > 0
    ]
    # An interval that reaches to nothing would push all others together.
    low, high = max(0.05, min([0.8, *ends])), min(500.0, max([1.25, *ends]))
    return Axis(left=left, width=width, low=log(low), high=log(high))


def _lift(trigger: ServiceTrigger, middle: float, axis: Axis, theme: Theme) -> Iterable[Item]:
    lift = trigger.lift
    if not lift.value:
        yield Label(
            x=axis.left + axis.width + 0.12, y=middle, text=theme.word("not known"), size=theme.small_size,
            style="italic", colour=theme.muted, va="center",
        )  # fmt: skip
        return
    if lift.low is not None and lift.high is not None:
        ends = [log(min(max(end, exp(axis.low)), exp(axis.high))) for end in (lift.low, lift.high)]
        yield from interval(axis.at(ends[0]), axis.at(ends[1]), middle, theme)
    x = axis.at(min(max(log(lift.value), axis.low), axis.high))
    yield Marker(
        x=x, y=middle, size=8.5, fill=theme.service if trigger.significant else theme.paper,
        edge=theme.service if trigger.significant else theme.link, line_width=1.3, z=SHAPE + 0.3,
    )  # fmt: skip
    right = axis.left + axis.width + 0.12
    yield Label(
        x=right, y=middle, text=f"{number(lift.value)}×", size=theme.body_size, weight="bold", va="center",
        colour=theme.ink if trigger.significant else theme.muted,
    )  # fmt: skip
    if between(lift, "number"):
        yield Label(
            x=right + 0.45, y=middle, text=between(lift, "number"), size=theme.tick_size, colour=theme.muted,
            va="center",
        )  # fmt: skip


def _after(view: ServiceView, x: float, y: float, width: float, theme: Theme) -> tuple[list[Item], float]:
    """Lay where customers go after service, as bars."""
    after = view.after[:_MOST]
    names = [step.name for step in after]
    items: list[Item] = [caption("where customers go after: share of service contacts", x, y - 0.06, theme)]
    if not after:
        return [*items, _nothing("no service contact was counted", x, y, theme)], 0.4
    items += _rules(len(after), x, y, width, theme)
    axis = Axis.around([step.share for step in after], x + _NAMES, width - _NAMES - 1.45)
    items += axis.ticks([(0.0, "")], y, y + _ROW * len(after), theme)
    for place, step in enumerate(after):
        middle = y + _ROW * (place + 0.5)
        mark, colour = _kind_of(step, theme)
        times = f"{step.count:,} {theme.word('times')}"
        note = _with_stage(times, step.name, step.target, step.stage_name, names)
        items += row_name(
            f"{mark} {_said(step, theme)}".strip(), note, x, middle, _NAMES - 0.12, theme,
            colour=_text_colour(step, theme),
        )  # fmt: skip
        value = step.share.value or 0.0
        items.append(
            Box(
                x=axis.at(0.0), y=middle - 0.09, width=max(0.01, axis.at(value) - axis.at(0.0)), height=0.18,
                fill=colour,
            )
        )  # fmt: skip
        if step.share.low is not None and step.share.high is not None:
            items += interval(axis.at(step.share.low), axis.at(step.share.high), middle, theme)
        right = axis.left + axis.width + 0.12
        items.append(
            Label(
                x=right, y=middle, text=percent(value), size=theme.body_size, weight="bold", colour=theme.ink,
                va="center",
            )
        )  # fmt: skip
        if between(step.share):
            items.append(
                Label(
                    x=right + 0.45, y=middle, text=between(step.share), size=theme.tick_size,
                    colour=theme.muted, va="center",
                )
            )  # fmt: skip
    return items, _ROW * len(after) + 0.24


def _kind_of(step: ServiceAfter, theme: Theme) -> tuple[str, str]:
    """Tell the mark and the colour of what follows service."""
    if step.is_service:
        return "◆", theme.service
    if not step.ends:
        return "", theme.link
    return {"lost": ("✕", theme.pain), "goal": ("◁", theme.stage_header)}.get(step.target, ("◁", theme.edge))


def _said(step: ServiceAfter, theme: Theme) -> str:
    """Name what follows; ends that bear no name of their own are put in words."""
    ends = {"lost": "journey lost", "goal": "journey won", "open": "not decided yet"}
    if step.ends and step.name.lower() in {"", step.target}:
        return theme.word(ends.get(step.target, step.target))
    return step.name


def _text_colour(step: ServiceAfter, theme: Theme) -> str:
    if step.is_service:
        return theme.service
    # The orange of a bar is too bright for small letters.
    return theme.loss_text if step.ends and step.target == "lost" else theme.ink


def _rules(count: int, x: float, y: float, width: float, theme: Theme) -> list[Item]:
    return [
        Line(
            points=((x, y + _ROW * place), (x + width, y + _ROW * place)),
            colour=theme.rule,
            width=0.6,
            z=GRID,
        )
        for place in range(count + 1)
    ]


def _kinds(view: ServiceView, theme: Theme) -> str:
    """Say who helps, with what, and who begins."""
    parts = []
    for name, counts in (
        ("by handler", view.by_handler),
        ("by need", view.by_need),
        ("by who begins", view.by_initiator),
    ):
        if counts:
            said = ", ".join(f"{theme.word(kind.replace('_', ' '))} {count:,}" for kind, count in counts)
            parts.append(f"{theme.word(name)}: {said}")
    what = theme.word("Service contacts" if view.observed else "Service touchpoints")
    return f"{what} {'; '.join(parts)}." if parts else ""


def _legend(view: ServiceView, theme: Theme) -> Iterable[LegendEntry]:
    stages = _parts(view)
    if not view.observed:
        if any(stage.service_touchpoints for stage in stages):
            mark = Marker(x=0.08, y=0, shape="diamond", size=9, fill=theme.service, edge=theme.service)
            yield LegendEntry(marks=(mark,), text="service touchpoint")
        if any(stage.touchpoints > stage.service_touchpoints for stage in stages):
            mark = Marker(x=0.08, y=0, size=8, fill=theme.paper, edge=theme.curve)
            yield LegendEntry(marks=(mark,), text="other touchpoint")
        return
    if any(stage.events for stage in stages):
        bar = Box(x=0.03, y=-0.08, width=0.1, height=0.16, fill=theme.service)
        yield LegendEntry(marks=(bar,), text="journeys with a service contact in the stage")
        parts = (
            Box(x=0, y=-0.05, width=0.1, height=0.1, fill=theme.service),
            Box(x=0.1, y=-0.05, width=0.2, height=0.1, fill=theme.rule),
        )
        yield LegendEntry(marks=parts, text="service and other visits", width=0.3)
    estimates = [stage.share for stage in stages] + [step.share for step in view.after]
    estimates += [trigger.lift for trigger in view.triggers]
    known = [estimate for estimate in estimates if estimate.low is not None]
    if known:
        text = f"{known[0].level * 100:g} % {theme.word('interval')}"
        yield LegendEntry(marks=tuple(interval(0.0, 0.26, 0.0, theme)), text=text, width=0.26)
    shown = view.triggers[:_MOST]
    for significant, text in (
        (True, "more often than usual, after correction"),
        (False, "not by more than chance, or by too little to matter"),
    ):
        if any(trigger.significant is significant and trigger.lift.value for trigger in shown):
            mark = Marker(
                x=0.08, y=0, size=8.5, fill=theme.service if significant else theme.paper,
                edge=theme.service if significant else theme.link, line_width=1.3,
            )  # fmt: skip
            yield LegendEntry(marks=(mark,), text=text)
    yield from _end_legend(view.after[:_MOST], theme)


def _end_legend(after: Sequence[ServiceAfter], theme: Theme) -> Iterable[LegendEntry]:
    meanings = {
        "◆": "service again",
        "✕": "the journey is lost",
        "◁": "the journey ends, won or not decided yet",
    }
    found = {mark: colour for mark, colour in (_kind_of(step, theme) for step in reversed(after)) if mark}
    for mark, text in meanings.items():
        if mark in found:
            sign = Label(
                x=0, y=0, text=mark, size=theme.small_size, weight="bold", colour=found[mark], va="center"
            )
            yield LegendEntry(marks=(sign,), text=text, width=0.12)
