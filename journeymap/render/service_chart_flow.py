"""What leads to service, and what happens after: the arrows of the service picture."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from journeymap.analysis.service_parts import ServiceAfter, ServiceBefore, ServiceTrigger
from journeymap.analysis.service_view import ServiceView
from journeymap.analysis.wording import between, number, percent
from journeymap.model.measures import Estimate
from journeymap.render.chart_parts import MARGIN, caption, row_name, signed
from journeymap.render.scene import Arrow, Box, Item, Label, LegendEntry
from journeymap.render.service_chart_room import repeated, with_stage
from journeymap.render.text import text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["flow_entries", "flow_panel"]

_TOP = 3
_BOX, _LONG, _GAP = 0.33, 0.43, 0.06  # heights of a box with a name on one line and on two
_SHARE, _PADDING = 0.7, 0.09
_LEAST_ARROW, _MOST_ARROW = 0.45, 1.5
_STARTS = 0.02  # fewer journeys than this begin with service: not worth a row


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One box at the left or the right of service.

    `kind` is the legend's entry of its arrow, `sign` the symbol before its name with `mark` its entry.
    """

    name: str
    notes: tuple[str, ...]
    share: Estimate
    kind: str = "way"
    sign: str = ""
    mark: str = ""


def flow_panel(
    view: ServiceView, y: float, width: float, theme: Theme, *, x: float = MARGIN
) -> tuple[list[Item], float]:
    """Where do the boxes around service stand, and the arrows between them?

    Parameters
    ----------
    view : ServiceView
        Of an observed journey.
    y, width : float
        The top, and the room, in inches.
    theme : Theme
        Colours, sizes and words.
    x : float
        The left end.

    Returns
    -------
    list of Item
        At the left what comes before, at the right what comes after, each with its share of contacts.
    float
        The y below.
    """
    left, right = _rows_before(view, theme), _rows_after(view, theme)
    gap = min(_MOST_ARROW, max(_LEAST_ARROW, width * 0.07))
    centre = _centre_width(view, theme)
    side = (width - centre - 2 * gap) / 2
    names = _small_names([*left, *right], side, theme)
    step = (_BOX if _on_one_line([*left, *right], side, names) else _LONG) + _GAP
    high = max(len(left), len(right), 2) * step - _GAP
    top = y + 0.26
    middle = Box(
        x=x + side + gap,
        y=top + high * 0.12,
        width=centre,
        height=high * 0.76,
        radius=0.05,
        node="service",
        fill=theme.service_tint,
        edge=theme.service,
        line_width=2.0,
        mark="service",
    )
    items: list[Item] = [
        caption(_leads_here(view), x, y + 0.18, theme),
        caption("what happens after: share of contacts", middle.right + gap, y + 0.18, theme),
        middle,
        *_centre(view, middle, theme),
    ]
    for rows, start, before in ((left, x, True), (right, middle.right + gap, False)):
        offset = top + (high - len(rows) * step + _GAP) / 2
        for place, row in enumerate(rows):
            box = Box(
                x=start, y=offset + place * step, width=side, height=step - _GAP, radius=0.04,
                fill=theme.paper,
                node=f"{'before' if before else 'after'} {place}",
                line_width=2.0 if row.sign == "◆" else 0.8,
                edge=theme.service if row.sign == "◆" else theme.touchpoint_edge,
            )  # fmt: skip
            port = middle.y + middle.height * (place + 0.5) / len(rows)
            items += [
                box,
                *_content(row, box, theme, names=names),
                _arrow(row, box, middle, port, theme, before=before),
            ]
        if not rows:
            words = "no journey leads here from another touchpoint" if before else "nothing was seen after it"
            lines = wrap(theme.word(words), side, theme.small_size, style="italic", family=theme.family)
            items.append(
                Label(
                    x=start, y=top + high / 2, text="\n".join(lines), size=theme.small_size, style="italic",
                    colour=theme.muted, va="center",
                )
            )  # fmt: skip
    return items, top + high


def _leads_here(view: ServiceView) -> str:
    """Name the left side; what the company begins, nothing leads to."""
    by_company = dict(view.by_initiator).get("company")
    return f"what leads here: share of contacts{' that customers began' if by_company else ''}"


def _centre_width(view: ServiceView, theme: Theme) -> float:
    name = text_width(f"◆ {theme.word('Service')}", theme.stage_size + 1, "bold", family=theme.family)
    count = text_width(_count(view, theme), theme.small_size, family=theme.family)
    return max(name, count) + 0.2


def _room(row: _Row, side: float, theme: Theme) -> float:
    """Give the room for a name and a note beside the share and the interval below it."""
    taken = text_width(between(row.share), theme.tick_size, family=theme.family) + _PADDING
    return side - max(_SHARE, taken) - 2 * _PADDING


def _small_names(rows: Sequence[_Row], side: float, theme: Theme) -> Theme:
    """Give a theme with smaller names where all of them fit on one line in it alone."""
    small = replace(theme, touchpoint_size=theme.small_size)
    fits = _on_one_line(rows, side, small) and not _on_one_line(rows, side, theme)
    return small if fits else theme


def _on_one_line(rows: Sequence[_Row], side: float, theme: Theme) -> bool:
    return all(
        len(signed(f"{row.sign} {row.name}".strip(), _room(row, side, theme), theme.touchpoint_size, theme))
        < 2
        for row in rows
    )


def _count(view: ServiceView, theme: Theme) -> str:
    count = _contacts(view)
    return f"{count:,} {theme.word('contact' if count == 1 else 'contacts')}"


def _contacts(view: ServiceView) -> int:
    return sum(stage.service_events for stage in view.stages) or (view.whole.contacts if view.whole else 0)


def _centre(view: ServiceView, box: Box, theme: Theme) -> Iterable[Item]:
    x, y = box.centre
    yield Label(
        x=x,
        y=y - 0.14,
        text=f"◆ {theme.word('Service')}",
        size=theme.stage_size + 1,
        weight="bold",
        ha="center",
        va="center",
        colour=theme.service,
        inside=box,
        mark="service",
    )
    yield Label(
        x=x,
        y=y + 0.09,
        text=_count(view, theme),
        size=theme.small_size,
        ha="center",
        va="center",
        colour=theme.ink,
        inside=box,
    )


def _content(row: _Row, box: Box, theme: Theme, *, names: Theme) -> Iterable[Item]:
    inside = box.inset(0.005)
    room = _room(row, box.width, theme)
    note = next(
        (note for note in row.notes if text_width(note, theme.tick_size, family=theme.family) <= room), ""
    )
    plain = theme.muted if row.kind == "others" else theme.ink
    colour = {"◆": theme.service, "✕": theme.loss_text}.get(row.sign, plain)
    name = f"{row.sign} {row.name}".strip()
    for item in row_name(
        name, note, box.x + _PADDING, box.centre[1], room, names, colour=colour, mark=row.mark
    ):
        yield replace(item, inside=inside) if isinstance(item, Label) else item
    star = "*" if row.share.small_sample and row.share.n and row.share.low is not None else ""
    reach = between(row.share)
    right, middle = box.right - _PADDING, box.centre[1]
    yield Label(
        x=right,
        y=middle - (0.07 if reach else 0.0),
        text=f"{percent(row.share.value or 0.0)}{star}",
        ha="right",
        va="center",
        size=theme.stage_size + 1,
        weight="bold",
        colour=colour,
        inside=inside,
        mark="small sample" if star else "",
    )
    if reach:
        yield Label(
            x=right,
            y=middle + 0.085,
            text=reach,
            size=theme.tick_size,
            colour=theme.muted,
            ha="right",
            va="center",
            inside=inside,
        )


def _arrow(row: _Row, box: Box, middle: Box, port: float, theme: Theme, *, before: bool) -> Arrow:
    start = (box.right, box.centre[1]) if before else (middle.right, port)
    end = (middle.x, port) if before else (box.x, box.centre[1])
    bend = start[0] + (end[0] - start[0]) / 2
    width = 0.8 + 11 * (row.share.value or 0.0)
    return Arrow(
        points=(start, (bend, start[1]), (bend, end[1]), end), smooth=True, width=width, head=6.0 + width,
        colour=_colour(row.kind, theme), mark=row.kind if row.kind in {"trigger", "lost"} else "way",
        joins=(box.node, middle.node) if before else (middle.node, box.node),
    )  # fmt: skip


def _colour(kind: str, theme: Theme) -> str:
    return {
        "trigger": theme.service,
        "lost": theme.pain,
        "others": theme.interval,
    }.get(kind, theme.edge)


def _rows_before(view: ServiceView, theme: Theme) -> list[_Row]:
    """Choose the most frequent touchpoints, and those after which service is needed more often than usual."""
    triggers = {trigger.touchpoint: trigger for trigger in view.triggers}
    before = view.before or _from_triggers(view)
    touchpoints = [step for step in before if not step.starts and not step.is_service]
    chosen = touchpoints[:_TOP]
    chosen += [
        step for step in touchpoints[_TOP:] if step.source in triggers and triggers[step.source].significant
    ][:2]
    rest = [step for step in touchpoints if step not in chosen]
    if len(rest) == 1:
        chosen, rest = [*chosen, *rest], []
    staged = repeated((step.source, step.name) for step in touchpoints)
    rows = [_before_row(step, triggers.get(step.source), staged, theme) for step in chosen]
    starts = [step for step in before if step.starts and (step.share.value or 0.0) >= _STARTS]
    rows += [
        _Row(name=theme.word("the journey begins"), notes=(_times(step.count, theme),), share=step.share)
        for step in starts
    ]  # fmt: skip
    again = [step for step in before if step.is_service]
    if again:
        rows.append(_again(again, view, theme))
    return rows + _others(rest, theme)


def _from_triggers(view: ServiceView) -> tuple[ServiceBefore, ...]:
    """Say what leads to service where only the triggers are known."""
    contacts, stages = _contacts(view), {stage.stage: stage.name for stage in view.stages}
    return tuple(
        ServiceBefore(
            source=trigger.touchpoint,
            name=trigger.name,
            stage_name=stages.get(trigger.stage or "", ""),
            count=trigger.followed,
            share=Estimate(value=trigger.followed / contacts, n=contacts),
        )
        for trigger in sorted(view.triggers, key=lambda trigger: -trigger.followed)
        if contacts and trigger.followed
    )


def _before_row(
    step: ServiceBefore, trigger: ServiceTrigger | None, staged: Collection[str], theme: Theme
) -> _Row:
    notes = [_times(step.count, theme)]
    if trigger is not None and trigger.share.value is not None:
        visits = theme.word("visit" if trigger.visits == 1 else "visits")
        of_visits = f"{percent(trigger.share.value)} {theme.word('of')} {trigger.visits:,} {visits}"
        notes = [of_visits, f"{percent(trigger.share.value)} {theme.word('of visits')}", *notes]
        if trigger.lift.value:
            times = f"{number(trigger.lift.value)}×"
            usual = f"{times} {theme.word('the usual')}"
            reach = f" ({between(trigger.lift, 'number')})" if trigger.lift.low is not None else ""
            notes = [
                f"{theme.word('after')} {of_visits}, {usual}{reach}",
                *(f"{note}, {usual}" for note in notes[:2]),
                f"{notes[1]}, {times}",
                *notes,
            ]
    kind = "trigger" if trigger is not None and trigger.significant else "way"
    name = with_stage(step.name, step.stage_name) if step.source in staged else step.name
    return _Row(name=name, notes=tuple(notes), share=step.share, kind=kind)


def _rows_after(view: ServiceView, theme: Theme) -> list[_Row]:
    """Choose what follows most often; another contact and a lost journey are never left out."""
    onward = [
        step for step in view.after if not step.is_service and not (step.ends and step.target == "lost")
    ]
    chosen, rest = onward[:_TOP], onward[_TOP:]
    if len(rest) == 1:
        chosen, rest = onward, []
    staged = repeated((step.target, step.name) for step in onward)
    rows = [_after_row(step, staged, theme) for step in chosen]
    again = [step for step in view.after if step.is_service]
    if again:
        rows.append(_again(again, view, theme))
    rows += [_after_row(step, staged, theme) for step in view.after if step.ends and step.target == "lost"]
    return rows + _others(rest, theme)


def _after_row(step: ServiceAfter, staged: Collection[str], theme: Theme) -> _Row:
    notes = (_times(step.count, theme),)
    ends = {"lost": "journey lost", "goal": "journey won", "open": "not decided yet", "ended": "journey ends"}
    name = with_stage(step.name, step.stage_name) if step.target in staged else step.name
    if step.ends and (name.lower() in {"", step.target} or step.target in ends):
        name = theme.word(ends.get(step.target, step.target))
    if step.ends and step.target == "lost":
        return _Row(name=name, notes=notes, share=step.share, kind="lost", sign="✕", mark="lost")
    return _Row(name=name, notes=notes, share=step.share)


def _again(steps: Sequence[ServiceBefore | ServiceAfter], view: ServiceView, theme: Theme) -> _Row:
    together = _together(steps, theme.word("service again"), theme)
    known = view.whole is not None and view.whole.returns.value is not None
    share = view.whole.returns if known and view.whole else together.share
    return replace(together, share=share, kind="again", sign="◆", mark="service")


def _together(steps: Sequence[ServiceBefore | ServiceAfter], name: str, theme: Theme) -> _Row:
    count = sum(step.count for step in steps)
    value = sum(step.share.value or 0.0 for step in steps)
    return _Row(name=name, notes=(_times(count, theme),), share=Estimate(value=value))


def _others(rest: Sequence[ServiceBefore | ServiceAfter], theme: Theme) -> list[_Row]:
    if not rest:
        return []
    name = theme.word("{n} others together").format(n=len(rest))
    return [replace(_together(rest, name, theme), kind="others")]


def _times(count: int, theme: Theme) -> str:
    return f"{count:,} {theme.word('time' if count == 1 else 'times')}"


def flow_entries(theme: Theme) -> list[LegendEntry]:
    """What do arrows and signs mean?

    Parameters
    ----------
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of LegendEntry
        One for each mark of `flow_panel`.
    """
    arrows = (
        ("way", "way of customers (wider = more of the contacts)", 2.0),
        ("trigger", "service follows more often than usual, after correction", 2.4),
        ("lost", "lost after service", 1.6),
    )
    sign = Label(
        x=0.4, y=0, text="✕", size=theme.small_size, weight="bold", colour=theme.loss_text, va="center"
    )
    return [
        LegendEntry(
            mark=mark, text=text, width=0.5 if mark == "lost" else 0.34,
            marks=(Arrow(points=((0, 0), (0.34, 0)), colour=_colour(mark, theme), width=width, head=7),
                   *((sign,) if mark == "lost" else ())),
        )
        for mark, text, width in arrows
    ]  # fmt: skip
