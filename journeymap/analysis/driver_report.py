"""What `find_drivers` answers: how much goes with each part of the experience, and how well it is rated."""

from __future__ import annotations

from typing import Any, Literal

from journeymap.analysis.wording import joined, percent, plural
from journeymap.model.answers import Question
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table
from journeymap.model.touchpoints import Driver

__all__ = ["Asymmetry", "DriverReport", "DriverShare", "KeyDriver", "Quadrant"]

Asymmetry = Literal[
    "hurts more than it delights", "delights more than it hurts", "not supported", "not known"
]
Quadrant = Literal["fix first", "keep up", "low priority", "possible overkill", "cannot tell"]

_ASSOCIATION = "An association, not a cause."
_FIRST = 3
_AT_ALL = "who rated what at all"
_COLUMNS = (
    "question", "name", "touchpoint", "family", "is_service", "importance", "importance_low",
    "importance_high", "weight", "above_noise", "performance", "performance_low", "performance_high",
    "scale_low", "scale_high", "better", "quadrant", "penalty", "penalty_low", "penalty_high", "reward",
    "reward_low", "reward_high", "range", "satisfaction_potential", "dissatisfaction_potential",
    "impact_asymmetry", "impact_asymmetry_low", "impact_asymmetry_high", "asymmetry", "rated_low",
    "rated_high", "answered", "contrast_problem",
)  # fmt: skip


class KeyDriver(Frozen):
    """A part of the experience: how much goes with it, and how well it is rated.

    Parameters
    ----------
    question : Question
        Which asks about it.
    touchpoint, touchpoint_name : str, optional
        The touchpoint that it asks about, as the question names it: one that floats stands there without its
        stage.
    family : str, optional
        The driver of experience that its touchpoint belongs to, one of the ten of `Driver`.
    is_service : bool
        Whether it is about service: so says its touchpoint, else the question.
    importance : Estimate
        Its share of what all ratings together explain of the outcome (of R²), 0 to 1.
    weight : Estimate
        The same as a part of the outcome's variance, 0 to 1; the weights sum to R².
    above_noise : bool, optional
        Whether the weight is more than a variable of pure noise would get; None where that is not known.
    performance : Estimate
        The mean rating, in units of the scale, by all who rated it.
    quadrant : str
        Importance and performance against the mean of the drivers; ``cannot tell`` where either interval of
        the difference holds 0, and where all ratings are yes or no (the two ends of the scale).
    penalty, reward : Estimate
        By how much the outcome is worse (below 0) among those who rated it low, and better among those who
        rated it high, than among those in between, all other ratings alike; in points of the outcome's scale
        towards its good end.
    range : Estimate
        Reward − penalty.
    impact_asymmetry : Estimate
        IA, −1 (it can only hurt) to 1 (it can only delight).
    contrast_problem : str
        Why there is no penalty, reward, range and asymmetry although there are answers enough, such as
        ``nobody rates in between``; empty where there are.
    low, high : float
        Rated low is this score or worse, rated high this score or better.
    rated_low, rated_high, answered : int
        How many did so, and how many of those with the outcome rated it at all.
    """

    question: Question
    touchpoint: str | None = None
    touchpoint_name: str = ""
    family: Driver | None = None
    is_service: bool = False
    importance: Estimate
    weight: Estimate
    above_noise: bool | None = None
    performance: Estimate
    quadrant: Quadrant = "cannot tell"
    penalty: Estimate
    reward: Estimate
    range: Estimate
    impact_asymmetry: Estimate
    contrast_problem: str = ""
    low: float
    high: float
    rated_low: int = 0
    rated_high: int = 0
    answered: int = 0

    @property
    def id(self) -> str:
        """The question's id."""
        return self.question.id

    @property
    def name(self) -> str:
        """The question's name on figures."""
        return self.question.name

    @property
    def asymmetry(self) -> Asymmetry:
        """What the impact asymmetry says, where its interval excludes 0."""
        found = self.impact_asymmetry
        if found.value is None or found.low is None or found.high is None:
            return "not known"
        if found.high < 0:
            return "hurts more than it delights"
        return "delights more than it hurts" if found.low > 0 else "not supported"

    @property
    def satisfaction_potential(self) -> float | None:
        """SGP: the share of the reward in reward and penalty together, 0 to 1."""
        value = self.impact_asymmetry.value
        return None if value is None else (1 + value) / 2

    @property
    def dissatisfaction_potential(self) -> float | None:
        """DGP: the share of the penalty, 0 to 1."""
        value = self.impact_asymmetry.value
        return None if value is None else (1 - value) / 2

    def why(self) -> str:
        """Say in a few sentences how much goes with it, how it is rated, and whether it hurts or delights.

        Returns
        -------
        str
            Plain sentences; what the interval does not support is said not to be supported.
        """
        return " ".join(part for part in (self._weighed(), self._rated(), self._contrasted()) if part)

    def _weighed(self) -> str:
        if self.importance.value is None:
            return f"How much goes with “{self.name}” is not known."
        noise = "" if self.above_noise is not False else ", no more than noise would get"
        return f"“{self.name}” has {_share(self.importance)} of what the ratings explain{noise}."

    def _rated(self) -> str:
        if self.performance.value is None:
            return "Nobody rated it."
        scale = self.question.scale
        ends = f"{scale.low:g} to {scale.high:g}{'' if scale.better == 'higher' else ', low is good'}"
        return f"It is rated {self.performance.value:.2f} ({ends})."

    def _contrasted(self) -> str:
        sides = [(self.penalty, "low", "worse"), (self.reward, "high", "better")]
        told = [_contrast(estimate, how, sign) for estimate, how, sign in sides]
        name = {
            "not supported": "that one weighs more is not supported",
            "not known": "which of them weighs more is not known",
        }.get(self.asymmetry, f"it {self.asymmetry}")
        if self.penalty.value is None and self.reward.value is None:
            problem = self.contrast_problem
            return f"What low and high ratings go with is not known: {problem}." if problem else ""
        return f"{told[0][0].upper()}{told[0][1:]}, {told[1]}; {name}."


class DriverShare(Frozen):
    """How much belongs to several drivers together.

    Parameters
    ----------
    name : str
        The family of drivers, or the touchpoint's id.
    importance : Estimate
        The sum of their shares, 0 to 1.
    questions : tuple of str
        Which.
    """

    name: str
    importance: Estimate
    questions: tuple[str, ...]


class DriverReport(Frozen):
    """What goes with the outcome, the largest share first.

    Parameters
    ----------
    source : str
        What the survey is called.
    outcome : Question
        What customers said in the end.
    method : {"relative_weights", "lmg"}
        How the shares were made.
    drivers : tuple of KeyDriver
        By importance; those whose importance is not known last.
    r_squared : Estimate
        How much of the outcome's variance all ratings together explain, 0 to 1.
    noise : float, optional
        The benchmark: the importance that a variable of pure noise stays below in 95 % of surveys, also as
        the largest of as many as there are drivers.
    unrated : Estimate, optional
        With ``missing="indicator"`` the share of what is explained by who rated what at all.
    negativity : Estimate
        ``|β⁻| / β⁺``: how much more a rating below the middle of its scale weighs than one as far above it;
        not known where any driver has only ratings at the two ends of its scale.
    families, touchpoints : tuple of DriverShare
        The shares by `Driver` and by touchpoint, the largest first; empty where questions name none.
    unknown_touchpoints : tuple of str
        Touchpoints that questions name and the journey does not have.
    missing : {"complete", "indicator"}
        Who stands behind it: those who answered everything, or everybody who rated anything.
    observation : {"row", "customer"}
        What one answer is.
    observations, customers : int
        How many stand behind it.
    asked, complete : int
        How many have the outcome, and of those how many rated everything.
    problem : str
        Why there are no shares; empty where there are.
    level : float
        The confidence level of intervals.
    filters : tuple of str
        The filters of the survey, in words.
    """

    source: str
    outcome: Question
    method: Literal["relative_weights", "lmg"]
    drivers: tuple[KeyDriver, ...]
    r_squared: Estimate
    noise: float | None = None
    unrated: Estimate | None = None
    negativity: Estimate = Estimate(value=None)
    families: tuple[DriverShare, ...] = ()
    touchpoints: tuple[DriverShare, ...] = ()
    unknown_touchpoints: tuple[str, ...] = ()
    missing: Literal["complete", "indicator"] = "complete"
    observation: Literal["row", "customer"] = "row"
    observations: int = 0
    customers: int = 0
    asked: int = 0
    complete: int = 0
    problem: str = ""
    level: float = 0.95
    filters: tuple[str, ...] = ()

    @property
    def complete_share(self) -> float | None:
        """The share of those with the outcome who rated everything, 0 to 1; None where nobody was asked."""
        return self.complete / self.asked if self.asked else None

    def driver(self, question: str) -> KeyDriver | None:
        """Find a driver by its question's id, None where there is none."""
        return next((driver for driver in self.drivers if driver.id == question), None)

    def __str__(self) -> str:
        """Write the findings in a few lines that can be read aloud."""
        lines = [self.headline(), self.basis()]
        lines += [f"{place}. {driver.why()}" for place, driver in enumerate(self.drivers, 1)]
        return "\n".join([*lines, *self._notes()])

    def headline(self) -> str:
        """Say the main result in one or two sentences."""
        what = f"“{self.outcome.name}”"
        if self.problem or self.r_squared.value is None:
            return f"What goes with {what} cannot be told: {self.problem or 'it does not vary'}."
        counted = "the rating" if len(self.drivers) == 1 else f"{len(self.drivers)} ratings"
        verb = "explains" if len(self.drivers) == 1 else "together explain"
        said = f"{counted[0].upper()}{counted[1:]} {verb} {_share(self.r_squared)} of {what}"
        first = [(f"“{one.name}”", one.importance.value or 0.0) for one in self.drivers if one.above_noise]
        apart = self._who_rated()
        if len(self.drivers) == 1 or not first:
            said += "" if len(self.drivers) == 1 else "; none weighs more than noise would"
            said += f"; {_AT_ALL} has {percent(apart)} of it" if apart else ""
            return f"{said}. {_ASSOCIATION}"
        shares = [*first, (_AT_ALL, apart)] if apart else first
        shares = sorted(shares, key=lambda one: -one[1])[:_FIRST]
        named = joined([f"{name} ({percent(share)})" for name, share in shares])
        share = "the largest share has" if len(shares) == 1 else "the largest shares have"
        return f"{said}; {share} {named}. {_ASSOCIATION}"

    def _who_rated(self) -> float:
        """Give the share of who rated what at all; 0 where noise would get as much."""
        apart = (self.unrated.value if self.unrated is not None else None) or 0.0
        return apart if apart > (self.noise or 0.0) else 0.0

    def basis(self) -> str:
        """Say who stands behind it, and who does not."""
        one = "customer" if self.observation == "customer" else "answer"
        said = f"Judged by {plural(self.observations, one)}"
        if self.observations != self.customers:
            said += f" of {plural(self.customers, 'customer')}"
        share = self.complete_share
        if share is None:
            return f"{said}."
        every = f"{percent(share)} of the {self.asked:,} who answered “{self.outcome.name}”"
        if self.missing == "indicator":
            return f"{said}; {every} rated everything, for the others the model knows what they did not rate."
        rest = "; missing='indicator' also takes the others in" if share < 1 else ""
        return f"{said} that rated everything ({every}){rest}."

    def _notes(self) -> list[str]:
        notes = []
        found = self.negativity
        if found.value is not None and found.low is not None:
            ends = "not bounded above" if found.high is None else f"{found.low:.1f} to {found.high:.1f}"
            supported = found.low > 1 or (found.high is not None and found.high < 1)
            verdict = "" if supported else "; that they differ is not supported"
            notes.append(
                f"A rating below the middle weighs {found.value:.1f} times as much as one as far above it "
                f"({ends}){verdict}."
            )
        if self.families:
            listed = [f"{share.name.replace('_', ' ')} {_share(share.importance)}" for share in self.families]
            notes.append(f"By driver of experience: {joined(listed)}.")
        if self.unrated is not None and self.unrated.value:
            notes.append(f"Who rated what at all explains {_share(self.unrated)} of what is explained.")
        if self.unknown_touchpoints:
            notes.append(f"Not in the journey: {joined(self.unknown_touchpoints)}.")
        return notes

    def _repr_html_(self) -> str:
        """Show the report as a table in a notebook."""
        columns = ("driver", "touchpoint", "importance", "above noise", "rated", "penalty", "reward",
                   "asymmetry", "quadrant")  # fmt: skip
        rows = [
            (
                driver.name,
                driver.touchpoint_name or None,
                None if driver.importance.value is None else _share(driver.importance),
                None if driver.above_noise is None else ("yes" if driver.above_noise else "no"),
                None if driver.performance.value is None else str(driver.performance),
                None if driver.penalty.value is None else str(driver.penalty),
                None if driver.reward.value is None else str(driver.reward),
                f"not known: {driver.contrast_problem}" if driver.contrast_problem else driver.asymmetry,
                driver.quadrant,
            )
            for driver in self.drivers
        ]
        return html_table(self.headline(), columns, rows, notes=[self.basis(), *self._notes()])

    def to_frame(self) -> Any:
        """Put one row per driver into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            In the report's order; shares 0 to 1, performance in units of each scale, penalty and reward in
            points of the outcome's scale.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(_COLUMNS, [_row(driver) for driver in self.drivers])


def _share(estimate: Estimate) -> str:
    text = percent(estimate.value or 0.0)
    if estimate.low is None or estimate.high is None:
        return text
    return f"{text} ({percent(estimate.low)} to {percent(estimate.high)})"


def _contrast(estimate: Estimate, how: str, sign: str) -> str:
    """Say by how much the outcome differs where it is rated low, or high."""
    if estimate.value is None:
        return f"what {how} ratings go with is not known"
    low, high = estimate.low, estimate.high
    if low is None or high is None or low <= 0 <= high:
        return f"that {how} ratings go with {sign} outcomes is not supported"
    other = {"worse": "better", "better": "worse"}[sign]
    turned = sign if (estimate.value < 0) == (sign == "worse") else other
    small, large = sorted((abs(low), abs(high)))
    return f"{how} ratings go with {abs(estimate.value):.2f} points {turned} ({small:.2f} to {large:.2f})"


def _row(driver: KeyDriver) -> tuple[Any, ...]:
    def ends(estimate: Estimate) -> tuple[float | None, ...]:
        return estimate.value, estimate.low, estimate.high

    scale = driver.question.scale
    return (
        driver.id, driver.name, driver.touchpoint, driver.family, driver.is_service,
        *ends(driver.importance), driver.weight.value, driver.above_noise, *ends(driver.performance),
        scale.low, scale.high, scale.better, driver.quadrant, *ends(driver.penalty), *ends(driver.reward),
        driver.range.value, driver.satisfaction_potential, driver.dissatisfaction_potential,
        *ends(driver.impact_asymmetry), driver.asymmetry, driver.rated_low, driver.rated_high,
        driver.answered, driver.contrast_problem,
    )  # fmt: skip
