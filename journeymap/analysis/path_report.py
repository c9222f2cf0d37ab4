"""The paths of a journey side by side, as a value that can be read aloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import combinations
from math import floor, log10
from typing import Any, Literal

from pydantic import Field

from journeymap.analysis.wording import joined, percent, plural, spoken_time
from journeymap.model.frozen import Frozen
from journeymap.model.measures import SMALL_SAMPLE, Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = ["HAPPY_KINDS", "HappyKind", "JourneyPath", "Parting", "PathsReport"]

HappyKind = Literal["designed", "modal", "model", "best_felt"]
PathKind = Literal["designed", "modal", "model", "best_felt", "simple", "walk"]
HAPPY_KINDS: tuple[HappyKind, ...] = ("designed", "modal", "model", "best_felt")
_WORDS: dict[str, str] = {
    "designed": "Designed",
    "modal": "Most frequent",
    "model": "Most probable",
    "best_felt": "Best felt",
    "simple": "Probable path",
    "walk": "Probable walk",
}
_SLIGHT = 0.05
_SMALL, _SMALLEST, _ROUNDING = 0.1, 1e-6, 1e-9
_MANY = 6
_COLUMNS = (
    "kind", "rank", "path", "touchpoints", "probability", "probability_low", "probability_high", "journeys",
    "share", "share_low", "share_high", "duration_seconds", "duration_low", "duration_high",
    "taken_duration_seconds", "feeling", "feeling_low", "feeling_high", "feeling_known", "feeling_measured",
    "never_taken",
)  # fmt: skip


class JourneyPath(Frozen):
    """One way from the first touchpoint to the goal.

    Parameters
    ----------
    kind : {"designed", "modal", "model", "best_felt", "simple", "walk"}
        What it is the best of: planned; the most frequent successful path; the most probable one by the
        chain; the best felt; or one of the most probable paths without, or with, repeated visits.
    touchpoints, names : tuple of str
        Ids and names of what it visits.
    probability : Estimate
        How probable the chain makes exactly this path, 0 to 1, model-implied.
    designed_probability : float, optional
        How probable the design makes it, where it names shares.
    taken : Estimate, optional
        The share of decided journeys that took exactly this path and were won; `n` counts decided
        journeys. None without the counts of `with_paths`.
    journeys : int, optional
        How many that were; 0 where nobody took it, or where too few did to be listed.
    duration : Estimate
        Expected seconds, from its transitions in all journeys.
    taken_duration : Estimate, optional
        Mean seconds of the journeys that took exactly this path.
    feeling : Estimate
        Mean feeling over its touchpoints, −2 to +2; `n` counts those whose feeling is known.
    feeling_measured : bool
        Whether that feeling was measured; else it is what the map says.
    never_taken : tuple of (str, str)
        Moves on it that no decided journey made; the first from ``@start`` where none begins there.
    how : str
        How it was found, in words.
    """

    kind: PathKind
    touchpoints: tuple[str, ...]
    names: tuple[str, ...]
    probability: Estimate
    designed_probability: float | None = None
    taken: Estimate | None = None
    journeys: int | None = None
    duration: Estimate
    taken_duration: Estimate | None = None
    feeling: Estimate
    feeling_measured: bool = False
    never_taken: tuple[tuple[str, str], ...] = ()
    how: str = ""

    @property
    def misjudged(self) -> Literal["less", "more", ""]:
        """Whether the chain makes it less or more probable than it is: the two intervals do not meet.

        Judged from 20 journeys on: of many rare paths one is always more frequent than it should be.
        """
        taken, model = self.taken, self.probability
        if taken is None or None in {taken.low, taken.high, model.low, model.high}:
            return ""
        if (self.journeys or 0) < SMALL_SAMPLE:
            return ""
        if (taken.low or 0.0) > (model.high or 0.0):
            return "less"
        return "more" if (taken.high or 0.0) < (model.low or 0.0) else ""

    def way(self) -> str:
        """Write the touchpoints with arrows, repeats in a row counted."""
        parts: list[list[Any]] = []
        for name in self.names:
            if parts and parts[-1][0] == name:
                parts[-1][1] += 1
            else:
                parts.append([name, 1])
        return " → ".join(name if times == 1 else f"{name} (×{times})" for name, times in parts)

    def facts(self) -> str:
        """Say in a sentence or two how probable, frequent, long and felt it is."""
        planned = self.designed_probability
        said = ["" if planned is None else f"The design gives it {_fine(planned)} of all journeys."]
        said += [self._probable(), self._taken(), self._long(), self._felt()]
        return " ".join(sentence for sentence in said if sentence)

    def _probable(self) -> str:
        if self.never_taken:
            source, target = self.never_taken[0]
            named = dict(zip(self.touchpoints, self.names, strict=True))
            if source not in named:
                return f"No decided journey begins at “{named[target]}”."
            return f"No decided journey goes from “{named[source]}” straight to “{named[target]}”."
        value = self.probability.value or 0.0
        return f"The chain gives it {_fine(value)} of all journeys{_ends(self.probability)}."

    def _taken(self) -> str:
        if self.taken is None or self.taken.value is None or self.journeys is None:
            return ""
        if not self.journeys:
            return "No journey that is listed took exactly this path."
        share = f"{_fine(self.taken.value)} of the decided ones"
        return f"{plural(self.journeys, 'won journey')} took exactly this path ({share})."

    def _long(self) -> str:
        span = self.taken_duration or self.duration
        if span.value is None:
            return ""
        whose = "They took" if self.taken_duration is not None else "It takes"
        return f"{whose} {spoken_time(span.value)} on average."

    def _felt(self) -> str:
        if self.feeling.value is None:
            return ""
        known = len(set(self.touchpoints))
        over = "" if self.feeling.n == known else f", known at {self.feeling.n} of {known} touchpoints"
        source = "Mean feeling" if self.feeling_measured else "Mean feeling by the map, not measured,"
        return f"{source} {self.feeling.value:+.1f}{over}."


class Parting(Frozen):
    """Where two of the happy paths agree, and where they part.

    Parameters
    ----------
    first, second : {"designed", "modal", "model", "best_felt"}
        The two paths.
    after : str
        The last touchpoint that they have in common from the beginning; empty where they begin apart.
    first_next, second_next : str
        Where each goes on; empty at its end.
    only_first, only_second : tuple of str
        Touchpoints that only one of them visits.
    """

    first: HappyKind
    second: HappyKind
    after: str
    first_next: str
    second_next: str
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()


class PathsReport(Frozen):
    """The four happy paths side by side, and the most probable paths and walks.

    Parameters
    ----------
    journey : str
        The name of the journey.
    happy : tuple of JourneyPath
        Those of the four that could be found: designed, modal, model, best-felt.
    not_found : dict of str to str
        The others, with the reason or the call that would provide them.
    paths, walks : tuple of JourneyPath
        The most probable paths without and with repeated visits, the most probable first.
    conversion : float
        The share of decided journeys that are won.
    journeys, customers : int
        Decided journeys, and the customers behind all journeys.
    floor : float
        How probable the best-felt path had to be beside the most probable one.
    rare : int, optional
        Won journeys on paths that too few customers took to be listed; None without `with_paths`.
    touchpoint_names : dict of str to str
        The name of every touchpoint on a path.
    filters : tuple of str
        The filters of the log behind it, in words.
    period : (datetime, datetime), optional
        The first and the last event behind it.
    """

    journey: str
    happy: tuple[JourneyPath, ...] = ()
    not_found: dict[str, str] = Field(default_factory=dict)
    paths: tuple[JourneyPath, ...] = ()
    walks: tuple[JourneyPath, ...] = ()
    conversion: float = 0.0
    journeys: int = 0
    customers: int = 0
    floor: float = 0.1
    rare: int | None = None
    touchpoint_names: dict[str, str] = Field(default_factory=dict)
    filters: tuple[str, ...] = ()
    period: tuple[datetime, datetime] | None = None

    @property
    def designed(self) -> JourneyPath | None:
        """The planned path."""
        return self._kind("designed")

    @property
    def modal(self) -> JourneyPath | None:
        """The most frequent successful path."""
        return self._kind("modal")

    @property
    def model(self) -> JourneyPath | None:
        """The most probable path by the chain."""
        return self._kind("model")

    @property
    def best_felt(self) -> JourneyPath | None:
        """The path with the highest mean feeling."""
        return self._kind("best_felt")

    def _kind(self, kind: HappyKind) -> JourneyPath | None:
        return next((path for path in self.happy if path.kind == kind), None)

    @property
    def shared(self) -> tuple[str, ...]:
        """The touchpoints that all happy paths visit, in the order of the first of them."""
        if not self.happy:
            return ()
        common = set.intersection(*(set(path.touchpoints) for path in self.happy))
        return tuple(name for name in dict.fromkeys(self.happy[0].touchpoints) if name in common)

    @property
    def partings(self) -> tuple[Parting, ...]:
        """Where each two of the happy paths part; equal ones are left out."""
        pairs = combinations(self.happy, 2)
        return tuple(_parting(one, other) for one, other in pairs if one.touchpoints != other.touchpoints)

    @property
    def covered(self) -> float | None:
        """The share of the won journeys that the most probable paths together stand for, by the chain."""
        if not self.conversion:
            return None
        return min(sum(path.probability.value or 0.0 for path in self.paths) / self.conversion, 1.0)

    def __str__(self) -> str:
        """Write the paths in a few lines that can be read aloud."""
        lines = [self._headline(), *self._happy_lines(), *self._agreement(), *self._warnings()]
        return "\n".join([*lines, *self._gaps()])

    def _headline(self) -> str:
        basis = f"judged by {plural(self.journeys, 'decided journey')}"
        ways = len({path.touchpoints for path in self.happy})
        if not self.happy:
            return f"{self.journey}: no path to the goal was found, {basis}."
        kinds = joined([_WORDS[path.kind].lower() for path in self.happy])
        if ways == 1 and len(self.happy) > 1:
            return f"{self.journey}: the {kinds} path are one and the same, {basis}."
        if len(self.happy) == 1:
            return f"{self.journey}: only the {kinds} path could be found, {basis}."
        if ways == len(self.happy):
            return f"{self.journey}: the {kinds} paths are {plural(ways, 'different way')}, {basis}."
        return f"{self.journey}: {self._same()}, {basis}."

    def _same(self) -> str:
        """Name the happy paths that are one way, and those that are another."""
        alike: dict[tuple[str, ...], list[str]] = {}
        for path in self.happy:
            alike.setdefault(path.touchpoints, []).append(_WORDS[path.kind].lower())
        pairs = [f"the {joined(kinds)} path are the same" for kinds in alike.values() if len(kinds) > 1]
        others = [f"the {kinds[0]} path" for kinds in alike.values() if len(kinds) == 1]
        if not others:
            return joined(pairs)
        return f"{joined(pairs)}, {joined(others)} {'is another' if len(others) == 1 else 'are others'}"

    def _happy_lines(self) -> Iterator[str]:
        told: dict[tuple[str, ...], str] = {}
        for path in self.happy:
            word = _WORDS[path.kind]
            how = f" ({path.how})" if path.how else ""
            if path.touchpoints in told:
                yield f"{word}{how}: the same as the {told[path.touchpoints].lower()} path."
            else:
                yield f"{word}{how}: {path.way()}. {path.facts()}"
            told.setdefault(path.touchpoints, word)

    def _agreement(self) -> Iterator[str]:
        if len({path.touchpoints for path in self.happy}) == 1 or not self.happy:
            return
        shared = [f"“{self.touchpoint_names.get(name, name)}”" for name in self.shared]
        if len(shared) > _MANY:
            yield f"All of them visit {len(shared)} touchpoints, from {shared[0]} to {shared[-1]}."
        else:
            yield f"All of them visit {joined(shared)}." if shared else "They share no touchpoint."
        first, told = self.happy[0], {self.happy[0].touchpoints}
        for path in self.happy[1:]:
            if path.touchpoints not in told:
                told.add(path.touchpoints)
                yield self._parted(_parting(first, path))

    def _parted(self, parting: Parting) -> str:
        name = self.touchpoint_names
        one, other = _WORDS[parting.first].lower(), _WORDS[parting.second].lower()
        where = f"part after “{name[parting.after]}”" if parting.after else "begin apart"
        ways = [
            f"the {kind} path {'goes on to' if parting.after else 'begins at'} “{name[onward]}”"
            for kind, onward in ((one, parting.first_next), (other, parting.second_next))
            if onward
        ]
        return f"The {one} and the {other} path {where}: {joined(ways)}."

    def _warnings(self) -> Iterator[str]:
        model = self.model
        if model is not None and model.journeys == 0:
            rare = self.rare or 0
            more = (
                f" {plural(rare, 'won journey')} went ways that too few customers took to be listed."
                if rare
                else ""
            )
            yield (
                "The most probable path is not among those that journeys took: the chain puts it together "
                f"from pieces of different journeys.{more}"
            )
        if self.modal is not None and self.modal.misjudged:
            yield (
                f"The chain makes the most frequent path {self.modal.misjudged} probable than it is: where "
                "customers go next hangs on more than the touchpoint they are at."
            )
        if self.covered is not None and self.paths and self.covered < _SLIGHT:
            yield (
                f"The {plural(len(self.paths), 'most probable path')} together stand for only "
                f"{_fine(self.covered)} of the won journeys: no single path tells how this journey is won."
            )

    def _gaps(self) -> list[str]:
        return [f"Not found: {_WORDS[kind].lower()} path ({why})." for kind, why in self.not_found.items()]

    def _repr_html_(self) -> str:
        """Show the paths as a table in a notebook."""
        columns = ("path", "touchpoints", "probability by the chain", "won journeys on it", "time", "feeling")
        rows = [_cells(path) for path in (*self.happy, *self.paths, *self.walks)]
        notes = [*self._agreement(), *self._warnings(), *self._gaps()]
        return html_table(self._headline(), columns, rows, notes=notes)

    def to_frame(self) -> Any:
        """Put one row per path into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            `kind` with `rank` from 1 among its kind; `path` holds ids joined by ``>``; shares and
            probabilities 0 to 1, times in seconds, feelings −2 to +2.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        rows = [
            _row(path, rank)
            for paths in (*((path,) for path in self.happy), self.paths, self.walks)
            for rank, path in enumerate(paths, 1)
        ]
        return data_frame(_COLUMNS, rows)


def _fine(share: float, like: float | None = None) -> str:
    """Write a share with the decimals that a small one needs, or with those of another one."""
    like = share if like is None else like
    if share == 0 or (share >= _SMALL and like >= _SMALL) or not like:
        return percent(share)
    if share < _SMALLEST:
        return "under 0.0001 %"
    digits = 0 if like >= _SMALL else max(1, 1 - floor(log10(100 * like) + _ROUNDING))
    text = f"{share * 100:.{digits}f}"
    return f"{text} %" if float(text) else f"{share * 100:.1g} %"


def _ends(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    value = estimate.value
    return f" ({_fine(estimate.low, value)} to {_fine(estimate.high, value)})"


def _parting(one: JourneyPath, other: JourneyPath) -> Parting:
    first, second = one.touchpoints, other.touchpoints
    same = 0
    while same < min(len(first), len(second)) and first[same] == second[same]:
        same += 1
    return Parting(
        first=_happy(one.kind),
        second=_happy(other.kind),
        after=first[same - 1] if same else "",
        first_next=first[same] if same < len(first) else "",
        second_next=second[same] if same < len(second) else "",
        only_first=_missing(first, second),
        only_second=_missing(second, first),
    )


def _happy(kind: PathKind) -> HappyKind:
    return next(happy for happy in HAPPY_KINDS if happy == kind)


def _missing(of: Sequence[str], among: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(of) if name not in set(among))


def _cells(path: JourneyPath) -> tuple[Any, ...]:
    share = None if path.taken is None or path.taken.value is None else _fine(path.taken.value)
    span = (path.taken_duration or path.duration).value
    return (
        f"{_WORDS[path.kind]}{f' ({path.how})' if path.how else ''}",
        path.way(),
        f"{_fine(path.probability.value or 0.0)}{_ends(path.probability)}",
        None if path.journeys is None else f"{path.journeys:,} ({share})",
        None if span is None else spoken_time(span),
        None if path.feeling.value is None else f"{path.feeling.value:+.1f}",
    )


def _row(path: JourneyPath, rank: int) -> tuple[Any, ...]:
    taken = path.taken or Estimate(value=None)
    return (
        path.kind,
        rank,
        " > ".join(path.touchpoints),
        len(path.touchpoints),
        *_three(path.probability),
        path.journeys,
        *_three(taken),
        *_three(path.duration),
        path.taken_duration.value if path.taken_duration else None,
        *_three(path.feeling),
        path.feeling.n,
        path.feeling_measured,
        " ".join(">".join(move) for move in path.never_taken),
    )


def _three(estimate: Estimate) -> tuple[float | None, float | None, float | None]:
    return estimate.value, estimate.low, estimate.high
