"""What does the feeling curve say: its peak, its end, its lowest point and its biggest fall, in words?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from journeymap.analysis.wording import joined, plural
from journeymap.model.journey import Journey, Persona
from journeymap.render.map_columns import ANY_STAGE, Column, Who, choose_columns, choose_personas, track
from journeymap.render.map_feeling import feeling_text
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = [
    "FeelingLine",
    "Turns",
    "describe_feeling",
    "feeling_lines",
    "finding",
    "notes",
    "runs",
    "shortened",
    "turning_points",
]

_MOST_SHARED = 2  # more touchpoints than this that share an extreme are no point
_FEWEST = 2  # feelings; fewer have no peak, no end and no lowest point
_NEAR = 1e-9
_VISIBLE = 0.05  # feelings that differ by less are written alike


@dataclass(frozen=True, kw_only=True)
class FeelingLine:
    """One curve.

    Parameters
    ----------
    persona : Persona, optional
        Who feels so; None: what the journey itself says.
    columns : tuple of Column
        The touchpoints from left to right, the same for all curves of a figure.
    left_out : int
        Touchpoints that the figure leaves out.
    """

    persona: Persona | None
    columns: tuple[Column, ...]
    left_out: int = 0

    @property
    def known(self) -> tuple[int, ...]:
        """The positions of the touchpoints whose feeling is known."""
        return tuple(place for place, column in enumerate(self.columns) if column.feeling is not None)

    def value(self, place: int) -> float:
        """Give the feeling at a position where it is known."""
        return self.columns[place].feeling or 0.0


@dataclass(frozen=True, kw_only=True)
class Turns:
    """What is notable on a curve.

    Parameters
    ----------
    peak : tuple of int
        Where feeling is most intense, that is farthest from neutral; of −x and +x, −x counts.
    end : int, optional
        The last touchpoint in order whose feeling is known; those that float over all stages end nothing.
    ended : bool
        Whether nothing comes after it: else it is the last that is known, and no end.
    lowest, highest : tuple of int
        Where feeling is lowest and highest; empty where all feelings are alike.
    fall : (int, int), optional
        The neighbours between which feeling falls most; gaps are not bridged.
    as_deep : tuple of (int, int)
        Other neighbours between which it falls as much.
    """

    peak: tuple[int, ...] = ()
    end: int | None = None
    ended: bool = True
    lowest: tuple[int, ...] = ()
    highest: tuple[int, ...] = ()
    fall: tuple[int, int] | None = None
    as_deep: tuple[tuple[int, int], ...] = ()

    def words(self, place: int) -> tuple[str, ...]:
        """Name in English what the touchpoint at a position is, where it is one of two at most."""
        named = (("lowest point", self.lowest), ("highest point", self.highest), ("peak", self.peak))
        found = [word for word, places in named if place in places and len(places) <= _MOST_SHARED]
        if place == self.end:
            found.append("end" if self.ended else "last known")
        return tuple(found)


def feeling_lines(
    journey: Journey, persona: Who, path: Sequence[str] | None, theme: Theme
) -> tuple[FeelingLine, ...]:
    """Which curves does the figure show?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    persona : str, Persona or several, optional
        Whose feelings; ``"all"`` for those of every persona; the journey's own when left out.
    path : sequence of str, optional
        Touchpoints to show instead of all.
    theme : Theme
        The words on figures.

    Returns
    -------
    tuple of FeelingLine
        At least one.
    """
    found: list[FeelingLine] = []
    for somebody in choose_personas(journey, persona) or (None,):
        chosen = choose_columns(journey, path=path, persona=somebody, any_stage=theme.word(ANY_STAGE))
        found.append(FeelingLine(persona=somebody, columns=chosen.shown, left_out=chosen.left_out))
    return tuple(found)


def runs(line: FeelingLine) -> list[list[int]]:
    """List stretches of neighbouring touchpoints on which every feeling is known; no curve crosses a gap."""
    stretches: list[list[int]] = [[]]
    for place in track(line.columns):
        if line.columns[place].feeling is None:
            stretches.append([])
        else:
            stretches[-1].append(place)
    return [stretch for stretch in stretches if stretch]


def turning_points(line: FeelingLine) -> Turns:
    """Where are the peak, the end, the lowest and the highest point and the biggest fall of a curve?

    Parameters
    ----------
    line : FeelingLine
        The curve.

    Returns
    -------
    Turns
        With nothing in it where fewer than two feelings are known: one is neither peak nor end.

    References
    ----------
    Kahneman, Fredrickson, Schreiber and Redelmeier (1993), When more pain is preferred to less.
    """
    known = line.known
    if len(known) < _FEWEST:
        return Turns()
    values = [line.value(place) for place in known]
    most = max(values, key=lambda value: (abs(value), -value))
    low, high = min(values), max(values)
    alike = high - low < _VISIBLE
    way = track(line.columns)
    on_track = [place for place in way if line.columns[place].feeling is not None]
    falls = [
        (line.value(place) - line.value(following), place, following)
        for stretch in runs(line)
        for place, following in pairwise(stretch)
    ]
    deepest = max(falls, key=lambda fall: fall[0], default=(0.0, 0, 0))
    falling = deepest[0] >= _VISIBLE
    return Turns(
        peak=tuple(place for place in known if line.value(place) == most),
        end=on_track[-1] if on_track else None,
        ended=bool(on_track) and on_track[-1] == way[-1],
        lowest=() if alike else tuple(place for place in known if line.value(place) == low),
        highest=() if alike else tuple(place for place in known if line.value(place) == high),
        fall=deepest[1:] if falling else None,
        as_deep=tuple(
            fall[1:] for fall in falls if falling and fall != deepest and deepest[0] - fall[0] < _NEAR
        ),
    )


def _name(line: FeelingLine, place: int) -> str:
    """Name a touchpoint, with its stage where another one is called the same."""
    column = line.columns[place]
    name = column.touchpoint.name
    several = sum(other.touchpoint.name == name for other in line.columns) > 1
    return f"“{shortened(name)}” ({shortened(column.stage_name)})" if several else f"“{shortened(name)}”"


def shortened(name: str, most: int = 36) -> str:
    """Cut a name that would make a sentence hard to read; it stands in full on the figure.

    Parameters
    ----------
    name : str
        Any name.
    most : int
        The most letters.

    Returns
    -------
    str
        With “…” where it was cut.

    Examples
    --------
    >>> shortened("See the ad"), shortened("See the ad again", 10)
    ('See the ad', 'See the a…')
    """
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def _places(line: FeelingLine, places: Sequence[int]) -> str:
    if len(places) > _MOST_SHARED:
        return f"{len(places)} touchpoints"
    return joined([_name(line, place) for place in places])


def finding(lines: Sequence[FeelingLine]) -> str:
    """Say the main result in one or two sentences, made from the numbers.

    Parameters
    ----------
    lines : sequence of FeelingLine
        The curves of the figure.

    Returns
    -------
    str
        Of one curve its peak, end and biggest fall; of several, where they differ most.
    """
    if not any(line.known for line in lines):
        return (
            "No feelings are known yet. Give touchpoints a feeling from −2 (very negative) to +2 (very "
            "positive), or discover the journey from a log with a column of feelings."
        )
    if len(lines) > 1:
        return _difference(lines)
    line, turns = lines[0], turning_points(lines[0])
    if len(line.known) < _FEWEST:
        return _lone(line)
    peak = line.value(turns.peak[0])
    text = f"Feeling is most intense ({feeling_text(peak)}, the peak) at {_places(line, turns.peak)}"
    if turns.end is not None:
        end = feeling_text(line.value(turns.end))
        lead = f" and ends with {end}" if turns.ended else f"; the last known feeling is {end}"
        text += f"{lead} at {_name(line, turns.end)}"
    return f"{text}. {_fall(line, turns)}".rstrip()


def _lone(line: FeelingLine) -> str:
    """Say the only feeling that is known."""
    place = line.known[0]
    lead = f"Only 1 of {len(line.columns)} feelings is known" if len(line.columns) > 1 else "One feeling"
    return f"{lead}: {_felt(line.columns[place])} at {_name(line, place)}."


def _fall(line: FeelingLine, turns: Turns) -> str:
    if turns.fall is None:
        return "It falls nowhere from one touchpoint to the next." if _pairs(line) else ""
    before, after = turns.fall
    size = feeling_text(line.value(after) - line.value(before))
    text = f"The biggest fall, {size}, is from {_name(line, before)} to {_name(line, after)}"
    low, high = line.columns[before].low, line.columns[after].high
    if low is not None and high is not None and low <= high:
        text += ", less than the intervals can tell apart"
    if len(turns.as_deep) == 1:
        one, other = turns.as_deep[0]
        text += f"; it falls as much from {_name(line, one)} to {_name(line, other)}"
    elif turns.as_deep:
        text += f"; {len(turns.as_deep)} others are as big"
    return f"{text}."


def _pairs(line: FeelingLine) -> bool:
    return any(len(stretch) > 1 for stretch in runs(line))


def _who(line: FeelingLine) -> str:
    return line.persona.name if line.persona else "the journey"


def _difference(lines: Sequence[FeelingLine]) -> str:
    spreads: list[tuple[float, int]] = []
    for place in range(len(lines[0].columns)):
        values = [line.value(place) for line in lines if line.columns[place].feeling is not None]
        if len(values) > 1:
            spreads.append((max(values) - min(values), place))
    widest = max((spread for spread, _ in spreads), default=0.0)
    if widest < _VISIBLE:
        return f"{joined([_who(line) for line in lines])} feel alike wherever it is known."
    where = [place for spread, place in spreads if widest - spread < _NEAR]
    differ = sum(spread >= _VISIBLE for spread, _ in spreads)
    more = {1: "", 2: f" They differ as much at {_name(lines[0], where[-1])}."}.get(
        len(where), f" They differ as much at {len(where) - 1} other touchpoints."
    )
    return (
        f"{_apart(lines, where[0])}{more} Feelings differ at {differ} of "
        f"{plural(len(spreads), 'touchpoint')}."
    )


def _apart(lines: Sequence[FeelingLine], place: int) -> str:
    """Say who differs most at a touchpoint; personas who share an end of the range are named together."""
    known = [line for line in lines if line.columns[place].feeling is not None]
    values = [line.value(place) for line in known]
    ends = [
        ([_who(line) for line in known if line.value(place) == value], feeling_text(value))
        for value in (min(values), max(values))
    ]
    (low, least), (high, most) = ends
    if len(low) == len(high) == 1:
        return f"{low[0]} and {high[0]} differ most at {_name(lines[0], place)}: {least} against {most}."
    sides = [
        f"{joined(names) if len(names) <= _MOST_SHARED else f'{len(names)} personas'} {text}"
        for names, text in ends
    ]
    return f"Personas differ most at {_name(lines[0], place)}: {' against '.join(sides)}."


def _average(line: FeelingLine, turns: Turns) -> str:
    """Set peak and end beside the plain mean, since neither tells the other."""
    if turns.end is None:
        return ""
    mean = feeling_text(sum(line.value(place) for place in line.known) / len(line.known))
    if not turns.ended:
        return f"The plain mean of the {len(line.known)} known feelings is {mean}."
    both = (line.value(turns.peak[0]) + line.value(turns.end)) / 2
    return (
        f"Peak and end together average {feeling_text(both)}; the plain mean of the {len(line.known)} known "
        f"feelings is {mean}."
    )


def notes(lines: Sequence[FeelingLine]) -> str:
    """Say what the reader must know besides: averages, gaps, what is assumed and what is left out."""
    line = lines[0]
    said: list[str] = []
    if len(lines) == 1:
        said.append(_average(line, turning_points(line)))
    else:
        said += [_assumed(lines), _beside_each_other(lines)]
    unknown = sum(
        all(each.columns[place].feeling is None for each in lines) for place in range(len(line.columns))
    )
    if unknown and unknown < len(line.columns):
        verb = "is" if unknown == 1 else "are"
        gaps = any(len(each.known) >= _FEWEST for each in lines)
        why = "the curve has gaps there" if gaps else "one feeling has no peak, no end and no curve"
        said.append(f"{unknown} of {len(line.columns)} feelings {verb} not known: {why}.")
    if any(column.floats for column in line.columns):
        said.append(
            "Touchpoints that customers use at any stage are no part of the curve, which runs on behind them."
        )
    if line.left_out:
        said.append(
            f"{len(line.columns)} of {len(line.columns) + line.left_out} touchpoints are shown: those that "
            "most customers visit, and every service touchpoint."
        )
    return " ".join(part for part in said if part)


def _assumed(lines: Sequence[FeelingLine]) -> str:
    """Say what of several curves is assumed: their dashes tell personas apart, and nothing else."""
    known = [line.columns[place].assumed for line in lines for place in line.known]
    lead = (
        "All feelings are assumed"
        if known and all(known)
        else "Feelings of personas are assumed where they differ from the journey's own"
    )
    return f"{lead}; how a line is dashed tells whose it is."


def _beside_each_other(lines: Sequence[FeelingLine]) -> str:
    for columns in zip(*(line.columns for line in lines), strict=True):
        values = [column.feeling for column in columns if column.feeling is not None]
        if len(set(values)) < len(values):
            return "Where personas feel the same, their curves run side by side, a little off the value."
    return ""


def describe_feeling(journey: Journey, *, persona: Who = None, path: Sequence[str] | None = None) -> str:
    """What does the feeling curve of a journey say, in sentences?

    Parameters
    ----------
    journey : Journey
        Designed or observed.
    persona : str, Persona or several, optional
        Whose feelings.
    path : sequence of str, optional
        The touchpoints shown instead of all.

    Returns
    -------
    str
        The finding, what is to be known besides, then one line a touchpoint.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[
    ...     {"id": "ad", "stage": "discovery", "feeling": 1},
    ...     {"id": "pay", "stage": "purchase", "feeling": -1}])
    >>> print(describe_feeling(journey).splitlines()[1])
    Feeling is most intense (−1, the peak) at “Pay” and ends with −1 at “Pay”. The biggest fall, −2, is from \
“Ad” to “Pay”.
    """
    lines = feeling_lines(journey, persona, path, DEFAULT_THEME)
    count = len(lines[0].columns)
    said = [
        f"{journey.name}: how customers feel at {plural(count, 'touchpoint')}, from −2 to +2.",
        finding(lines),
    ]
    if not any(line.known for line in lines):
        return "\n".join(said)
    if len(lines) > 1:
        said += [f"{_who(line)}: {finding([line])}" for line in lines if line.known]
    said += [notes(lines)]
    said += [_in_words(lines, place) for place in range(count)]
    return "\n".join(part for part in said if part)


def _in_words(lines: Sequence[FeelingLine], place: int) -> str:
    column = lines[0].columns[place]
    service = ", service" if column.touchpoint.is_service else ""
    felt = [f"{f'{_who(line)} ' if len(lines) > 1 else ''}{_felt(line.columns[place])}" for line in lines]
    return f"{column.stage_name}, {column.touchpoint.name}{service}: {'; '.join(felt)}."


def _felt(column: Column) -> str:
    if column.feeling is None:
        return "feeling not known"
    text = feeling_text(column.feeling)
    if column.low is not None and column.high is not None:
        return f"{text} ({feeling_text(column.low)} to {feeling_text(column.high)})"
    return f"{text} (assumed)" if column.assumed else text
