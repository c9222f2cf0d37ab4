"""Groups of journeys that take like paths, as a value that can be read aloud."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from journeymap.analysis.wording import between, joined, number, percent, plural
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = ["Among", "Distance", "GroupMark", "VariantGroup", "VariantGroups"]

Among = Literal["all", "won", "lost"]
Distance = Literal["lcs", "transition_rates"]

# Kaufman and Rousseeuw's reading of the mean silhouette
_NONE, _WEAK, _REASONABLE = 0.25, 0.5, 0.7
_STABLE = 0.6
_COLUMNS = (
    "group", "path", "variants", "journeys", "customers", "share", "share_low", "share_high", "goal_rate",
    "goal_rate_low", "goal_rate_high", "on_path", "visits", "complexity", "silhouette", "marks",
)  # fmt: skip


class GroupMark(Frozen):
    """A touchpoint that tells a group from the others.

    Parameters
    ----------
    touchpoint, name : str
        Its id and name.
    share, elsewhere : float
        The share of journeys that visit it in the group and in all others, 0 to 1.
    """

    touchpoint: str
    name: str
    share: float
    elsewhere: float


class VariantGroup(Frozen):
    """Journeys that take like paths.

    Parameters
    ----------
    path, names : tuple of str
        Ids and names of the most central path (the medoid), without the goal.
    variants, journeys, customers : int
        How many of each; customers on several paths count once for each.
    share : Estimate
        The group's share of the journeys that were grouped.
    goal_rate : Estimate, optional
        Won journeys / won and lost ones; None where only won, or only lost, journeys were grouped,
        and in a journey without goal.
    on_path : float
        The share of its journeys that take exactly the central path.
    visits : float
        Visits a journey before the goal.
    complexity : float
        The mean complexity index of its paths, 0 to 1.
    silhouette : float
        How much nearer its journeys are to each other than to the nearest other group, −1 to 1.
    marks : tuple of GroupMark
        The touchpoints that tell it from the others most.
    """

    path: tuple[str, ...]
    names: tuple[str, ...]
    variants: int
    journeys: int
    customers: int
    share: Estimate
    goal_rate: Estimate | None = None
    on_path: float
    visits: float
    complexity: float
    silhouette: float
    marks: tuple[GroupMark, ...] = ()

    def way(self) -> str:
        """Write the central path with arrows."""
        return " → ".join(self.names)

    def why(self) -> str:
        """Say in a few sentences what marks the group and how it fares."""
        visits = number(self.visits)
        said = [
            self._fares(),
            f"{percent(self.on_path)} take exactly the central path.",
            f"They make {visits} visit{'' if visits == '1' else 's'} before the goal.",
            *self._marked(),
        ]
        return " ".join(sentence for sentence in said if sentence)

    def _fares(self) -> str:
        if self.goal_rate is None:
            return ""
        rate = _rate(self.goal_rate)
        return (
            "None of them is decided yet." if rate is None else f"Of these journeys, {rate} reach the goal."
        )

    def _marked(self) -> Iterator[str]:
        for more, word in ((True, "more often"), (False, "less often")):
            told = [
                f"“{mark.name}” ({percent(mark.share)} against {percent(mark.elsewhere)})"
                for mark in self.marks
                if (mark.share > mark.elsewhere) is more
            ]
            if told:
                yield f"They visit {joined(told)} {word} than the others."


class VariantGroups(Frozen):
    """The groups into which journeys fall by their paths, and how far to trust them.

    Parameters
    ----------
    journey : str
        The name of the journey.
    groups : tuple of VariantGroup
        The largest first; empty where fewer than three paths differ.
    silhouette : float, optional
        How clearly they part, −1 to 1; journeys on the same path do not count as company.
    stability : float, optional
        The mean adjusted Rand index between these groups and those of customers drawn anew: 1 always the
        same, about 0 never.
    linkage_agreement : float, optional
        The adjusted Rand index between these groups and as many by average linkage.
    variants, journeys : int
        How many different paths before the goal, and journeys on them, were grouped.
    left_out : int
        Journeys that were not: on paths too rare to be listed or compared, or that began at the goal.
    distance : {"lcs", "transition_rates"}
        How paths were compared.
    among : {"all", "won", "lost"}
        Which journeys were grouped.
    asked : bool
        Whether the number of groups was asked for rather than found.
    filters : tuple of str
        The filters of the log behind it, in words.
    period : (datetime, datetime), optional
        The first and the last event behind it.
    """

    journey: str
    groups: tuple[VariantGroup, ...] = ()
    silhouette: float | None = None
    stability: float | None = None
    linkage_agreement: float | None = None
    variants: int = 0
    journeys: int = 0
    left_out: int = 0
    distance: Distance = "lcs"
    among: Among = "all"
    asked: bool = False
    filters: tuple[str, ...] = ()
    period: tuple[datetime, datetime] | None = None

    @property
    def structure(self) -> Literal["none", "weak", "reasonable", "strong"]:
        """How clearly the groups part: a mean silhouette up to 0.25, 0.5, 0.7 or more."""
        value = -1.0 if self.silhouette is None else self.silhouette
        if value <= _NONE:
            return "none"
        return "weak" if value <= _WEAK else "reasonable" if value <= _REASONABLE else "strong"

    @property
    def is_reliable(self) -> bool:
        """Whether the groups part at all and are found again with other customers (index 0.6 or more)."""
        return self.structure != "none" and (self.stability or 0.0) >= _STABLE

    def __str__(self) -> str:
        """Write the groups in a few lines that can be read aloud."""
        lines = [self._headline(), *self._trust()]
        for place, group in enumerate(self.groups, 1):
            basis = f"{plural(group.journeys, 'journey')} on {plural(group.variants, 'path')}"
            lines.append(f"{place}. {group.way()} ({basis}): {group.why()}")
        return "\n".join([*lines, *self._gaps()])

    def _headline(self) -> str:
        kind = "journey" if self.among == "all" else f"{self.among} journey"
        basis = f"{plural(self.journeys, kind)} on {plural(self.variants, 'different path')}"
        if not self.groups:
            return f"{self.journey}: {basis}: too few different paths to group."
        count = plural(len(self.groups), "group")
        if self.structure == "none":
            return (
                f"{self.journey}: {basis} fall into no clear groups; the {len(self.groups)} below are cuts."
            )
        if not self.is_reliable:
            return f"{self.journey}: {basis} can be cut into {count}, but not reliably."
        return f"{self.journey}: {basis} fall into {count}."

    def _trust(self) -> Iterator[str]:
        if not self.groups:
            return
        said = {"none": "no", "weak": "weak", "reasonable": "reasonable", "strong": "strong"}[self.structure]
        text = f"They show {said} structure (mean silhouette {self.silhouette or 0.0:.2f})"
        if self.stability is not None:
            again = "are" if self.stability >= _STABLE else "are not"
            text += f" and {again} found again when customers are drawn anew (index {self.stability:.2f})"
        yield f"{text}."
        if self.linkage_agreement is not None and self.linkage_agreement < _STABLE:
            yield f"Another method, average linkage, groups otherwise (index {self.linkage_agreement:.2f})."
        if any(group.goal_rate is not None for group in self.groups):
            yield (
                "A path is short where a customer left early, so groups of short paths are lost by their "
                "making; that a group is won more often does not say that its path is why."
            )

    def _gaps(self) -> Iterator[str]:
        if self.left_out:
            share = percent(self.left_out / (self.left_out + self.journeys))
            yield (
                f"Left out: {plural(self.left_out, 'journey')} ({share}) on paths too rare to be listed or "
                "compared, or without a visit before the goal."
            )

    def _repr_html_(self) -> str:
        """Show the groups as a table in a notebook."""
        columns = ("central path", "paths", "journeys", "goal rate", "what marks them")
        rows = [
            (
                group.way(),
                f"{group.variants:,}",
                f"{group.journeys:,}",
                _rate(group.goal_rate),
                group.why(),
            )
            for group in self.groups
        ]
        return html_table(self._headline(), columns, rows, notes=[*self._trust(), *self._gaps()])

    def to_frame(self) -> Any:
        """Put one row per group into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            `path` is the central path, ids joined by ``>``; shares are 0 to 1.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(_COLUMNS, [_row(place, group) for place, group in enumerate(self.groups, 1)])


def _rate(rate: Estimate | None) -> str | None:
    if rate is None or rate.value is None:
        return None
    ends = between(rate)
    return f"{percent(rate.value)}{f' ({ends})' if ends else ''}"


def _row(place: int, group: VariantGroup) -> tuple[Any, ...]:
    rate = group.goal_rate or Estimate(value=None)
    return (
        place,
        " > ".join(group.path),
        group.variants,
        group.journeys,
        group.customers,
        group.share.value,
        group.share.low,
        group.share.high,
        rate.value,
        rate.low,
        rate.high,
        group.on_path,
        group.visits,
        group.complexity,
        group.silhouette,
        " ".join(mark.touchpoint for mark in group.marks),
    )
