"""Numbers that say how sure they are."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from journeymap.model.frozen import Frozen

__all__ = ["FEELING_SCALE", "Estimate", "MeasuredScore", "Scale"]

SMALL_SAMPLE = 20


class Scale(Frozen):
    """The range of a score and which end is good.

    Parameters
    ----------
    low, high : float
        The ends of the scale.
    better : {"higher", "lower"}
        The good end.

    Examples
    --------
    >>> Scale(low=1, high=7, better="higher").normalised(4)
    0.5
    """

    low: float
    high: float
    better: Literal["higher", "lower"] = "higher"

    @model_validator(mode="after")
    def _has_a_range(self) -> Scale:
        if not self.low < self.high:
            raise ValueError(f"a scale runs from low to high, got {self.low:g} to {self.high:g}")
        return self

    def normalised(self, value: float) -> float:
        """Where does the value lie between the bad end (0) and the good end (1)?

        Parameters
        ----------
        value : float
            A score on this scale.

        Returns
        -------
        float
            ``(value - low) / (high - low)``, turned round where lower is better.

        Raises
        ------
        ValueError
            The value lies off the scale.
        """
        if not self.low <= value <= self.high:
            raise ValueError(f"{value:g} lies off the scale from {self.low:g} to {self.high:g}")
        part = (value - self.low) / (self.high - self.low)
        return part if self.better == "higher" else 1 - part


FEELING_SCALE = Scale(low=-2, high=2)


class Estimate(Frozen):
    """A number with its interval and what stands behind it.

    Parameters
    ----------
    value : float or None
        The estimate; None where it cannot be given (nothing was counted).
    low, high : float or None
        The ends of the interval at `level`.
    n : int
        How many events, visits or journeys were counted.
    customers : int
        From how many customers; the customer is the unit of independence.
    level : float
        The confidence level of the interval.
    method : str
        How the interval was made.
    definition : str
        What was counted, in words.
    censored : int
        How many were left out because their end is not known yet.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    customers: int = 0
    level: float = 0.95
    method: str = ""
    definition: str = ""
    censored: int = 0

    @property
    def small_sample(self) -> bool:
        """Does it rest on fewer than 20 customers?"""
        return self.customers < SMALL_SAMPLE

    def __str__(self) -> str:
        """Write the number with its interval, for a person."""
        if self.value is None:
            return "not known"
        text = f"{self.value:.4g}"
        if self.low is not None and self.high is not None:
            text += f" ({self.low:.4g} to {self.high:.4g})"
        return f"{text}, small sample" if self.small_sample else text


class MeasuredScore(Frozen):
    """What a survey's question, or the tickets, found at a touchpoint.

    Parameters
    ----------
    question : str
        The question's id, or what the tickets measured: ``first_response``, ``fcr``.
    name : str
        Its name on figures.
    scale : Scale, optional
        The scale of the answers; of a share 0 to 1 with its good end; None for times, where less is better.
    estimate : Estimate
        The number in its unit.
    unit : {"score", "net_promoter", "seconds", "share"}
        What the number is: a mean in units of the scale; the net promoter score, −1 to 1, whose scale is that
        of its answers; seconds; a share.
    source : {"answers", "tickets"}
        Who told: ``with_feedback`` or ``with_tickets`` laid it on.

    Examples
    --------
    >>> half = Estimate(value=0.5, n=4, customers=4)
    >>> MeasuredScore(question="easy", name="Easy", scale={"low": 1, "high": 7}, estimate=half).unit
    'score'
    """

    question: str
    name: str
    scale: Scale | None = None
    estimate: Estimate
    unit: Literal["score", "net_promoter", "seconds", "share"] = "score"
    source: Literal["answers", "tickets"] = "answers"

    @model_validator(mode="after")
    def _has_its_scale(self) -> MeasuredScore:
        if (self.scale is None) != (self.unit == "seconds"):
            told = f"a {self.unit} needs its scale" if self.scale is None else "times have no scale"
            raise ValueError(f"{self.question!r}: {told}")
        return self
