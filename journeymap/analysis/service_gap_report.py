"""What is said of the gap between how service feels and how all the rest does."""

from __future__ import annotations

from typing import Any, Literal

from journeymap.analysis.wording import between, joined, percent, plural
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = [
    "CANNOT_TELL",
    "IN_BETWEEN",
    "QUADRANTS",
    "SIDES",
    "Parity",
    "ParityValue",
    "SegmentGap",
    "ServiceGap",
    "quadrant_of",
    "shown_value",
    "signed_feeling",
]

GREAT, POOR = "great", "poor"
QUADRANTS = tuple(f"{s} service, {x} experience" for s in (GREAT, POOR) for x in (GREAT, POOR))
IN_BETWEEN, CANNOT_TELL = "in between", "cannot tell"
GOOD, BAD = "good", "not good"
SIDES = {
    (GOOD, GOOD): "both on the good side of the middle",
    (GOOD, BAD): "service on the good side of the middle, experience on the poor side",
    (BAD, GOOD): "service on the poor side of the middle, experience on the good side",
    (BAD, BAD): "both on the poor side of the middle",
}
OTHERS = "*"
_MINUS = "−"
_TINY = 0.001
_NARROW, _NEAR = 0.2, 0.05
_COLUMNS = ("what", "of", "value", "low", "high", "n", "customers", "definition")


def quadrant_of(
    service: Estimate,
    experience: Estimate,
    *,
    middle: float = 0.0,
    good_above: float = 0.5,
    poor_below: float = -0.5,
) -> str:
    """Where do the means of service and experience surely lie?

    Parameters
    ----------
    service, experience : Estimate
        Mean feelings, −2 to +2.
    middle : float
        Above it a feeling is on the good side.
    good_above, poor_below : float
        Above the one it is great, below the other poor.

    Returns
    -------
    str
        ``great service, poor experience`` and the other three where both intervals lie beyond these limits;
        where both leave out the middle, but not both lie beyond a limit, the sides on which they lie; else
        ``cannot tell``.

    Examples
    --------
    >>> great, poor = Estimate(value=1, low=0.6, high=1.4), Estimate(value=-1, low=-1.4, high=-0.6)
    >>> fine, open_yet = Estimate(value=0.2, low=0.1, high=0.3), Estimate(value=0.2, low=-0.1, high=0.5)
    >>> [quadrant_of(great, one) for one in (poor, fine, open_yet)]
    ['great service, poor experience', 'both on the good side of the middle', 'cannot tell']
    """
    both = service, experience
    sides = tuple(side_of(one, middle) for one in both)
    if None in sides:
        return CANNOT_TELL
    far = tuple(_far(one, middle, good_above, poor_below) for one in both)
    if None not in far:
        return f"{far[0]} service, {far[1]} experience"
    return next(words for pair, words in SIDES.items() if pair == sides)


def side_of(estimate: Estimate, middle: float) -> str | None:
    """On which side of the middle does a mean surely lie: the good one, the other, or neither?"""
    if estimate.low is None or estimate.high is None:
        return None
    return GOOD if estimate.low > middle else BAD if estimate.high < middle else None


def _far(estimate: Estimate, middle: float, good_above: float, poor_below: float) -> str | None:
    """Is a mean surely great, surely poor, or neither?"""
    if estimate.low is None or estimate.high is None:
        return None
    if estimate.low > max(middle, good_above):
        return GREAT
    return POOR if estimate.high < min(middle, poor_below) else None


class SegmentGap(Frozen):
    """How the customers of one segment feel in service and outside of it.

    Parameters
    ----------
    segment : str
        The value of the segment column; ``*`` for small segments together, empty where it is missing.
    customers : int
        Those of whom both feelings are known.
    service, experience : Estimate
        Their mean feeling at service contacts and outside service, −2 to +2.
    gap : Estimate
        Service − experience of the same customers.
    quadrant : str
        One of the four, the sides of the middle, or ``cannot tell``; see `ServiceGap`.
    """

    segment: str
    customers: int
    service: Estimate
    experience: Estimate
    gap: Estimate
    quadrant: str

    @property
    def name(self) -> str:
        """What figures and sentences call it."""
        return shown_value(self.segment)


class ParityValue(Frozen):
    """How service feels in one channel, or to one segment.

    Parameters
    ----------
    value : str
        The channel, or the segment; ``*`` for small ones together, empty where it is missing.
    contacts : int
        Service contacts, felt or not; customers where the experience outside service is compared.
    feeling : Estimate
        The mean feeling at those of which it is known, −2 to +2; `n` counts them.
    difference : Estimate
        The same − that of all others together.
    p, p_adjusted : float, optional
        How probable a difference this large, either way, is where there is none; and after
        Benjamini–Hochberg over the values.
    """

    value: str
    contacts: int
    feeling: Estimate
    difference: Estimate
    p: float | None = None
    p_adjusted: float | None = None

    @property
    def name(self) -> str:
        """What figures and sentences call it."""
        return shown_value(self.value)

    @property
    def differs(self) -> bool:
        """Whether it differs from the others after the correction for looking at each of them."""
        return self.p_adjusted is not None and self.p_adjusted < 1 - self.feeling.level


class Parity(Frozen):
    """Does service, or the experience outside it, feel alike, whichever the channel or the segment?

    Parameters
    ----------
    by : str
        ``channel``, or the column of segments.
    values : tuple of ParityValue
        Those of which feelings are known: the one with the most contacts first, small ones together at the
        end.
    p, p_adjusted : float, optional
        How probable means this different are where there is no difference; and after Benjamini–Hochberg over
        channels and segments. None where fewer than two can be compared.
    level : float
        The confidence level.
    of : {"service", "experience"}
        What is compared: contacts, or each customer's mean outside service.
    """

    by: str
    values: tuple[ParityValue, ...]
    p: float | None = None
    p_adjusted: float | None = None
    level: float = 0.95
    of: Literal["service", "experience"] = "service"

    @property
    def differ(self) -> bool:
        """Whether a difference can be told at all."""
        return self.p_adjusted is not None and self.p_adjusted < 1 - self.level

    def __str__(self) -> str:
        """Say whether service feels alike."""
        what = "Service" if self.of == "service" else "The experience outside service"
        if self.p_adjusted is None:
            return f"{what} by {self.by}: there are not two with enough feelings to compare."
        p = "p < 0.001" if self.p_adjusted < _TINY else f"p = {self.p_adjusted:.3f}"
        if not self.differ:
            still = ""
            if reaches := [(_reach(one.difference), one.name) for one in self.values if one.contacts]:
                most, name = max(reaches)
                still = f"; at {name} one of {most:.1f} is still possible"
            return f"{what} by {self.by}: no difference can be told ({p}{still})."
        apart = [
            f"{one.name} {_apart(one.difference, 'better', 'worse')} than the others"
            for one in self.values
            if one.differs
        ]
        more = f": {joined(apart)}" if apart else ", though of none by itself"
        return f"{what} does not feel alike by {self.by} ({p}){more}."


class ServiceGap(Frozen):
    """Is the service better, or worse, than the experience around it?

    Parameters
    ----------
    journey : str
        The name of the journey.
    by : str
        The column of segments; empty without.
    customers : int
        Those of whom both feelings are known.
    service, experience : Estimate
        Their mean feeling at service contacts (S) and outside service (X), each customer's own mean first,
        −2 to +2.
    experience_without : Estimate
        X of customers without any contact.
    gap : Estimate
        S − X of the same customers, −4 to +4.
    good_above, poor_below : float
        A mean above the one is great, below the other poor.
    quadrant : str
        Where the two means surely lie: one of the four where both are surely great or poor; where they are
        not, the sides of the middle (``both on the good side of the middle``); else ``cannot tell``.
    shares : dict of str to Estimate
        By each customer's own means: the four quadrants, and ``in between``; together 1.
    segments : tuple of SegmentGap
        The largest first, small ones together at the end; empty without `by`.
    parity : tuple of Parity
        By channel, and by segment, as far as there are two.
    middle : float
        What the two means are held against.
    experience_difference : Estimate, optional
        X of customers with contacts − X of those without.
    silent : int
        Customers with a feeling outside service and contacts of which none is known.
    experience_parity : Parity, optional
        The experience outside service by segment, of all customers of whom it is known.
    """

    journey: str
    by: str
    customers: int
    service: Estimate
    experience: Estimate
    experience_without: Estimate
    gap: Estimate
    good_above: float
    poor_below: float
    quadrant: str
    shares: dict[str, Estimate]
    segments: tuple[SegmentGap, ...]
    parity: tuple[Parity, ...]
    middle: float = 0.0
    experience_difference: Estimate | None = None
    silent: int = 0
    experience_parity: Parity | None = None

    def __str__(self) -> str:
        """Write the findings in a few lines that can be read aloud."""
        return "\n".join(self.story())

    def story(self) -> tuple[str, ...]:
        """Say how service and experience stand to each other, in sentences.

        Returns
        -------
        tuple of str
            The gap first, then the quadrants, customers without contact, segments and parity.
        """
        headline = self.headline()
        first = f"{self.journey}: {headline[0].lower()}{headline[1:]}"
        if self.gap.value is None:
            return (
                first,
                *self._without(),
                *(str(one) for one in self._parities()),
            )
        return (
            first,
            self._means(),
            *self._quadrants(),
            *self._without(),
            *self._segments(),
            *(str(one) for one in self._parities()),
        )

    def headline(self) -> str:
        """Say in one sentence whether service is better or worse than the rest.

        Returns
        -------
        str
            With the interval, or that it cannot be told.
        """
        if self.gap.value is None:
            return "Of no customer both feelings, in service and outside it, are known."
        if not _sure(self.gap):
            return "Whether service feels better or worse than the rest of the experience cannot be told."
        return f"Service feels {_apart(self.gap, 'better', 'worse')} than the rest of the experience."

    def _means(self) -> str:
        few = ", a small sample" if self.gap.small_sample else ""
        return (
            f"The same {plural(self.customers, 'customer')}{few}: {signed_feeling(self.service)} at service "
            f"contacts and {signed_feeling(self.experience)} outside service, from {_MINUS}2 to +2."
        )

    def _quadrants(self) -> list[str]:
        told = [self._unclear() if self.quadrant == CANNOT_TELL else self._clear()]
        share = self.shares.get(QUADRANTS[1])
        if share is not None and share.value is not None:
            ends = between(share)
            told.append(
                f"{percent(share.value)} of them ({ends}) had great service and a poor experience (above "
                f"{_limit(self.good_above)} and below {_limit(self.poor_below)})."
            )
        return told

    def _clear(self) -> str:
        """Say on which sides both lie, and whether that is far enough to call them great or poor."""
        words = f"{self.quadrant[0].upper()}{self.quadrant[1:]}"
        great, poor = f"above {_limit(self.good_above)}", f"below {_limit(self.poor_below)}"
        if self.quadrant in QUADRANTS:
            named = [(GREAT, great), (POOR, poor)]
            limits = [limit for word, limit in named if word in self.quadrant]
            return f"{words}: the means surely lie {joined(limits)}."
        limit = {SIDES[GOOD, GOOD]: f"great ({great})", SIDES[BAD, BAD]: f"poor ({poor})"}.get(self.quadrant)
        if limit is None:
            return f"{words} ({_limit(self.middle)}); not both surely {great} or {poor}."
        return f"{words} ({_limit(self.middle)}); that both are {limit} is not sure."

    def _unclear(self) -> str:
        """Say which of the two cannot be told, and the other."""
        sides = {"service": side_of(self.service, self.middle),
                 "experience": side_of(self.experience, self.middle)}  # fmt: skip
        open_yet = joined([f"the {name}" for name, side in sides.items() if side is None])
        known = [
            f"the {name} is on the {GOOD if side == GOOD else POOR} side; "
            for name, side in sides.items()
            if side is not None
        ]
        text = f"{''.join(known)}whether {open_yet} {'is' if known else 'are'} good or poor cannot be told"
        ends = "the interval crosses" if known else "the intervals cross"
        return f"{text[0].upper()}{text[1:]}: {ends} {_limit(self.middle)}."

    def _without(self) -> list[str]:
        told = []
        if self.experience_without.value is not None:
            text = f"Customers without a contact: {signed_feeling(self.experience_without)} outside service"
            if self.experience_difference is None or self.experience_difference.value is None:
                told.append(f"{text}.")
            elif _sure(self.experience_difference):
                than = _apart(self.experience_difference, "better", "worse")
                told.append(f"{text}; those with contacts feel {than} there, be it before or after them.")
            else:
                told.append(f"{text}; no difference from those with contacts can be told.")
        if self.silent:
            text = plural(self.silent, "further customer")
            told.append(
                f"{text} had contacts of which no feeling is known, and {_are(self.silent)} left out."
            )
        return told

    def _segments(self) -> list[str]:
        quadrants = _listed(
            [(one.quadrant, one.name) for one in self.segments],
            {name: name for name in (*QUADRANTS, *SIDES.values())},
        )
        gaps = _listed(
            [(_direction(one.gap), one.name) for one in self.segments],
            {
                "better": "service better than the rest",
                "worse": "service worse than the rest",
                CANNOT_TELL: "no gap can be told",
            },
        )
        told = ((f"By {self.by}", quadrants), (f"The gap by {self.by}", gaps))
        return [f"{what} – {found}." for what, found in told if found]

    def _parities(self) -> tuple[Parity, ...]:
        return (*self.parity, *(() if self.experience_parity is None else (self.experience_parity,)))

    def _rows(self) -> list[tuple[Any, ...]]:
        named: list[tuple[str, str, Estimate]] = [
            ("service", "", self.service),
            ("experience", "", self.experience),
            ("gap", "", self.gap),
            ("experience without contact", "", self.experience_without),
        ]
        if self.experience_difference is not None:
            named.append(("experience with contact − without", "", self.experience_difference))
        named += [(f"share: {name}", "", share) for name, share in self.shares.items()]
        for one in self.segments:
            named += [
                ("service", one.name, one.service),
                ("experience", one.name, one.experience),
                ("gap", one.name, one.gap),
            ]
        for parity in self._parities():
            for value in parity.values:
                named += [
                    (f"{parity.of} by {parity.by}", value.name, value.feeling),
                    (f"{parity.of} by {parity.by} − the others", value.name, value.difference),
                ]
        return [(what, of, e.value, e.low, e.high, e.n, e.customers, e.definition) for what, of, e in named]

    def to_frame(self) -> Any:
        """Put one row per number into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            Feelings −2 to +2 and their differences; shares 0 to 1.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        rows = [
            (what, of, *(None if x is None else f"{x:.2f}" for x in (value, low, high)), f"{customers:,}")
            for what, of, value, low, high, _, customers, _ in self._rows()
        ]
        head, *notes = self.story()
        return html_table(head, ("", "", "value", "low", "high", "customers"), rows, notes=notes)


def shown_value(value: str) -> str:
    """What is a channel or a segment called?

    Parameters
    ----------
    value : str
        As it stands in the evidence.

    Returns
    -------
    str
        ``all small ones`` and ``not known`` for the two without a name of their own.
    """
    return {OTHERS: "all small ones", "": "not known"}.get(value, value)


def signed_feeling(estimate: Estimate) -> str:
    """How strong is a feeling, in a sentence?

    Parameters
    ----------
    estimate : Estimate
        A mean feeling with a value.

    Returns
    -------
    str
        ``+0.8 (+0.5 to +1.1)``.

    Examples
    --------
    >>> signed_feeling(Estimate(value=-0.25, low=-0.5, high=0.04))
    '−0.2 (−0.5 to 0)'
    """
    if estimate.low is None or estimate.high is None:
        return _signed(estimate.value or 0.0, 1)
    value, low, high = (
        _signed(part or 0.0, _digits(estimate)) for part in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} ({low} to {high})"


def _signed(feeling: float, digits: int) -> str:
    text = f"{feeling:+.{digits}f}".replace("-", _MINUS)
    return text if float(text[1:]) else "0"


def _digits(estimate: Estimate) -> int:
    """One decimal, two where an interval is narrow or ends so near 0 that it would seem to hold it."""
    low, high = estimate.low or 0.0, estimate.high or 0.0
    return 2 if high - low < _NARROW or (_sure(estimate) and min(abs(low), abs(high)) < _NEAR) else 1


def _limit(feeling: float) -> str:
    """Write a threshold as it was given."""
    return f"{feeling:+g}".replace("-", _MINUS) if feeling else "0"


def _reach(difference: Estimate) -> float:
    """How large a difference, either way, does the interval leave possible?"""
    return max(abs(end) for end in (difference.low or 0.0, difference.high or 0.0))


def _apart(difference: Estimate, above: str, below: str) -> str:
    """Say by how much something is better or worse, with the interval turned the same way."""
    value, low, high = difference.value or 0.0, difference.low or 0.0, difference.high or 0.0
    word = above if value > 0 else below
    ends = (low, high) if value > 0 else (-high, -low)
    size, *ends_of_it = (f"{part:.{_digits(difference)}f}" for part in (abs(value), *ends))
    return f"{size} {word} ({' to '.join(ends_of_it)})".replace("(-", f"({_MINUS}")


def _direction(gap: Estimate) -> str:
    if not _sure(gap):
        return CANNOT_TELL
    return "better" if (gap.value or 0.0) > 0 else "worse"


def _listed(found: list[tuple[str, str]], words: dict[str, str]) -> str:
    """Put names behind what is said of them."""
    parts = {word: [name for kind, name in found if kind == one] for one, word in words.items()}
    return "; ".join(f"{word}: {joined(names)}" for word, names in parts.items() if names)


def _sure(difference: Estimate) -> bool:
    """Whether the interval of a difference leaves out 0."""
    return (
        difference.low is not None
        and difference.high is not None
        and (difference.low > 0 or difference.high < 0)
    )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
