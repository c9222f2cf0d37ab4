"""How is what goes with an outcome divided among its drivers, and how sure is it?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.driver_report import Quadrant
from journeymap.model.driver_moments import DriverMoments, Moments
from journeymap.model.measures import Estimate
from journeymap.stats.drivers import correlations, lmg_weights, noise_weights, part_interval, relative_weights
from journeymap.stats.jackknife import Jackknifed, group_jackknife
from journeymap.stats.penalty_reward import PenaltyReward, penalty_reward

__all__ = ["JACKKNIFE", "MICRO", "DriverModel", "Method", "matrices_of"]

Floats = NDArray[np.float64]
Method = Literal["relative_weights", "lmg"]

MICRO = 1e6
JACKKNIFE = "delete-a-group jackknife"
_FEWEST = 2  # answers for every slope: with fewer a model explains whatever it is given
_FEWEST_BETWEEN = 10  # effective ratings that low and high are set against
_NOISE = 0.05
_NOTHING = 1e-9
_NONE = 1e-3  # ratings: sums are whole millionths by group


@dataclass(frozen=True)
class DriverModel:
    """The models behind a report; every array holds the whole first, then what is left without each group.

    Parameters
    ----------
    moments : DriverMoments
        What `driver_moments` counted.
    method : {"relative_weights", "lmg"}
        How R² is divided.
    level : float
        The confidence level of intervals.
    """

    moments: DriverMoments
    method: Method
    level: float

    @property
    def count(self) -> int:
        """How many drivers there are."""
        return len(self.moments.drivers)

    @property
    def how(self) -> str:
        """What the weights are called."""
        lmg = self.method == "lmg"
        return "LMG (Shapley) weights" if lmg else "relative weights (Johnson)"

    @property
    def basis(self) -> dict[str, int]:
        """How many answers and customers stand behind an estimate."""
        return {"n": sum(self.moments.observations), "customers": sum(self.moments.customers)}

    @cached_property
    def problem(self) -> str:
        """Say why there is no model; of a model of contrasts see `contrasts`."""
        observations = sum(self.moments.observations)
        if not observations:
            every = "every driver" if self.moments.missing == "complete" else "any driver"
            return f"nobody answered it and {every}"
        if observations < _FEWEST * self.count + _FEWEST:
            return f"{observations} answers are too few for {self.count} drivers"
        return ""

    @cached_property
    def matrices(self) -> Floats:
        """The sums of products, centred so that slopes of ratings and of who rated are apart."""
        groups = matrices_of(self.moments.linear)
        whole = groups.sum(axis=0)
        stack = np.concatenate([whole[np.newaxis], whole - groups])
        return stack if self.moments.missing == "complete" else _centred_where_unrated(stack, self.count)

    @cached_property
    def _correlations(self) -> Floats:
        """Give the outcome first, then what tells who rated what, then the ratings."""
        absent = np.arange(1 + self.count, self.matrices.shape[-1] - 1)
        order = np.concatenate([[0], absent, np.arange(1, 1 + self.count)])
        return correlations(self.matrices)[:, order[:, np.newaxis], order]

    @cached_property
    def _divided(self) -> tuple[Floats, Floats]:
        """Give the drivers' weights, and that of who rated what at all."""
        if self.method == "relative_weights":
            weights = relative_weights(self._correlations)
        else:
            weights = lmg_weights(self._correlations, players=self._players)
        others = weights.shape[1] - self.count
        return weights[:, others:], weights[:, :others].sum(axis=1)

    @property
    def _players(self) -> list[int]:
        """Say how many variables in a row are added together."""
        return ([self.count] if self.moments.missing == "indicator" else []) + [1] * self.count

    @property
    def weights(self) -> Floats:
        """The drivers' parts of the outcome's variance."""
        return self._divided[0]

    @cached_property
    def varies(self) -> tuple[bool, ...]:
        """Whether customers rate a driver differently at all; else nothing can be said of it."""
        whole = self.matrices[0]
        spread = whole[0, 0] * np.diagonal(whole) - np.square(whole[0])
        return tuple(bool(one) for one in spread[2 : 2 + self.count] > _NOTHING * whole[0, 0] ** 2)

    @cached_property
    def explained(self) -> Floats:
        """R²."""
        return np.asarray(self.weights.sum(axis=1) + self._divided[1])

    @cached_property
    def shares(self) -> Floats:
        """The drivers' parts of R²."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.weights / self.explained[:, np.newaxis])

    @cached_property
    def noise(self) -> float | None:
        """Give the share that the largest of as many noise variables seldom reaches."""
        total, squares = self.matrices[0, 0, 0], sum(self.moments.weight_squared) / MICRO
        if self.problem or not self.explained[0] > 0 or squares <= 0:
            return None
        n = min(total * total / squares, float(self.basis["customers"]))
        drawn = noise_weights(self._correlations[0], n, method=self.method, players=self._players)
        return float(np.quantile(drawn, 1 - _NOISE / self.count) / self.explained[0])

    @cached_property
    def unrated(self) -> Estimate | None:
        """The part of R² that belongs to who rated what at all; None where all rated everything."""
        if self.moments.missing == "complete":
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            part = self._divided[1] / self.explained
        return self.part(part, "share of R² that belongs to who rated what at all")

    @cached_property
    def between(self) -> Floats:
        """Give every driver's ratings neither low nor high, as an effective number: ``Σw · Σw / Σw²``."""
        sums = matrices_of(self.moments.contrasts).sum(axis=0)[0]
        total, squares = sums[0], sum(self.moments.weight_squared) / MICRO
        ends = 2 + np.arange(self.count)
        held = total - sums[ends] - sums[ends + self.count]
        if self.moments.missing == "indicator":
            held = held - sums[ends + 2 * self.count]
        return np.asarray(np.maximum(held, 0.0) * (total / squares if squares > 0 else 0.0))

    def contrast_problem(self, k: int) -> str:
        """Say why nothing is told of low and high ratings of a driver although there are answers enough."""
        moments, contrast = self.moments, self.contrasts[k]
        if not self._contrasted:
            return ""
        between = self.between[k]
        if between < _FEWEST_BETWEEN and moments.rated_low[k] + moments.rated_high[k]:
            return (
                "nobody rates in between"
                if between < _NONE
                else f"fewer than {_FEWEST_BETWEEN} rate in between"
            )
        if contrast.penalty is None and contrast.reward is None and self.varies[k]:
            return "other ratings tell who rates it low or high"
        return ""

    def is_yes_or_no(self, k: int) -> bool:
        """Whether all ratings of a driver lie at the two ends of its scale: then ``Σx² = Σx``."""
        ratings = self.moments.ratings[k]
        return abs(sum(ratings.total) - sum(ratings.squares)) <= len(ratings.total)

    @property
    def _contrasted(self) -> bool:
        """Whether there are answers enough for the model of contrasts."""
        slopes = len(self.moments.contrasts.variables) - 2
        enough = self.basis["n"] >= _FEWEST * slopes + _FEWEST
        return not self.problem and bool(self.explained[0] > 0) and enough

    @cached_property
    def contrasts(self) -> tuple[PenaltyReward, ...]:
        """Penalty and reward of every driver; without numbers where answers are too few."""
        if not self._contrasted:
            return (PenaltyReward(*[None] * 9),) * self.count
        products = matrices_of(self.moments.contrasts)
        alone = {k for k in range(self.count) if self.between[k] < _FEWEST_BETWEEN}
        return penalty_reward(products, self.count, without_middle=alone, level=self.level)

    def part(self, values: Floats, definition: str, *, known: bool = True) -> Estimate:
        """Put a part of R², or of what it explains, into words; values from all and without each group."""
        if self.problem or not known or not self.explained[0] > 0:
            return self.estimate(None, definition)
        value = min(max(float(values[0]), 0.0), 1.0)
        low, high = part_interval(value, values[1:], level=self.level) or (None, None)
        method = f"{JACKKNIFE} of the logit" if low is not None else ""
        return Estimate(
            value=value,
            low=low,
            high=high,
            level=self.level,
            method=method,
            definition=definition,
            **self.basis,
        )

    def estimate(self, found: Jackknifed | None, definition: str, *, span: float = 1.0) -> Estimate:
        """Put a number into words, in points of a scale as wide as `span`."""
        value, low, high = (None, None, None) if found is None else (found.value, found.low, found.high)
        return Estimate(
            value=None if value is None else value * span,
            low=None if low is None else low * span,
            high=None if high is None else high * span,
            level=self.level,
            method=JACKKNIFE if low is not None else "",
            definition=definition,
            **self.basis,
        )

    @cached_property
    def performances(self) -> Floats:
        """Give the mean rating of every driver, 0 bad and 1 good; whole, then without each group."""
        total, weight = (
            np.array([getattr(ratings, name) for ratings in self.moments.ratings], dtype=np.float64)
            for name in ("total", "weight")
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            whole = total.sum(axis=1) / weight.sum(axis=1)
            left = (total.sum(axis=1, keepdims=True) - total) / (weight.sum(axis=1, keepdims=True) - weight)
        return np.concatenate([whole[np.newaxis], left.T])

    def quadrant(self, k: int) -> Quadrant:
        """Compare a driver with the mean of the drivers; the same customers rate them, so by difference.

        A share of yes is no mean rating to set against those of scales: of a yes/no driver nothing is said.
        """
        if self.count == 1 or self.problem or self.is_yes_or_no(k):
            return "cannot tell"
        sides = []
        for table in (self.shares, self.performances):
            off = table[:, k] - table.mean(axis=1)
            found = group_jackknife(float(off[0]), off[1:], level=self.level)
            if found.low is None or found.high is None or found.low <= 0 <= found.high:
                return "cannot tell"
            sides.append(found.value > 0)
        matters, good = sides
        if matters:
            return "keep up" if good else "fix first"
        return "possible overkill" if good else "low priority"


def matrices_of(moments: Moments) -> Floats:
    """How do the sums of products look as matrices?

    Parameters
    ----------
    moments : Moments
        Triangles in millionths.

    Returns
    -------
    ndarray
        One symmetric matrix a group.
    """
    size = len(moments.variables)
    found = np.zeros((len(moments.products), size, size))
    rows, columns = np.triu_indices(size)
    values = np.array(moments.products, dtype=np.float64) / MICRO
    found[:, rows, columns] = values
    found[:, columns, rows] = values
    return found


def _centred_where_unrated(stack: Floats, count: int) -> Floats:
    """Shift each driver so that its indicator tells only who rated it, and its ratings only how.

    Slopes and R² are the same whatever stands in for a missing rating once there is an indicator for it; with
    the mean of those who rated it the two go together in nothing, and the weights are told apart cleanly.
    """
    ratings, absent = np.arange(2, 2 + count), np.arange(2 + count, 2 + 2 * count)
    turn = np.broadcast_to(np.eye(stack.shape[-1]), stack.shape).copy()
    rated = stack[:, :1, 0] - stack[:, 0, absent]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = stack[:, 0, ratings] / rated
    turn[:, ratings, absent] = np.where(np.isfinite(mean), mean, 0.0)
    return np.asarray(turn @ stack @ np.swapaxes(turn, -1, -2))
