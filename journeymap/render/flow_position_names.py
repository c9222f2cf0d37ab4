"""Where do the names stand when journeys run from touchpoint to touchpoint, so that none covers another?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from journeymap.render.flow_pieces import BAR, END, kept_apart, level_at, veil
from journeymap.render.flow_position_layout import PITCH, STUB, PositionLayout
from journeymap.render.flow_positions import ENDS, Passage, PositionFlow, Stop
from journeymap.render.scene import SHAPE, Item, Label, Line
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import Theme

__all__ = ["FADE", "is_told", "position_names"]

FADE = 0.42  # how far journeys that go on after the last column are drawn
_NOTE_GAP, _NAMES, _MOVED, _AIR, _LEADING = 0.07, 0.16, 0.1, 0.015, 1.22
_TOLD = 0.02  # of all journeys: ends of fewer have their number only in the sum of their column


@dataclass(frozen=True, kw_only=True)
class _Note:
    """What is written beside a bar, or beside an end."""

    lines: tuple[str, ...]
    at: float  # where it would like its middle to be
    left: float  # where it begins
    bar: float  # the right side of what it names
    colour: str
    mark: str = ""
    stop: Stop | None = None  # of a name: what it names

    @property
    def moves(self) -> bool:
        """Whether it may stand farther right, if it would cover an end here."""
        return self.stop is not None

    def height(self, theme: Theme) -> float:
        """Give the height that it needs."""
        return max(_NAMES, line_height(theme.small_size, _LEADING) * len(self.lines) + 0.03)


def position_names(layout: PositionLayout, column: int, theme: Theme) -> tuple[list[Item], float]:
    """Where do the names of a column stand?

    Parameters
    ----------
    layout : PositionLayout
        Where the bars and ribbons lie.
    column : int
        Whose names are written.
    theme : Theme
        Colours, sizes and words.

    Returns
    -------
    list of Item
        A name beside every bar, and one beside every end that is large enough; where they would touch, a
        thin line leads from a bar to its name.
    float
        The y below all of them.
    """
    notes = [note for stop in layout.flow.columns[column] for note in _notes(stop, layout, column, theme)]
    places = _places(notes, layout, theme)
    # A name that would cover an end stands to the right of all ends; then there is less room for it.
    while True:
        covering = [
            n for n, note in enumerate(notes)
            if note.moves and note.left < layout.end_right(column)
            and _covers(layout, column, places[n], note.height(theme))
        ]  # fmt: skip
        if not covering:
            break
        for n in covering:
            notes[n] = _moved(notes[n], layout, column, theme)
        places = _places(notes, layout, theme)
    items: list[Item] = []
    for note, place in zip(notes, places, strict=True):
        items += _written(note, place, layout, column, theme)
    low = [place + note.height(theme) / 2 for note, place in zip(notes, places, strict=True)]
    return items, max(low, default=layout.top)


def _notes(stop: Stop, layout: PositionLayout, column: int, theme: Theme) -> Iterator[_Note]:
    """Write a bar's name, then those of its ends."""
    flow, x = layout.flow, layout.x(column) + BAR
    top, high = layout.bars[column, stop.key], layout.high(stop)
    gap = _NOTE_GAP + (FADE if stop.kind == "on" else 0.0)
    ends = layout.ends_of(column, [stop.key])
    going = high - sum(p.weight for p in ends) * layout.scale
    told = [end for end in ends if is_told(end, flow)]
    lines = _name(stop, flow, PITCH - BAR - gap - 0.12, theme)
    note = _Note(
        lines=lines, at=top + high / 2, left=x + gap, bar=x, colour=theme.ink, stop=stop,
        mark=stop.kind if stop.kind == "service" else "",
    )  # fmt: skip
    tall = note.height(theme)
    above = min([note.at, *(layout.ends[end] + _AIR - tall / 2 for end in ends)])
    if going > tall:
        note = replace(note, at=top + going / 2)
    elif note.at - above <= _MOVED:
        note = replace(note, at=above)
    elif told:
        # Nearly all end: the name stands at the first of its ends, above what is written there.
        note = replace(note, at=layout.ends[told[0]] + layout.shown(told[0]) / 2)
    yield note
    right = layout.end_right(column) + END
    for end in told:
        said = f"{theme.word(ENDS[end.target])}  {flow.amount(end.weight)}"
        yield _Note(
            lines=wrap(said, _far_room(), theme.small_size, max_lines=2, family=theme.family),
            at=layout.ends[end] + layout.shown(end) / 2, left=right + _NOTE_GAP, bar=right,
            colour=theme.loss_text if end.target == "lost" else theme.ink,
        )  # fmt: skip


def is_told(end: Passage, flow: PositionFlow) -> bool:
    """Is the number of an end written beside it?

    Parameters
    ----------
    end : Passage
        Journeys that end.
    flow : PositionFlow
        Where they belong.

    Returns
    -------
    bool
        Not for few, nor for those that are not brought out where others are.
    """
    return end.bright and end.weight >= _TOLD * flow.total


def _places(notes: Sequence[_Note], layout: PositionLayout, theme: Theme) -> list[float]:
    return kept_apart([n.at for n in notes], [n.height(theme) for n in notes], layout.top - 0.08)


def _covers(layout: PositionLayout, column: int, place: float, high: float) -> bool:
    """Whether a name beside the bars would lie on an end."""
    top, bottom = place - high / 2 + _AIR, place + high / 2 - _AIR - 1e-6
    return any(y < bottom and y + layout.shown(p) > top for p, y in layout.ends.items() if p.column == column)


def _far_room() -> float:
    return PITCH - BAR - STUB - END - _NOTE_GAP - 0.12


def _moved(note: _Note, layout: PositionLayout, column: int, theme: Theme) -> _Note:
    lines = _name(note.stop, layout.flow, _far_room(), theme) if note.stop else note.lines
    return replace(note, lines=lines, left=layout.end_right(column) + END + _NOTE_GAP)


def _written(note: _Note, place: float, layout: PositionLayout, column: int, theme: Theme) -> Iterator[Item]:
    led = abs(place - note.at) > _MOVED
    near = note.left - note.bar < 2 * _NOTE_GAP
    if led and near:
        points = ((note.bar, note.at), (note.left, place))
        yield Line(points=points, colour=theme.muted, width=0.6, z=SHAPE)
    label = Label(
        x=note.left + (0.03 if led else 0.0), y=place, text="\n".join(note.lines), size=theme.small_size,
        va="center", line_height=_LEADING, colour=note.colour, mark=note.mark,
    )  # fmt: skip
    wide = text_width(label.text, label.size, family=theme.family)
    if _is_crossed(layout, column, label.x, label.x + wide, place - label.height / 2, label.height):
        yield veil(label.x - 0.03, place - label.height / 2, wide + 0.04, label.height, theme)
    yield label


def _is_crossed(
    layout: PositionLayout, column: int, left: float, right: float, top: float, high: float
) -> bool:
    """Whether the edge of a ribbon runs behind a name."""
    x0, x1 = layout.x(column) + BAR, layout.x(column + 1)
    for passage, end in layout.into.items():
        if passage.column != column:
            continue
        start = layout.out[passage]
        for edge in (0.0, passage.weight * layout.scale):
            y0, y1 = (level_at((x0, start + edge), (x1, end + edge), x) for x in (left, right))
            if min(y0, y1) < top + high and max(y0, y1) > top:
                return True
    return False


def _name(stop: Stop, flow: PositionFlow, room: float, theme: Theme) -> tuple[str, ...]:
    """Break name and number into lines: on one where they fit, else the number below the name."""
    name = theme.word(stop.name)
    name = name.format(n=stop.members) if stop.kind == "other" else name
    # A no-break space, so that the diamond never stands alone on a line.
    name = f"◆\N{NO-BREAK SPACE}{name}" if stop.kind == "service" else name
    number = flow.amount(stop.weight)
    whole = wrap(f"{name}  {number}", room, theme.small_size, family=theme.family)
    lines: tuple[str, ...] = (f"{name}  {number}",)
    if len(whole) > 1:
        lines = (*wrap(name, room, theme.small_size, max_lines=2, family=theme.family), number)
    return tuple(line.replace("\N{NO-BREAK SPACE}", " ") for line in lines)
