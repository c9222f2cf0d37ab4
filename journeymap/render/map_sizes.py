"""How large is a map on a slide, a page or a poster, and which lanes find room there?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import ceil
from typing import Literal, NoReturn, TypeAlias

from journeymap.analysis.wording import joined
from journeymap.errors import InvalidJourneyError, JourneyMapError, UnknownNameError, nearest
from journeymap.render.map_bands import LANES
from journeymap.render.map_importance import DESIGNED
from journeymap.render.scene import Box, Label, Scene
from journeymap.render.text import wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["SIZES", "Lay", "Orientation", "Paper", "fit_to_paper"]

Orientation: TypeAlias = Literal["horizontal", "vertical"]
# Lays a map for a width in inches, so many columns in a band at most, and these lanes.
Lay: TypeAlias = Callable[[float | None, int, tuple[str, ...]], Scene]

_SMALLEST_TEXT = 6.5  # points; below this nobody reads
_LARGEST_BODY = 11 / 8  # times the usual size; larger looks clumsy on a page
_ROUNDS = 6  # widths that are tried, each halving the range
_EASY_COLUMN = 1.5
_MARGINS = 1.95  # inches of a horizontal map beside its columns
_NEAR = 1e-6
_TURNED = {"horizontal": "lying", "vertical": "upright"}


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What a map may be shown or printed on.

    Parameters
    ----------
    name : str
        As it begins a sentence.
    width, height : float
        In inches, lying; a height of 0 is free.
    turns : bool
        Whether a vertical map stands it upright.
    easy, largest : float
        How much larger than usual its text should be for easy reading, and may be.
    most_lanes : int
        More would be too much at a glance.
    """

    name: str
    width: float
    height: float
    turns: bool = True
    easy: float = 1.0
    largest: float = _LARGEST_BODY
    most_lanes: int = 99

    def sides(self, orientation: Orientation) -> tuple[float, float]:
        """Give width and height for a map of this orientation."""
        upright = self.turns and orientation == "vertical"
        return (self.height, self.width) if upright else (self.width, self.height)


SIZES: dict[str, Paper] = {
    "slide": Paper(name="A slide", width=13.33, height=7.5, turns=False, most_lanes=4),
    "a4": Paper(name="A4", width=11.69, height=8.27),
    "a3": Paper(name="A3", width=16.54, height=11.69),
    "notebook": Paper(name="A notebook", width=16.0, height=0.0, turns=False),
    "poster": Paper(name="A poster (A1)", width=33.11, height=23.39, easy=2.0, largest=3.0),
}


def fit_to_paper(
    lay: Lay,
    size: str,
    *,
    orientation: Orientation = "horizontal",
    lanes: Iterable[str] | None = None,
    theme: Theme = DEFAULT_THEME,
    order: Sequence[str] = DESIGNED,
    other: Lay | None = None,
) -> Scene:
    """How does a map fill a paper, with its text as large as may be?

    Widths and numbers of columns in a band are tried. What is easy to read is taken, with as few bands as
    that takes; where nothing is, what prints the text largest. Where not all lanes find room, the least
    important ones are left out, and a line on the figure names them.

    Parameters
    ----------
    lay : callable
        Lays the map for a width in inches (None: its own), so many columns in a band, and lanes.
    size : str
        One of `SIZES`.
    orientation : {"horizontal", "vertical"}
        A vertical map stands the paper upright.
    lanes : iterable of str, optional
        The lanes that must be shown; when left out, as many as find room.
    theme : Theme
        Sizes, colours and words of the map.
    order : sequence of str
        The lanes, the most important first; others come last.
    other : callable, optional
        Lays the map in the other orientation, which is named where it has the room that this one lacks.

    Returns
    -------
    Scene
        Of exactly the paper's size.

    Raises
    ------
    UnknownNameError
        No such size.
    JourneyMapError
        The map does not fit, even with text of 6.5 points.
    """
    paper = _paper(size)
    turned = cache(other) if other else None
    press = _Press(lay=cache(lay), paper=paper, orientation=orientation, theme=theme, other=turned)
    if not press.height:
        return press.on_screen(LANES if lanes is None else tuple(lanes))
    if lanes is not None:
        named = tuple(dict.fromkeys(lanes))
        if len(named) > paper.most_lanes:
            raise _too_many_lanes(paper, named)
        return press.printed(named) or _refuse(press, named)
    if paper.most_lanes >= len(LANES) and (scene := press.printed(LANES)):
        return scene
    shown = press.with_something_to_show()
    larger = _roomier(press, shown)
    where = larger.called(press) if larger else ""
    kept: tuple[str, ...] = ()
    for lane in sorted(shown, key=lambda lane: order.index(lane) if lane in order else len(order)):
        more = tuple(each for each in shown if each in {*kept, lane})
        if len(more) <= paper.most_lanes and press.fits(more, press.note(shown, more, where)):
            kept = more
        elif not kept:
            _refuse(press, more)
    return press.printed(kept, press.note(shown, kept, where)) or _refuse(press, kept)


def _paper(size: str) -> Paper:
    if size in SIZES:
        return SIZES[size]
    close = nearest(size, SIZES)
    raise UnknownNameError.because(
        f"no size {size!r} for a journey map.",
        expected=f"Expected one of: {', '.join(SIZES)}.",
        hint=f"did you mean {close!r}?" if close else None,
    )


@dataclass(frozen=True, kw_only=True)
class _Press:
    """Tries a map on one paper.

    Parameters
    ----------
    lay : callable
        Lays the map.
    paper : Paper
        The paper.
    orientation : str
        Of the map.
    theme : Theme
        Of the map.
    other : callable, optional
        Lays the map in the other orientation.
    """

    lay: Lay
    paper: Paper
    orientation: Orientation
    theme: Theme
    other: Lay | None = None

    @property
    def width(self) -> float:
        return self.paper.sides(self.orientation)[0]

    @property
    def height(self) -> float:
        return self.paper.sides(self.orientation)[1]

    @cached_property
    def count(self) -> int:
        """How many touchpoints has the map? (A wrong name of a lane is found here.)"""
        return sum(len(row) for row in _rows(self.lay(None, 12, ("feeling",))))

    @cached_property
    def widest(self) -> float:
        """How wide may a layout be, so that its smallest text can still be read on the paper?"""
        return self.width / self.smallest_scale

    @cached_property
    def smallest_scale(self) -> float:
        sizes = [label.size for label in self.lay(None, 12, ("feeling",)).labels()]
        return _SMALLEST_TEXT * self.theme.scale / min([*sizes, self.theme.tick_size * self.theme.scale])

    def scale(self, scene: Scene) -> float:
        """How much larger does the paper show this layout?"""
        return min(self.width / scene.width, self.height / scene.height, self.paper.largest)

    def laid(self, width: float, most: int, lanes: tuple[str, ...], note: str) -> Scene | None:
        """Lay the map; None where the width holds no column."""
        try:
            scene = self.lay(width, most, lanes)
        except InvalidJourneyError:
            return None
        return _with_note(scene, note, self.theme) if note else scene

    def fits(self, lanes: tuple[str, ...], note: str = "") -> list[int]:
        """With how many columns in a band can the map be read on the paper; none where it cannot?"""
        found: list[int] = []
        scene = self.laid(self.widest, max(1, self.count), lanes, note)
        if scene is None:
            return []
        columns = max((len(row) for row in _rows(scene)), default=1)
        bands = ceil(self.count / columns) if self.orientation == "horizontal" else 1
        while scene is not None and self.scale(scene) >= self.smallest_scale - _NEAR:
            found.append(columns)
            if columns == 1:
                break
            bands += 1
            columns = ceil(self.count / bands)
            scene = self.laid(self.widest, columns, lanes, note)
        return found

    def printed(self, lanes: tuple[str, ...], note: str = "") -> Scene | None:
        """Put the map with these lanes on the paper; None where it cannot be read there."""
        tried = [scene for most in self.fits(lanes, note) for scene in self.tried(most, lanes, note)]
        if not tried:
            return None
        best = max(tried, key=self._rank)
        return replace(best.scaled(self.scale(best)), width=self.width, height=self.height)

    def called(self, beside: _Press) -> str:
        """Name this paper on a figure that stands on another; how it is turned only where that differs."""
        word, name = self.theme.word, self.theme.word(self.paper.name)
        turned = self.orientation != beside.orientation
        return f"{name} {word(_TURNED[self.orientation])}" if turned else name

    def note(self, shown: tuple[str, ...], kept: tuple[str, ...], larger: str) -> str:
        """Say which lanes are left out, and what would show them."""
        word, out = self.theme.word, [lane for lane in shown if lane not in kept]
        if not out:
            return ""
        names, where = ", ".join(word(lane) for lane in out), larger or word("A map without a size")
        return f"{word('Left out for room')}: {names}. {where} {word('shows them')}."

    def _rank(self, scene: Scene) -> tuple[float, int, float, float]:
        """Easy reading first, then few bands, then large text, then what fills the paper's width."""
        scale = round(self.scale(scene), 2)
        return min(scale, self.paper.easy), -len(_rows(scene)), scale, scene.width

    def tried(self, most: int, lanes: tuple[str, ...], note: str) -> list[Scene]:
        """Lay the map in several widths, closing in on the one that fills the paper both ways."""
        low, high = self.width / self.paper.largest, self.widest
        widest = self.laid(high, most, lanes, note)
        scenes = [widest] if widest else []
        bands = len(_rows(widest)) if widest else 0
        width = low
        for _ in range(_ROUNDS):
            scene = self.laid(width, most, lanes, note)
            # Where the width folds the map once more, that is tried with fewer columns anyway.
            holds = scene is not None and len(_rows(scene)) <= bands
            if scene is not None and holds:
                scenes.append(scene)
            if scene is None or not holds or self.too_tall(scene):
                low = width
            else:
                high = width
            width = (low + high) / 2
            if high - low < _NEAR:
                break
        return scenes

    def too_tall(self, scene: Scene) -> bool:
        """Whether the paper's height, and not its width, says how large the layout can be shown."""
        return self.height / scene.height < self.width / scene.width - _NEAR

    def with_something_to_show(self) -> tuple[str, ...]:
        """Which lanes are not empty?"""
        bare = len(self.lay(None, max(1, self.count), ()).items)
        return tuple(lane for lane in LANES if len(self.lay(None, max(1, self.count), (lane,)).items) > bare)

    def on_screen(self, lanes: tuple[str, ...]) -> Scene:
        """Lay a map that is no wider than a notebook, and as tall as it becomes."""
        room = self.width / self.theme.scale - _MARGINS
        scene = self.lay(None, max(1, int(room / _EASY_COLUMN)), lanes)
        if scene.width <= self.width + _NEAR:
            return scene
        return self.lay(self.width, max(1, int(room / _EASY_COLUMN)), lanes)


def _rows(scene: Scene) -> list[list[Box]]:
    """Give the boxes of the touchpoints by their height on the figure."""
    rows: dict[float, list[Box]] = {}
    for item in scene.items:
        if isinstance(item, Box) and item.node:
            rows.setdefault(round(item.y, 3), []).append(item)
    return [rows[y] for y in sorted(rows)]


def _inside(name: str) -> str:
    """Give the name of a paper within a sentence."""
    return name[0].lower() + name[1:] if name.startswith("A ") else name


def _key(name: str) -> str:
    return next(key for key, paper in SIZES.items() if paper.name == name)


def _with_note(scene: Scene, note: str, theme: Theme) -> Scene:
    """Put a line below the legend."""
    margin, size = 0.35 * theme.scale, theme.small_size * theme.scale
    lines = wrap(note, scene.width - 2 * margin, size, family=theme.family)
    label = Label(x=margin, y=scene.height - 0.08 * theme.scale, text="\n".join(lines), size=size,
                  colour=theme.muted)  # fmt: skip
    return replace(
        scene,
        height=label.y + label.height + 0.16 * theme.scale,
        items=(*scene.items, label),
        description=f"{scene.description}\n{note}",
    )


def _roomier(press: _Press, lanes: tuple[str, ...]) -> _Press | None:
    """Which paper would show all these lanes: the same one turned, or else the next larger; None: none."""
    tries = [press]
    if press.other is not None:
        turned: Orientation = "vertical" if press.orientation == "horizontal" else "horizontal"
        tries.append(replace(press, lay=press.other, other=press.lay, orientation=turned))
    area = press.width * press.height
    papers = [SIZES[name] for name in ("a4", "a3", "poster") if SIZES[name] != press.paper]
    larger = [paper for paper in papers if paper.width * paper.height > 0.9 * area]
    if press.paper.most_lanes >= len(lanes):
        larger.insert(0, press.paper)
    for paper in larger:
        for tried in tries:
            same = paper == press.paper and tried is press
            if not same and (found := replace(tried, paper=paper)).fits(lanes):
                return found
    return None


def _too_many_lanes(paper: Paper, lanes: tuple[str, ...]) -> JourneyMapError:
    return JourneyMapError.because(
        f"{len(lanes)} lanes are too many for {paper.name.lower()}.",
        expected=f"Expected at most {paper.most_lanes}.",
        hint=f"name fewer, as lanes={list(lanes[: paper.most_lanes])}, or take size='a4'",
    )


def _asked(roomier: _Press, press: _Press) -> str:
    """Write the options that ask for a paper."""
    size = f"size={_key(roomier.paper.name)!r}" if roomier.paper != press.paper else ""
    turned = roomier.orientation != press.orientation
    return " with ".join(filter(None, (size, f"orientation={roomier.orientation!r}" if turned else "")))


def _refuse(press: _Press, lanes: tuple[str, ...]) -> NoReturn:
    """Say why a map does not fit, and what to do."""
    paper = press.paper
    scene = press.laid(press.widest, max(1, press.count), lanes, "")
    shown = f"with the lane{'s' if len(lanes) > 1 else ''} {joined(lanes)}" if lanes else "without any lane"
    problem = (
        f"{press.count} touchpoints {shown} do not fit on {_inside(paper.name)} of "
        f"{press.width:g} × {press.height:g} inches"
    )
    expected = f"Expected text of at least {_SMALLEST_TEXT * press.theme.scale:g} points."
    if scene is None:
        problem += ", which is too narrow for them."
    else:
        points = _SMALLEST_TEXT * press.theme.scale * press.scale(scene) / press.smallest_scale
        problem += f": the text would be {int(points * 10) / 10} points high."
    roomier = _roomier(press, lanes)
    ways = [
        _asked(roomier, press) if roomier else "",
        "fewer lanes" if len(lanes) > 1 else "",
        "fewer touchpoints, as path=[...]",
    ]
    hint = f"use {' or '.join(filter(None, ways))}"
    raise JourneyMapError.because(problem, expected=expected, hint=hint)
