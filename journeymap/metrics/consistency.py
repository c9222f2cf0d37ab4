"""Is the experience the same, from one touchpoint to the next and from one owner to another?"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from journeymap.errors import MissingEvidenceError
from journeymap.metrics.answers import (
    answers_evidence,
    answers_in,
    check_segments,
    chosen_question,
    table_sums,
)
from journeymap.metrics.feelings import mean_over_customers, segment_place
from journeymap.metrics.places import Places, touchpoint_of
from journeymap.metrics.pools import pool, pooled_mean
from journeymap.metrics.yardsticks import MEASURES
from journeymap.model.answers import Answers
from journeymap.model.frozen import Frozen
from journeymap.model.journey import Journey
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table
from journeymap.stats.agreement import between_groups
from journeymap.stats.jackknife import group_jackknife, leave_one_out
from journeymap.stats.wald import grouped_means_test

__all__ = [
    "BetweenOwners",
    "OwnerScore",
    "WithinCustomer",
    "consistency_between",
    "consistency_within",
]

Counts = NDArray[np.float64]
_WITHIN = {
    "sd": ("mean over customers of the standard deviation of their scores, 0 to 1 each", 0.7072),
    "mssd": ("mean over customers of the mean squared change from one score to the next", 1.0),
    "weakest": ("mean over customers of their lowest score, 0 the bad and 1 the good end", 1.0),
}
_WITHIN_COLUMNS = ("what", "value", "low", "high", "customers", "definition")
_BETWEEN_COLUMNS = ("name", "score", "low", "high", "n", "customers")


class WithinCustomer(Frozen):
    """How much the experience of one customer varies, on average over customers with several scores.

    Parameters
    ----------
    sd : Estimate
        Standard deviation of a customer's normalised scores; 0 where all are equal.
    mssd : Estimate
        Mean squared change from one score to the next; large where good and bad alternate.
    weakest : Estimate
        A customer's lowest score, 0 to 1.
    """

    sd: Estimate
    mssd: Estimate
    weakest: Estimate

    def __str__(self) -> str:
        """Say the three numbers, one a line."""
        return (
            f"spread of one customer's scores (SD): {self.sd}\n"
            f"change from one score to the next (MSSD): {self.mssd}\n"
            f"weakest link: {self.weakest}"
        )

    def _rows(self) -> list[tuple[Any, ...]]:
        found = (("sd", self.sd), ("mssd", self.mssd), ("weakest", self.weakest))
        return [(name, one.value, one.low, one.high, one.customers, one.definition) for name, one in found]

    def to_frame(self) -> Any:
        """Put the three numbers into a pandas DataFrame, one row each."""
        return data_frame(_WITHIN_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        return html_table("Consistency within a customer", _WITHIN_COLUMNS, self._rows())


class OwnerScore(Frozen):
    """What customers think of the touchpoints of one owner, or of one channel.

    Parameters
    ----------
    name : str
        The owner, or the channel.
    touchpoints : tuple of str
        Those with answers.
    score : Estimate
        The mean score there, 0 bad to 1 good.
    """

    name: str
    touchpoints: tuple[str, ...]
    score: Estimate


class BetweenOwners(Frozen):
    """How far owners, or channels, give customers different experiences.

    Parameters
    ----------
    by : {"owner", "channel"}
        What was compared.
    owners : tuple of OwnerScore
        The best first.
    share : Estimate
        The share of the variance of scores that lies between them, ICC(1): 0 or a little below where they do
        not differ, 1 where nothing else does.
    p : float, optional
        How probable scores this different are where owners do not differ; None where it cannot be tested.
    left_out : int
        Answers at touchpoints without owner, or with several channels, and answers of no touchpoint.
    """

    by: Literal["owner", "channel"]
    owners: tuple[OwnerScore, ...]
    share: Estimate
    p: float | None = None
    left_out: int = 0

    @property
    def differ(self) -> bool:
        """Whether owners differ, at the level of the intervals."""
        return self.p is not None and self.p < 1 - self.share.level

    def __str__(self) -> str:
        """Say whether they differ, and name each of them."""
        if self.p is None:
            said = f"cannot tell whether {self.by}s differ"
        else:
            p = "p < 0.001" if self.p < 0.001 else f"p = {self.p:.3f}"  # noqa: PLR2004
            said = (
                f"{self.by}s differ, {p}" if self.differ else f"no difference between {self.by}s is seen, {p}"
            )
        lines = [f"{said}; share of variance between them: {self.share}"]
        lines += [f"  {one.name}: {one.score}" for one in self.owners]
        if self.left_out:
            lines.append(f"{self.left_out:,} answers belong to no one {self.by}")
        return "\n".join(lines)

    def _rows(self) -> list[tuple[Any, ...]]:
        return [
            (one.name, one.score.value, one.score.low, one.score.high, one.score.n, one.score.customers)
            for one in self.owners
        ]

    def to_frame(self) -> Any:
        """Put the owners into a pandas DataFrame, one row each."""
        return data_frame(_BETWEEN_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        notes = [str(self).partition("\n")[0]]
        return html_table(f"Consistency between {self.by}s", _BETWEEN_COLUMNS, self._rows(), notes=notes)


def consistency_within(
    value: Answers | Journey, *, segment: str | None = None, level: float = 0.95
) -> WithinCustomer:
    """How even is the experience of one customer?

    Over the m normalised scores of one customer in their order: ``√(Σ (x − x̄)²/(m − 1))``,
    ``Σ (x_{i+1} − x_i)²/(m − 1)`` and ``min x``, each averaged over customers with answers at two touchpoints
    or more (the second: who also answered at two times or more).

    Parameters
    ----------
    value : Answers or Journey
        A journey that has feedback linked to its log, or its answers.
    segment : str, optional
        Only this segment.
    level : float
        The confidence level.

    Returns
    -------
    WithinCustomer
        Three numbers in normalised units; without values where no customer answered at two touchpoints.

    Raises
    ------
    MissingEvidenceError
        Scores within customers were not counted.
    UnknownNameError
        There is no such segment.

    Notes
    -----
    A customer who answers more often has a lower weakest link by chance alone: compare segments only where
    they answer about equally often.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[{"id": "ad", "stage": "discovery"}])
    >>> consistency_within(journey)
    Traceback (most recent call last):
    journeymap.errors.MissingEvidenceError: consistency_within: journey 'Shop' carries no answers.
    Hint: with_feedback(journey, feedback)
    """
    answers = answers_in(value, "consistency_within")
    if segment is not None:
        check_segments(answers, [segment], "consistency_within")
    table = answers_evidence(answers, "consistency", hint="with_feedback(journey, feedback, log=log)")
    place = segment_place(table, segment)
    counts = {name: table_sums(table, name, place, 1)[0] for name in ("customers", "mssd_customers")}
    who = {"sd": "customers", "mssd": "mssd_customers", "weakest": "customers"}
    found = {
        measure: mean_over_customers(
            table_sums(table, measure, place, 1)[0],
            counts[who[measure]],
            customers=int(counts[who[measure]].sum()),
            bounds=(0.0, most),
            definition=words,
            level=level,
        )
        for measure, (words, most) in _WITHIN.items()
    }
    return WithinCustomer(sd=found["sd"], mssd=found["mssd"], weakest=found["weakest"])


def consistency_between(
    value: Journey,
    *,
    by: Literal["owner", "channel"] = "owner",
    question: str | None = None,
    segment: str | None = None,
    level: float = 0.95,
) -> BetweenOwners:
    """Do different functions of the company give customers different experiences?

    ``ICC(1) = (MSB − MSW)/(MSB + (n₀ − 1) MSW)`` from the normalised scores at the touchpoints of each owner,
    with an interval by leaving out one group of customers at a time; the test of equal means is Wald's, with
    the covariance of the owners' means by the same device.

    Parameters
    ----------
    value : Journey
        A journey that has feedback, and owners or channels.
    by : {"owner", "channel"}
        What to compare. A touchpoint with several channels takes no part in a comparison of channels; for a
        channel that stands in the survey see `journeymap.metrics.segment_differences.by_segment`.
    question : str, optional
        Only answers to this question, else all of them.
    segment : str, optional
        Only this segment.
    level : float
        The confidence level.

    Returns
    -------
    BetweenOwners
        The score of each owner, the share of variance between them and the test.

    Raises
    ------
    MissingEvidenceError
        The journey carries no answers, or no touchpoint with answers has an owner.
    UnknownNameError
        There is no such question or segment.

    Notes
    -----
    The test knows that one customer's answers go together. It does not know why a customer answered at one
    owner and not at another, nor that one owner has the harder task; where owners are asked about by
    different questions, it compares questions too: name one.

    References
    ----------
    Shrout, P. E., Fleiss, J. L. (1979). Intraclass correlations: uses in assessing rater reliability.
    Psychological Bulletin 86, 420–428.

    Examples
    --------
    >>> journey = Journey(name="Shop", touchpoints=[{"id": "ad", "stage": "discovery"}])
    >>> consistency_between(journey)
    Traceback (most recent call last):
    journeymap.errors.MissingEvidenceError: consistency_between: journey 'Shop' carries no answers.
    Hint: with_feedback(journey, feedback)
    """
    answers = answers_in(value, "consistency_between")
    if segment is not None:
        check_segments(answers, [segment], "consistency_between")
    questions = list(answers.questions)
    if question is not None:
        measures = MEASURES["score"]
        questions = [chosen_question(answers, question, metric="consistency_between", measures=measures)]
    table = answers_evidence(answers, "answers", hint="count the survey again: answers(feedback)")
    heard = {key[1] for key in table.keys if question in {None, key[0]} and segment in {None, key[2]}}
    owners = _owners(value, by, heard)
    if not owners:
        raise MissingEvidenceError.because(
            f"no touchpoint with answers has one {by}.",
            hint=f"name the {by} of each touchpoint in the design",
            where="consistency_between",
        )
    pools = {
        name: pool(answers, questions, Places(frozenset(touchpoints)), segment=segment)
        for name, touchpoints in owners.items()
    }
    pools = {name: one for name, one in pools.items() if one.n}
    definition = f"mean score at the touchpoints of the {by}, 0 the bad and 1 the good end"
    scores = [
        OwnerScore(
            name=name,
            touchpoints=tuple(sorted(owners[name])),
            score=pooled_mean(one, f"{definition}; {name}", level=level),
        )
        for name, one in pools.items()
    ]
    everything = pool(answers, questions, Places(), segment=segment)
    sums = np.stack([one.sums for one in pools.values()])
    customers = min(everything.customers, sum(one.customers for one in pools.values()))
    n = sum(one.n for one in pools.values())
    return BetweenOwners(
        by=by,
        owners=tuple(sorted(scores, key=lambda one: (-(one.score.value or 0.0), one.name))),
        share=_variance_share(sums, by, n, customers, level),
        p=grouped_means_test(sums[:, 0], sums[:, 2]).p,
        left_out=everything.n - n,
    )


def _owners(journey: Journey, by: str, heard: set[str]) -> dict[str, set[str]]:
    """Each owner, or channel, to its touchpoints with answers."""
    owners: dict[str, set[str]] = defaultdict(set)
    for place in heard - {""}:
        found = touchpoint_of(journey, place)
        if found is None:
            continue
        single = found.channels[0] if len(found.channels) == 1 else None
        name = found.owner if by == "owner" else single
        if name is not None:
            owners[name].add(place)
    return dict(sorted(owners.items()))


def _variance_share(sums: Counts, by: str, n: int, customers: int, level: float) -> Estimate:
    """ICC(1), recomputed without each group of customers."""
    sums = sums[:, :, sums[:, 2].sum(axis=0) > 0]
    definition = f"share of the variance of scores that lies between {by}s, ICC(1)"
    total, squares, counts = sums.sum(axis=2).T
    found = between_groups(counts, total, squares).share
    about = {"n": n, "customers": customers, "level": level, "definition": definition}
    if found is None:
        return Estimate(value=None, level=level, definition=definition)
    left = leave_one_out(sums)
    without = [
        between_groups(left[:, 2, group], left[:, 0, group], left[:, 1, group]).share
        for group in range(left.shape[2])
    ]
    ends = group_jackknife(found, [np.nan if one is None else one for one in without], level=level)
    high = None if ends.high is None else min(1.0, ends.high)
    estimate = Estimate(
        value=found, low=ends.low, high=high, method="delete-a-group jackknife" if ends.se is not None else ""
    )
    return estimate.model_copy(update=about)
