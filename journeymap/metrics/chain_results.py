"""What `chain` answers: where journeys lead, how long they take and what each touchpoint weighs."""

from __future__ import annotations

from typing import Any

from journeymap.metrics.chain_words import percent, rounded, spoken_range, spoken_seconds
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = ["Chain", "ChainTouchpoint", "ChainTransition", "ChainTransitions", "GivenGoal"]

_TOUCHPOINT_COLUMNS = (
    "touchpoint", "visits", "visits_given_goal", "goal_probability", "exit_probability", "removal_effect",
    "removal_effect_low", "removal_effect_high", "decisiveness", "decisiveness_low", "decisiveness_high",
    "holding_seconds", "seconds_to_end",
)  # fmt: skip
_TRANSITION_COLUMNS = (
    "source", "target", "probability", "probability_given_goal", "sensitivity", "elasticity",
)  # fmt: skip
_GIVEN_COLUMNS = ("touchpoint", "visits", "visits_of_all")
_MODEL = "Model-implied, if the association is causal."


class ChainTouchpoint(Frozen):
    """What one touchpoint weighs in the chain.

    Parameters
    ----------
    touchpoint : str
        The node of the graph.
    removal_effect : Estimate
        The share of won journeys that pass it: they would be lost without it, model-implied, if the
        association is causal. What every won journey must pass has 1.
    decisiveness : Estimate
        The share of the uncertainty about the goal that is resolved by where journeys go from here.
    holding_seconds : float, optional
        Mean time from coming here to coming to the next touchpoint, or to the end.
    seconds_to_end : float, optional
        Expected time from coming here to the goal or the end.
    """

    touchpoint: str
    removal_effect: Estimate
    decisiveness: Estimate
    holding_seconds: float | None = None
    seconds_to_end: float | None = None


class ChainTransition(Frozen):
    """One way out of a touchpoint.

    Parameters
    ----------
    source, target : str
        Touchpoints; the target can also be ``@goal`` or ``@lost``.
    probability : float
        How often this way is taken.
    probability_given_goal : float, optional
        The same in journeys that reach the goal; None where none does from the source.
    sensitivity : float, optional
        ∂ b(START) / ∂ p: by how much the probability of the goal grows with this one, the other ways out
        shrinking in proportion; None where there is no other way out.
    elasticity : float, optional
        The same in shares: by how many percent the goal becomes more probable if this way does by 1 %.
    """

    source: str
    target: str
    probability: float
    probability_given_goal: float | None = None
    sensitivity: float | None = None
    elasticity: float | None = None


class ChainTransitions(Frozen):
    """The transitions of a chain, and how much the goal depends on each.

    Parameters
    ----------
    transitions : tuple of ChainTransition
        All that decided journeys took, by source in the order of the journey.
    """

    transitions: tuple[ChainTransition, ...]

    def __str__(self) -> str:
        """Say on which transition the goal depends most."""
        known = [one for one in self.transitions if one.sensitivity is not None]
        if not known:
            return "No transition can change: there is one way only."
        most = max(known, key=lambda one: abs(one.sensitivity or 0.0))
        gain = most.sensitivity or 0.0
        more = "more" if gain >= 0 else "fewer"
        return (
            f"{len(self.transitions)} transitions. The goal depends most on {most.source} → {most.target}: "
            f"if one more in a hundred visits to {most.source} went there, {abs(gain):.2g} in a hundred "
            f"journeys {more} would be won. {_MODEL}"
        )

    def _rows(self) -> list[tuple[Any, ...]]:
        return [tuple(getattr(one, name) for name in _TRANSITION_COLUMNS) for one in self.transitions]

    def to_frame(self) -> Any:
        """Put the transitions into a pandas DataFrame, one row each."""
        return data_frame(_TRANSITION_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        return html_table(
            "Transitions of the chain", _TRANSITION_COLUMNS, rounded(self._rows()), notes=[_MODEL]
        )


class GivenGoal(Frozen):
    """How the journeys go that reach the goal.

    Parameters
    ----------
    start : dict of str to float
        The share of them that begin at each touchpoint.
    visits : dict of str to float
        Their expected visits to each touchpoint, ``N_sv b_v / b_s``.
    visits_of_all : dict of str to float
        The same for all decided journeys, won or lost.
    steps : Estimate
        Their expected visits before the goal.
    duration : Estimate
        Expected seconds from their first event to the goal.
    """

    start: dict[str, float]
    visits: dict[str, float]
    visits_of_all: dict[str, float]
    steps: Estimate
    duration: Estimate

    def __str__(self) -> str:
        """Say how long the way to the goal is."""
        return (
            f"Journeys that reach the goal make {spoken_range(self.steps)} visits before it "
            f"and take {spoken_range(self.duration, spoken_seconds)}."
        )

    def _rows(self) -> list[tuple[Any, ...]]:
        return [(name, visits, self.visits_of_all[name]) for name, visits in self.visits.items()]

    def to_frame(self) -> Any:
        """Put the expected visits into a pandas DataFrame, one row a touchpoint."""
        return data_frame(_GIVEN_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        return html_table(
            "Journeys that reach the goal", _GIVEN_COLUMNS, rounded(self._rows()), notes=[str(self)]
        )


class Chain(Frozen):
    """Where journeys lead from each touchpoint, if the next touchpoint depended on the present one only.

    Parameters
    ----------
    states : tuple of str
        The touchpoints that decided journeys visit before the goal, in the order of the journey.
    start : dict of str to float
        The share of decided journeys that begin at each state.
    goal_probability : dict of str to float
        b: the probability of the goal from each state.
    exit_probability : dict of str to float
        The share of visits to each state with which the journey is lost.
    visits : dict of str to float
        Expected visits to each state in a journey.
    visits_from : tuple of tuple of float
        N: expected visits to each state (columns) from each state (rows).
    conversion : Estimate
        b(START): the share of decided journeys that are won.
    steps : Estimate
        Expected visits before the goal or the end.
    steps_variance : float, optional
        The variance of the visits of a journey, as the chain implies it.
    duration : Estimate, optional
        Expected seconds from the first event to the goal or the end (semi-Markov).
    touchpoints : tuple of ChainTouchpoint
        What each state weighs, in the order of `states`.
    start_decisiveness : Estimate, optional
        The share of the uncertainty about the goal that is resolved by where a journey begins; with the
        decisiveness of all touchpoints it adds up to 1.
    transitions : ChainTransitions, optional
        Every way out of every state, with its sensitivity and elasticity.
    given_goal : GivenGoal, optional
        The same chain in the journeys that reach the goal; None where none does.
    credible : Estimate, optional
        The conversion with what was not counted allowed for (Dirichlet prior), where it was asked for.
    """

    states: tuple[str, ...]
    start: dict[str, float]
    goal_probability: dict[str, float]
    exit_probability: dict[str, float]
    visits: dict[str, float]
    visits_from: tuple[tuple[float, ...], ...]
    conversion: Estimate
    steps: Estimate
    steps_variance: float | None = None
    duration: Estimate | None = None
    touchpoints: tuple[ChainTouchpoint, ...] = ()
    start_decisiveness: Estimate | None = None
    transitions: ChainTransitions | None = None
    given_goal: GivenGoal | None = None
    credible: Estimate | None = None

    def __str__(self) -> str:
        """Say how probable the goal is, how long it takes and where it is decided."""
        reach = f"{spoken_range(self.conversion, percent)} of decided journeys reach the goal."
        length = f"A journey makes {spoken_range(self.steps)} visits on average, won or lost."
        said = [reach, length]
        if self.duration is not None and self.duration.value is not None:
            said.append(f"A journey takes {spoken_range(self.duration, spoken_seconds)} on average.")
        decided = max(self.touchpoints, key=lambda one: one.decisiveness.value or 0.0, default=None)
        if decided is not None and decided.decisiveness.value:
            share = percent(decided.decisiveness.value)
            said.append(
                f"Most is decided at {decided.touchpoint}: {share} of what is uncertain about the goal."
            )
        if self.credible is not None:
            said.append(f"With a prior: {spoken_range(self.credible, percent)}.")
        return "\n".join(said)

    def _rows(self) -> list[tuple[Any, ...]]:
        given = self.given_goal.visits if self.given_goal else {}
        return [
            (
                one.touchpoint,
                self.visits[one.touchpoint],
                given.get(one.touchpoint),
                self.goal_probability[one.touchpoint],
                self.exit_probability[one.touchpoint],
                *(getattr(one.removal_effect, part) for part in ("value", "low", "high")),
                *(getattr(one.decisiveness, part) for part in ("value", "low", "high")),
                one.holding_seconds,
                one.seconds_to_end,
            )
            for one in self.touchpoints
        ]

    def to_frame(self) -> Any:
        """Put the touchpoints into a pandas DataFrame, one row each; `transitions` have their own."""
        return data_frame(_TOUCHPOINT_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        notes = [*str(self).split("\n"), f"Removal effect and decisiveness: {_MODEL[0].lower()}{_MODEL[1:]}"]
        return html_table(
            "Markov chain of the journey", _TOUCHPOINT_COLUMNS, rounded(self._rows()), notes=notes
        )
