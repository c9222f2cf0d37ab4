"""Do good service and a good experience do more together than each by itself?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeymap.analysis.bad_moment import felt_cells, points
from journeymap.analysis.wording import between, percent, plural
from journeymap.metrics.flow import share_estimate
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table
from journeymap.stats.jackknife import group_jackknife, leave_one_out
from journeymap.stats.strata import joint_contrast, joint_effect

__all__ = ["Interaction", "check_interaction"]

Counts = NDArray[np.float64]
_CELLS = (("good", "good"), ("good", "bad"), ("poor", "good"), ("poor", "bad"))  # service, experience
_FEWEST = 5
_COLUMNS = ("what", "value", "low", "high", "n", "customers", "definition")


class Interaction(Frozen):
    """How journeys end by service and experience, good or not, two by two.

    Parameters
    ----------
    journey : str
        The name of the journey.
    both_good : Estimate
        p₁₁: the share won where the mean feeling at service contacts is not poor and that outside is good.
    only_service_good, only_experience_good : Estimate
        p₁₀ and p₀₁.
    neither_good : Estimate
        p₀₀.
    contrast : Estimate
        IC = p₁₁ − p₁₀ − p₀₁ + p₀₀, −2 to 2; above 0: together they do more than the sum of both.
    excess : Estimate
        RERI = RR₁₁ − RR₁₀ − RR₀₁ + 1, with RR against neither.
    attributable, synergy : Estimate
        AP = RERI / RR₁₁ and S = (RR₁₁ − 1) / ((RR₁₀ − 1) + (RR₀₁ − 1)).
    """

    journey: str
    both_good: Estimate
    only_service_good: Estimate
    only_experience_good: Estimate
    neither_good: Estimate
    contrast: Estimate
    excess: Estimate
    attributable: Estimate
    synergy: Estimate

    @property
    def is_supported(self) -> bool:
        """Whether both together surely do more, or less, than the sum: the interval of IC leaves out 0."""
        low, high = self.contrast.low, self.contrast.high
        return low is not None and high is not None and (low > 0 or high < 0)

    def __str__(self) -> str:
        """Write the findings in a few lines that can be read aloud."""
        return "\n".join([self._headline(), *self._sentences()])

    def _headline(self) -> str:
        contrast = self.contrast
        if contrast.value is None:
            return f"{self.journey}: cannot tell whether service and experience depend on each other."
        if not self.is_supported:
            return (
                f"{self.journey}: that good service and a good experience need each other is not supported."
            )
        more = "more" if contrast.value > 0 else "less"
        return f"{self.journey}: good service and a good experience do {more} together than the sum of both."

    def _sentences(self) -> list[str]:
        rates = (
            ("Both good", self.both_good),
            ("only the service good", self.only_service_good),
            ("only the experience good", self.only_experience_good),
            ("neither", self.neither_good),
        )
        told = [f"{what}: {_won(rate)}" for what, rate in rates if rate.value is not None]
        empty = [what.lower() for what, rate in rates if rate.value is None]
        found = [f"{'; '.join(told)}."] if told else []
        if empty:
            found.append(f"No journeys to judge by: {', '.join(empty)}.")
        if self.contrast.value is not None:
            text = points(self.contrast)
            found.append(f"Together they differ from the sum of both by {text} of conversion.")
        return [*found, "Only journeys with a felt service contact count; these are associations."]

    def _rows(self) -> list[tuple[Any, ...]]:
        named = (
            ("both good", self.both_good),
            ("only service good", self.only_service_good),
            ("only experience good", self.only_experience_good),
            ("neither good", self.neither_good),
            ("contrast (IC)", self.contrast),
            ("relative excess (RERI)", self.excess),
            ("attributable part (AP)", self.attributable),
            ("synergy (S)", self.synergy),
        )
        return [(what, e.value, e.low, e.high, e.n, e.customers, e.definition) for what, e in named]

    def to_frame(self) -> Any:
        """Put the four rates and what follows from them into a pandas DataFrame, one row each.

        Returns
        -------
        pandas.DataFrame
            Rates 0 to 1, IC −2 to 2, the others without unit.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        rows = [
            (what, *(None if x is None else f"{x:.3f}" for x in (value, low, high)), f"{n:,}")
            for what, value, low, high, n, _, _ in self._rows()
        ]
        columns = ("", "value", "low", "high", "journeys")
        return html_table(self._headline(), columns, rows, notes=self._sentences())


def check_interaction(journey: Journey, *, level: float = 0.95) -> Interaction:
    """Do good service and a good experience do more together than each by itself?

    The share of journeys won by service (good: the mean feeling at contacts is not poor) and experience
    (good: the mean feeling outside service), two by two; ``IC = p₁₁ − p₁₀ − p₀₁ + p₀₀`` and the
    relative excess against neither.

    Parameters
    ----------
    journey : Journey
        An observed journey with a goal and the evidence of ``with_customer_feelings``.
    level : float
        The confidence level.

    Returns
    -------
    Interaction
        The four rates, and what both do together; without value where a rate is missing. Numbers relative to
        neither have no interval where one of the four rests on fewer than 5 journeys.

    Raises
    ------
    MissingEvidenceError
        The journey carries no such evidence, or has no goal.

    Notes
    -----
    Whether two things act together depends on the scale: IC and RERI ask whether they add up. Journeys
    without a felt service contact, or without a feeling outside service, are not in it.

    References
    ----------
    Rothman, K. J. (1976). The estimation of synergy or antagonism. American Journal of Epidemiology 103,
    506–511.
    """
    cells = felt_cells(journey, "check_interaction", table="felt_contacts")
    won, journeys, customers = (
        np.stack([
            cells.of(measure, experience=experience, services=(service,)).sum(axis=0)
            for service, experience in _CELLS
        ])
        for measure in ("won", "journeys", "customers")
    )  # fmt: skip
    rates = [
        share_estimate(
            won[row], journeys[row], customers=int(customers[row].sum()), level=level,
            definition=f"won / all journeys, service {service}, experience {experience}; {cells.limits}",
        )
        for row, (service, experience) in enumerate(_CELLS)
    ]  # fmt: skip
    value, low, high = joint_contrast(won, journeys, level=level)
    of_all = {"n": int(journeys.sum()), "customers": int(customers.sum()), "level": level}
    contrast = Estimate(
        value=value, low=low, high=high, **of_all,
        method="square-and-add of Wilson intervals at the effective sample size" if value is not None else "",
        definition="IC = p11 − p10 − p01 + p00 of the shares won",
    )  # fmt: skip
    excess, attributable, synergy = _relative(won, journeys, of_all)
    return Interaction(
        journey=journey.name,
        both_good=rates[0],
        only_service_good=rates[1],
        only_experience_good=rates[2],
        neither_good=rates[3],
        contrast=contrast,
        excess=excess,
        attributable=attributable,
        synergy=synergy,
    )


def _relative(won: Counts, journeys: Counts, of_all: dict[str, Any]) -> tuple[Estimate, ...]:
    """Give RERI, AP and S, with their jackknife intervals where the four rates rest on enough."""
    definitions = (
        "RERI = RR11 − RR10 − RR01 + 1 of the shares won, against neither good",
        "AP = RERI / RR11",
        "S = (RR11 − 1) / ((RR10 − 1) + (RR01 − 1))",
    )
    sums = won.sum(axis=1, keepdims=True), journeys.sum(axis=1, keepdims=True)
    if not (sums[1] > 0).all():
        return tuple(Estimate(value=None, definition=text) for text in definitions)
    full = joint_effect(*(sums[0] / sums[1]))[1:]
    left_won, left_all = leave_one_out(won), leave_one_out(journeys)
    shares = np.divide(left_won, left_all, out=np.full(left_won.shape, np.nan), where=left_all > 0)
    left = joint_effect(*shares)[1:]
    enough = bool((sums[1] >= _FEWEST).all())
    found = []
    for whole, without, text in zip(full, left, definitions, strict=True):
        value = float(whole[0])
        if not np.isfinite(value):
            found.append(Estimate(value=None, definition=text))
            continue
        sure = group_jackknife(value, without, level=of_all["level"])
        known = enough and sure.low is not None
        found.append(
            Estimate(
                value=value, low=sure.low if known else None, high=sure.high if known else None, **of_all,
                method="group jackknife" if known else "", definition=text,
            )
        )  # fmt: skip
    return tuple(found)


def _won(rate: Estimate) -> str:
    ends = between(rate)
    share = percent(rate.value or 0.0)
    return f"{share} won{f' ({ends})' if ends else ''} of {plural(rate.n, 'journey')}"
