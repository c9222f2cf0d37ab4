"""What an outcome and its drivers have in common: sums of products of answers, by customer group."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from journeymap.model.answers import Question
from journeymap.model.frozen import Frozen

__all__ = ["DriverMoments", "Moments", "Ratings"]


class Moments(Frozen):
    """Sums of products of every pair of variables, by customer group.

    Parameters
    ----------
    variables : tuple of str
        Their names; the first is the constant ``1``.
    products : tuple of tuple of int
        For every group the upper triangle of ``Σ w a b``, row by row, in whole millionths.
    """

    variables: tuple[str, ...]
    products: tuple[tuple[int, ...], ...]

    @model_validator(mode="after")
    def _is_a_triangle(self) -> Moments:
        size = len(self.variables)
        if any(len(row) != size * (size + 1) // 2 for row in self.products):
            raise ValueError(f"the products of {size} variables are {size * (size + 1) // 2} a group")
        return self


class Ratings(Frozen):
    """How one driver was rated by all who rated it, by customer group.

    Parameters
    ----------
    answers, customers : tuple of int
        Answers, and distinct customers.
    weight, weight_squared, total, squares : tuple of int
        ``Σw``, ``Σw²``, ``Σwx`` and ``Σwx²`` in whole millionths; x is 0 at the bad and 1 at the good end.
    """

    answers: tuple[int, ...]
    customers: tuple[int, ...]
    weight: tuple[int, ...]
    weight_squared: tuple[int, ...]
    total: tuple[int, ...]
    squares: tuple[int, ...]


class DriverMoments(Frozen):
    """All that a key-driver analysis needs of a survey; no row per customer.

    Parameters
    ----------
    source : str
        What the table is called.
    outcome : Question
        What customers said in the end.
    drivers : tuple of Question
        What they rated.
    low, high : tuple of float
        For every driver: rated low is this score or worse, rated high this score or better.
    missing : {"complete", "indicator"}
        Whether observations with every answer alone stand here, or also those without some of them.
    observation : {"row", "customer"}
        What one observation is: a row of the table, or a customer whose answers stand in several rows.
    observations, customers : tuple of int
        By group, those in the sums.
    weight_squared : tuple of int
        By group, ``Σw²`` of them in whole millionths.
    asked, complete : int
        Observations with the outcome, and those of them with every driver.
    answered : tuple of int
        For every driver: how many of those with the outcome rated it.
    rated_low, rated_high : tuple of int
        For every driver, within the sums.
    linear : Moments
        Of ``outcome``, ``x:id`` for every driver (0 at the bad, 1 at the good end), ``missing:id``.
    contrasts : Moments
        Of ``outcome``, ``low:id``, ``high:id``, ``missing:id``, each 0 or 1.
    balance : Moments
        Of ``outcome``, ``negative`` and ``positive``: the means over one observation's drivers of the parts
        below and above the middle of the scale, −0.5 to 0 and 0 to 0.5.
    ratings : tuple of Ratings
        For every driver.
    filters : tuple of str
        The filters of the survey, in words.
    """

    source: str
    outcome: Question
    drivers: tuple[Question, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    missing: Literal["complete", "indicator"]
    observation: Literal["row", "customer"]
    observations: tuple[int, ...]
    customers: tuple[int, ...]
    weight_squared: tuple[int, ...]
    asked: int
    complete: int
    answered: tuple[int, ...]
    rated_low: tuple[int, ...]
    rated_high: tuple[int, ...]
    linear: Moments
    contrasts: Moments
    balance: Moments
    ratings: tuple[Ratings, ...]
    filters: tuple[str, ...] = ()
