"""Which scores of surveys and tickets stand on a map, in which rows, and how are they written?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from journeymap.analysis.wording import between, percent, plural
from journeymap.model.journey import Journey
from journeymap.model.measures import MeasuredScore, Scale
from journeymap.render.map_columns import Column
from journeymap.render.map_numbers import few, share_range, time_range, time_value
from journeymap.render.theme import Theme

__all__ = [
    "MOST_ROWS",
    "ScoreRow",
    "Scores",
    "bar_of",
    "choose_scores",
    "score_in_words",
    "score_range",
    "score_value",
]

MOST_ROWS = 5
_MINUS = "\N{MINUS SIGN}"
_FINE_SPAN = 20  # a scale that is longer needs no decimals
_MOST_DIGITS = 3
_APART = 2.0  # of the last decimal, by which the ends of an interval differ at least
# What a row is called in which several questions stand, each about a touchpoint of its own.
_COMMON = {"csat": "satisfaction", "ces": "effort", "nps": "recommendation"}


@dataclass(frozen=True, kw_only=True)
class ScoreRow:
    """A row of scores.

    Parameters
    ----------
    name : str
        The question's name, or the common one of several questions.
    cells : mapping of str to MeasuredScore
        By the id of the touchpoint; only what is known.
    several : bool
        Whether several questions share the row, so that each cell must name its own.
    """

    name: str
    cells: Mapping[str, MeasuredScore] = field(default_factory=dict)
    several: bool = False

    @property
    def first(self) -> MeasuredScore:
        """Any of the scores: unit and scale are the same in all cells."""
        return next(iter(self.cells.values()))

    @property
    def questions(self) -> tuple[str, ...]:
        """The names of its questions, each once."""
        return tuple(dict.fromkeys(score.name for score in self.cells.values()))

    def scale_words(self, theme: Theme) -> str:
        """Say the scale and its good end; empty for times and shares."""
        score = self.first
        if score.unit == "net_promoter":
            return theme.word("net promoter score")
        if score.unit != "score" or score.scale is None:
            return ""
        ends = _ends(_written(score.scale.low), _written(score.scale.high))
        return ends if score.scale.better == "higher" else f"{ends}, {theme.word('low is good')}"


@dataclass(frozen=True, kw_only=True)
class Scores:
    """The rows of scores, and which have no room.

    Parameters
    ----------
    rows : tuple of ScoreRow
        From top to bottom, five at most.
    cut : tuple of ScoreRow
        Those that the map leaves out.
    """

    rows: tuple[ScoreRow, ...] = ()
    cut: tuple[ScoreRow, ...] = ()


def choose_scores(journey: Journey, columns: Sequence[Column]) -> Scores:
    """Which scores stand in which row?

    A question has a row. Questions of a survey that each ask about one touchpoint alone, in the same way and
    on the same scale, share a row as long as they do not meet at a touchpoint: else a survey with a question
    for every touchpoint would be a staircase of nearly empty rows.

    Parameters
    ----------
    journey : Journey
        Its answers say what kind a question is.
    columns : sequence of Column
        The touchpoints that are shown.

    Returns
    -------
    Scores
        Where there are too many rows, those that are known at the most touchpoints stay, in the order of the
        questions.

    Examples
    --------
    >>> choose_scores(Journey(name="Shop"), ()).rows
    ()
    """
    found = _by_question(journey, columns)
    places: dict[str, set[str]] = {}
    for touchpoint in journey.touchpoints:
        for score in touchpoint.scores:
            places.setdefault(score.question, set()).add(touchpoint.floats_as or touchpoint.id)
    rows: list[ScoreRow] = []
    kinds: list[tuple[str, Scale | None] | None] = []
    for question, cells in found.items():
        row = ScoreRow(name=next(iter(cells.values())).name, cells=cells)
        kind = _kind(journey, row.first) if len(places[question]) == 1 else None
        home = next(
            (
                number
                for number, (other, its) in enumerate(zip(rows, kinds, strict=True))
                if kind is not None and its == kind and not other.cells.keys() & cells.keys()
            ),
            None,
        )
        if home is None:
            rows.append(row)
            kinds.append(kind)
        else:
            rows[home] = _together(rows[home], row, kind[0] if kind else "")
    best = sorted(rows, key=lambda row: -len(row.cells))[:MOST_ROWS]
    kept = [any(row is one for one in best) for row in rows]
    return Scores(
        rows=tuple(row for row, stays in zip(rows, kept, strict=True) if stays),
        cut=tuple(row for row, stays in zip(rows, kept, strict=True) if not stays),
    )


def _by_question(journey: Journey, columns: Sequence[Column]) -> dict[str, dict[str, MeasuredScore]]:
    """Collect what is known, in the order of the questions; what tickets say comes last."""
    asked = [question.id for question in journey.answers.questions] if journey.answers else []
    found: dict[str, dict[str, MeasuredScore]] = {question: {} for question in asked}
    for column in columns:
        for score in column.touchpoint.scores:
            if score.estimate.value is not None:
                found.setdefault(score.question, {})[column.touchpoint.id] = score
    return {question: cells for question, cells in found.items() if cells}


def _kind(journey: Journey, score: MeasuredScore) -> tuple[str, Scale | None] | None:
    """Say what is asked and on which scale; None for what tickets say."""
    if score.source != "answers":
        return None
    question = journey.answers.question(score.question) if journey.answers else None
    return question.measure if question else "score", score.scale


def _together(home: ScoreRow, more: ScoreRow, measure: str) -> ScoreRow:
    cells = {**home.cells, **more.cells}
    if len({score.name for score in cells.values()}) == 1:
        return replace(home, cells=cells)
    return ScoreRow(name=_COMMON.get(measure, "score"), cells=cells, several=True)


def _written(value: float, digits: int | None = None, *, signed: bool = False) -> str:
    text = f"{value:g}" if digits is None else f"{value:.{digits}f}"
    if not float(text):
        return text.removeprefix("-")
    return text.replace("-", _MINUS) if value < 0 or not signed else f"+{text}"


def _ends(low: str, high: str) -> str:
    """Write an interval; a dash between two signs would look like a third."""
    return f"{low} to {high}" if low[0] in f"+{_MINUS}" or high[0] in f"+{_MINUS}" else f"{low}–{high}"


def _digits(score: MeasuredScore) -> int:
    scale = score.scale
    return 1 if score.unit == "score" and scale and scale.high - scale.low <= _FINE_SPAN else 0


def score_value(score: MeasuredScore) -> str:
    """How is a score written?

    Parameters
    ----------
    score : MeasuredScore
        With a value.

    Returns
    -------
    str
        A mean with one decimal on a short scale; a net promoter score times 100, with its sign; a share in
        percent; a time in the unit of its interval. Empty without a value.

    Examples
    --------
    >>> from journeymap.model.measures import Estimate
    >>> nps = MeasuredScore(question="q", name="Q", scale={"low": 0, "high": 10}, unit="net_promoter",
    ...                     estimate=Estimate(value=-0.124))
    >>> score_value(nps)
    '−12'
    """
    value = score.estimate.value
    if value is None:
        return ""
    if score.unit == "net_promoter":
        return _written(value * 100, 0, signed=True)
    if score.unit == "share":
        return percent(value)
    if score.unit == "seconds":
        return time_value(score.estimate)
    return _written(value, _digits(score))


def score_range(score: MeasuredScore) -> str:
    """How is the interval of a score written?

    Parameters
    ----------
    score : MeasuredScore
        Any.

    Returns
    -------
    str
        In the unit of the value, which only times name, with as many decimals as tell its ends apart; empty
        without an interval.

    Examples
    --------
    >>> from journeymap.model.measures import Estimate
    >>> score = MeasuredScore(question="q", name="Q", scale={"low": 1, "high": 5},
    ...                       estimate=Estimate(value=4.2, low=4.17, high=4.23))
    >>> score_range(score)
    '4.17–4.23'
    """
    if score.unit == "share":
        return share_range(score.estimate)
    if score.unit == "seconds":
        return time_range(score.estimate, named=True)
    low, high = score.estimate.low, score.estimate.high
    if low is None or high is None:
        return ""
    signed = score.unit == "net_promoter"
    if signed:
        low, high = low * 100, high * 100
    digits = _digits(score)
    while digits < _MOST_DIGITS and low < high and high - low < _APART * 10**-digits:
        digits += 1
    return _ends(*(_written(end, digits, signed=signed) for end in (low, high)))


def bar_of(score: MeasuredScore) -> tuple[float, float] | None:
    """From where to where does the bar of a score reach on its scale?

    Parameters
    ----------
    score : MeasuredScore
        With a value.

    Returns
    -------
    (float, float) or None
        0 to 1; a net promoter score begins in the middle. None for times, which have no scale.
    """
    value, scale = score.estimate.value, score.scale
    if value is None or score.unit == "seconds":
        return None
    if score.unit == "net_promoter":
        end = (min(1.0, max(-1.0, value)) + 1) / 2
        return min(0.5, end), max(0.5, end)
    low, high = (0.0, 1.0) if score.unit == "share" or scale is None else (scale.low, scale.high)
    return 0.0, min(1.0, max(0.0, (value - low) / (high - low)))


def score_in_words(score: MeasuredScore) -> str:
    """What does a score say, for a reader who does not see it?

    Parameters
    ----------
    score : MeasuredScore
        Any.

    Returns
    -------
    str
        Its name, the number on its scale, the interval and how much stands behind it.

    Examples
    --------
    >>> from journeymap.model.measures import Estimate
    >>> score = MeasuredScore(question="q", name="Ease", scale={"low": 1, "high": 7},
    ...                       estimate=Estimate(value=5.24, low=5.1, high=5.4, n=400, customers=390))
    >>> score_in_words(score)
    'Ease 5.2 on a scale from 1 to 7 (5.1 to 5.4; 400 answers)'
    """
    estimate = score.estimate
    if estimate.value is None:
        return f"{score.name} not known"
    what = score_value(score)
    if score.unit == "net_promoter":
        what = f"net promoter score {what}"
    elif score.unit == "score" and score.scale is not None:
        what += f" on a scale from {_written(score.scale.low)} to {_written(score.scale.high)}"
        what += "" if score.scale.better == "higher" else " where low is good"
    counted = plural(estimate.n, "answer" if score.source == "answers" else "contact")
    around = score_range(score).replace("–", " to ")
    if score.unit in {"share", "seconds"}:
        around = between(estimate, "time" if score.unit == "seconds" else "percent")
    said = "; ".join(filter(None, (around, counted)))
    return f"{score.name} {what} ({said}){' from a small sample' if few(estimate) else ''}"
