"""What `find_moments` answers: every touchpoint by four notions, with its evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from journeymap.analysis.wording import joined, percent, plural
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = ["Moment", "MomentsReport"]

_SAID = 3
_PASSED_BY_ALL = 0.9995
_SMALL, _TINY = 0.01, 0.0005
_MODEL = "Removal effect and decisiveness are model-implied, if the association is causal."
_APART = "These are different questions; they are not added up."
_COLUMNS = (
    "touchpoint", "name", "stage", "is_service", "is_goal", "is_gateway", "decisiveness", "decisiveness_low",
    "decisiveness_high", "removal_effect", "removal_effect_low", "removal_effect_high", "driver_weight",
    "driver_weight_low", "driver_weight_high", "betweenness", "customers",
)  # fmt: skip


class Moment(Frozen):
    """What one touchpoint means to the journey, by each notion.

    Parameters
    ----------
    touchpoint, name : str
        The node of the graph, and its name on figures.
    stage, stage_name : str, optional
        The id of its stage, and its name on figures.
    is_service : bool
        Whether it is a service interaction.
    is_goal : bool
        Whether the journey is won here; then it has no removal effect and no decisiveness.
    is_gateway : bool
        Whether every way to the goal that is not rare passes it.
    removal_effect : Estimate, optional
        The share of won journeys that pass it, model-implied; 1 at what all must pass.
    decisiveness : Estimate, optional
        The share of the uncertainty about the goal that is resolved by where journeys go from here.
    driver_weight : Estimate, optional
        How much of what ratings explain of the outcome belongs to the rating of this touchpoint.
    betweenness : float
        The share of pairs of other touchpoints whose shortest ways pass it; a description of the graph's
        shape only.
    customers : int
        Distinct customers who came here.
    """

    touchpoint: str
    name: str
    stage: str | None = None
    stage_name: str = ""
    is_service: bool = False
    is_goal: bool = False
    is_gateway: bool = False
    removal_effect: Estimate | None = None
    decisiveness: Estimate | None = None
    driver_weight: Estimate | None = None
    betweenness: float = 0.0
    customers: int = 0

    def why(self) -> str:
        """Say in one or two sentences what is known of this moment.

        Returns
        -------
        str
            Plain sentences with the numbers.
        """
        said = []
        if self.is_goal:
            said.append("the journey is won here")
        elif self.is_gateway:
            said.append("every way to the goal that is not rare passes here")
        decisive = self.decisiveness.value if self.decisiveness is not None else None
        if self.decisiveness is not None and decisive is not None:
            share = _told(self.decisiveness) if decisive > 0 else "nothing"
            said.append(f"{share} of the uncertainty about the goal is resolved here")
        effect = self.removal_effect
        if effect is not None and effect.value is not None:
            share = "all" if effect.value > _PASSED_BY_ALL else f"{_told(effect)} of"
            said.append(f"{share} won journeys pass here")
        if self.driver_weight is not None and self.driver_weight.value is not None:
            said.append(f"its rating has {_told(self.driver_weight)} of what ratings explain of the outcome")
        if not said:
            return f"Nothing is known of what “{self.name}” means to the goal."
        return f"“{self.name}”: {joined(said)}."


class MomentsReport(Frozen):
    """Every touchpoint by four notions, the most decisive first.

    Parameters
    ----------
    journey : str
        The name of the journey.
    moments : tuple of Moment
        By decisiveness; the goal last.
    start_decisiveness : Estimate
        The share of the uncertainty that is resolved by where journeys begin; with that of all touchpoints it
        sums to 1.
    conversion : Estimate
        Won journeys / won and lost journeys.
    passed : tuple of str
        The ids of the gateways in the order in which all pass them, the goal among them where it has one
        touchpoint only.
    betweenness_pairs : int
        Ordered pairs of other touchpoints that each `betweenness` is a share of.
    min_share : float
        Ways that fewer decided journeys take, as a share of all, are rare: gateways and betweenness leave
        them out.
    has_drivers : bool
        Whether weights of drivers are known for any of its touchpoints.
    no_driver_weight : str
        Why drivers that were handed over weigh none of them; empty where they do, or where there were none.
    journeys, customers : int
        How many decided journeys stand behind it, and of how many customers the whole journey.
    filters : tuple of str
        The filters of the log behind it, in words.
    period : (datetime, datetime), optional
        The first and the last event behind it.
    """

    journey: str
    moments: tuple[Moment, ...]
    start_decisiveness: Estimate
    conversion: Estimate
    passed: tuple[str, ...] = ()
    betweenness_pairs: int = 0
    min_share: float = 0.01
    has_drivers: bool = False
    no_driver_weight: str = ""
    journeys: int = 0
    customers: int = 0
    filters: tuple[str, ...] = ()
    period: tuple[datetime, datetime] | None = None

    @property
    def gateways(self) -> tuple[Moment, ...]:
        """The touchpoints that every way to the goal passes, in this order."""
        by_id = {moment.touchpoint: moment for moment in self.moments}
        return tuple(by_id[name] for name in self.passed)

    def moment(self, touchpoint: str) -> Moment | None:
        """Find a touchpoint by its id, None where there is none."""
        return next((moment for moment in self.moments if moment.touchpoint == touchpoint), None)

    def __str__(self) -> str:
        """Write the findings in a few lines that can be read aloud."""
        return "\n".join([self._headline(), *self._sentences(), *self._notes()])

    def _headline(self) -> str:
        basis = f"{plural(self.journeys, 'decided journey')} of {plural(self.customers, 'customer')}"
        return f"{self.journey}: moments that matter, judged by {basis}."

    def _sentences(self) -> list[str]:
        found = [self._said_gateways(), self._said_decisive()]
        avoidable = [
            (self._called(moment), moment.removal_effect)
            for moment in self.moments
            if moment.removal_effect is not None and 0 < (moment.removal_effect.value or 0) <= _PASSED_BY_ALL
        ]
        if most := _largest(avoidable):
            found.append(f"Removal effect, the share of won journeys that pass, where some do not: {most}.")
        # a floating touchpoint has one rating for all its stages: it is named once
        rated = {(m.name, m.driver_weight.value): m for m in self.moments if m.driver_weight is not None}
        if most := _largest([(f"“{m.name}”", m.driver_weight) for m in rated.values() if m.driver_weight]):
            found.append(f"Driver weight: of what ratings explain of the outcome, {most}.")
        return [text for text in found if text]

    def _called(self, moment: Moment) -> str:
        """Name a touchpoint, with its stage where others have the same name."""
        alike = sum(other.name == moment.name for other in self.moments)
        return f"“{moment.name}”{f' ({moment.stage_name})' if alike > 1 and moment.stage_name else ''}"

    def _said_gateways(self) -> str:
        names = [self._called(moment) for moment in self.gateways if not moment.is_goal]
        if not names:
            return "Gateways: none; no touchpoint is on every way to the goal."
        verb = "passes" if len(names) == 1 else "pass"
        ways = "every way to the goal" if len(names) == 1 else "all ways to the goal"
        return f"Gateways: {ways} {verb} {joined(names)}."

    def _said_decisive(self) -> str:
        shares = [(self._called(m), m.decisiveness) for m in self.moments if m.decisiveness is not None]
        most = _largest(shares)
        if not most:
            return "Decisiveness: whether a journey is won is certain from the start."
        text = f"Decisiveness: of the uncertainty about the goal is resolved at {most}"
        start = self.start_decisiveness.value
        return f"{text}; by where journeys begin {percent(start)}." if start else f"{text}."

    def _notes(self) -> list[str]:
        notes = [
            f"What all must pass has removal effect 1, however little happens there. {_MODEL} {_APART}",
        ]
        if not self.has_drivers:
            hint = "find_moments(journey, drivers=find_drivers(feedback, outcome=..., journey=journey))"
            notes.append(f"Not measured: driver weight ({self.no_driver_weight or hint}).")
        return notes

    def _repr_html_(self) -> str:
        """Show the report as a table in a notebook."""
        columns = (
            "touchpoint", "stage", "gateway", "decisiveness", "removal effect", "driver weight",
            "betweenness",
        )  # fmt: skip
        rows = [
            (
                moment.name,
                moment.stage_name,
                "goal" if moment.is_goal else "gateway" if moment.is_gateway else "",
                _cell(moment.decisiveness),
                _cell(moment.removal_effect),
                _cell(moment.driver_weight),
                percent(moment.betweenness),
            )
            for moment in self.moments
        ]
        return html_table(self._headline(), columns, rows, notes=[*self._sentences(), *self._notes()])

    def to_frame(self) -> Any:
        """Put one row per touchpoint into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            Shares, 0 to 1; empty where a notion says nothing of the touchpoint.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(_COLUMNS, [_row(moment) for moment in self.moments])


def _largest(found: list[tuple[str, Estimate]]) -> str:
    """Name the largest few, with their intervals."""
    known = [(name, estimate) for name, estimate in found if (estimate.value or 0) > 0]
    known.sort(key=lambda one: -(one[1].value or 0))
    return joined([f"{name} {_told(estimate)}" for name, estimate in known[:_SAID]])


def _told(estimate: Estimate) -> str:
    """Write a share with its interval, all in the same digits."""
    known = [part for part in (estimate.value or 0.0, estimate.low, estimate.high) if part is not None]
    fine = any(0 < part < _SMALL for part in known)
    value, *ends = (f"{100 * part:.1f} %" if fine and part >= _TINY else percent(part) for part in known)
    return f"{value} ({' to '.join(ends)})" if len(ends) > 1 else value


def _cell(estimate: Estimate | None) -> str | None:
    return None if estimate is None or estimate.value is None else _told(estimate)


def _row(moment: Moment) -> tuple[Any, ...]:
    none = Estimate(value=None)
    numbers: list[float | None] = []
    for estimate in (moment.decisiveness, moment.removal_effect, moment.driver_weight):
        one = estimate or none
        numbers += [one.value, one.low, one.high]
    return (
        moment.touchpoint,
        moment.name,
        moment.stage,
        moment.is_service,
        moment.is_goal,
        moment.is_gateway,
        *numbers,
        moment.betweenness,
        moment.customers,
    )
