"""Numbers that say how sure they are."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from journeymap.model.frozen import Frozen

__all__ = ["FEELING_SCALE", "Estimate", "Scale"]

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
