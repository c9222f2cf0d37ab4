"""What `check_service_effect` answers: what service contacts go with, compared fairly."""

from __future__ import annotations

from typing import Any, Literal

from journeymap.analysis.bad_moment import points
from journeymap.analysis.wording import percent, plural
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = ["EffectVerdict", "Outcome", "ServiceEffect", "first_of", "undecided", "vanished_benefit"]

EffectVerdict = Literal["more", "fewer", "cannot tell"]
Outcome = Literal["goal", "retained", "feeling"]

_COLUMNS = ("what", "value", "low", "high", "n", "customers", "level", "method", "definition")
_NOTHING = Estimate(value=None)
_MINUS = "−"
# the least crude benefit that a reader sees, whatever its interval; and with an interval above 0
_MARKED = {"goal": 0.05, "retained": 0.05, "feeling": 0.2}
_SHOWN = {"goal": 0.005, "retained": 0.005, "feeling": 0.05}
_HALF = 0.5
_BEGINNING = "from the beginning of the journey on"


class ServiceEffect(Frozen):
    """How journeys went on after a service contact, beside journeys that had none at the same point.

    Parameters
    ----------
    journey : str
        The name of the journey.
    outcome : {"goal", "retained", "feeling"}
        What is compared: shares of journeys that reach the goal, of customers who come back, or the mean
        feeling outside service afterwards.
    of : str, optional
        Which contacts: ``company`` or ``customer`` (who began them), a handler, or a service touchpoint; None
        for all. Journeys count whose *first* contact is one of these.
    contact : str
        The same in words: ``a service contact``.
    told : str
        The outcome in words: ``reach the goal``.
    crude : Estimate
        Journeys with a contact (with `of`: whose first contact is of that kind) minus those without any; it
        mixes those who left before they could have had one with those who stayed. Who comes back is counted
        from the journey's first event.
    crude_with, crude_without : Estimate
        Both sides of it.
    stratified : Estimate
        Journeys whose next event is a contact minus all others at the same point that had waited as long, put
        together by Mantel and Haenszel. Who left had perhaps no chance of a contact; that favours service.
        Who comes back is counted from that point.
    standardised_with, standardised_without : Estimate
        The outcome after a contact, and what it is for the others at the points where those contacts were.
    against_stayed : Estimate
        As `stratified`, but only against those who surely went on; that disfavours service.
    landmark : str
        The name of the landmark; empty without one.
    landmarked : Estimate
        Of the journeys that reach the landmark: with a contact after it minus without. Who comes back is
        counted from then on.
    landmarked_with, landmarked_without : Estimate
        Both sides of it.
    landmarked_before : Estimate
        Of the journeys that reach the landmark: with a contact before it minus without.
    e_value : float, optional
        How strongly, as a risk ratio, something unknown would have to go with both contact and outcome to
        explain the stratified ratio away; None where it cannot be given.
    e_value_limit : float, optional
        The same for the end of the interval that is nearer to no difference; 1 where it holds no difference.
    n_with, n_without : int
        How many journeys stand on both sides of the crude comparison: decided ones, of those that come back
        those watched long enough, of feelings those that felt something.
    n_other : int
        With `of`: as many have another contact first, and stand on neither side.
    journeys, undecided : int
        How many journeys there are, and how many of them are neither won nor lost yet.
    compared : int
        How many contacts have others at the same point to be compared with.
    later : Estimate
        Of those others, the share that had a contact later; they make the difference smaller.
    verdict : {"more", "fewer", "cannot tell"}
        ``more`` only where the intervals of both `stratified` and `against_stayed` lie above 0, ``fewer``
        only where that of `stratified` lies below, and only of differences that matter. Of feelings: better
        and worse.
    assumptions : tuple of str
        What has to hold for the difference to be an effect.
    """

    journey: str
    outcome: Outcome = "goal"
    of: str | None = None
    contact: str = "a service contact"
    told: str = "reach the goal"
    crude: Estimate = _NOTHING
    crude_with: Estimate = _NOTHING
    crude_without: Estimate = _NOTHING
    stratified: Estimate = _NOTHING
    standardised_with: Estimate = _NOTHING
    standardised_without: Estimate = _NOTHING
    against_stayed: Estimate = _NOTHING
    landmark: str = ""
    landmarked: Estimate = _NOTHING
    landmarked_with: Estimate = _NOTHING
    landmarked_without: Estimate = _NOTHING
    landmarked_before: Estimate = _NOTHING
    e_value: float | None = None
    e_value_limit: float | None = None
    n_with: int = 0
    n_without: int = 0
    n_other: int = 0
    journeys: int = 0
    undecided: int = 0
    compared: int = 0
    later: Estimate = _NOTHING
    verdict: EffectVerdict = "cannot tell"
    assumptions: tuple[str, ...] = ()

    @property
    def vanishes(self) -> bool:
        """Whether the crude comparison shows a benefit that a fair one does not bear out.

        The crude difference is a benefit to see (five points or more, of feelings 0.2, or less with an
        interval above 0), the verdict is not ``more``, and a fair comparison (at the same point or after the
        landmark) is at most 0 or has an interval that excludes a benefit as large as the crude.
        """
        crude = self.crude.value
        if crude is None or not self._looks_good() or self.verdict == "more":
            return False
        return any(
            one.value is not None and (one.value <= 0 or (one.high is not None and one.high < crude))
            for one in (self.stratified, self.landmarked)
        )

    def _looks_good(self) -> bool:
        value, low = self.crude.value or 0.0, self.crude.low
        sure = low is not None and low > 0
        return value >= (_SHOWN if sure else _MARKED)[self.outcome]

    def headline(self) -> str:
        """Say in a sentence or two what is left of the crude difference in a fair comparison.

        Returns
        -------
        str
            "Cannot tell" where the intervals do; empty where nothing can be compared.
        """
        sides = self._sides(self.crude_with, self.crude_without)
        if not sides or self.stratified.value is None:
            return ""
        basis = {"goal": " (of those decided)", "retained": f" (of those watched long enough, {_BEGINNING})"}
        since = ", from there on," if self.outcome == "retained" else ""
        compared = f"{sides}{basis.get(self.outcome, '')}; at the same point of the journey{since}"
        said = (
            f"{compared} the difference is {self._size(self.stratified)}.",
            undecided(self),
            self._said_verdict(),
        )
        return " ".join(sentence for sentence in said if sentence)

    def story(self) -> str:
        """Say in a few sentences how journeys went on after a contact, and what that does not mean.

        Returns
        -------
        str
            Sentences that say "cannot tell" where the intervals do.
        """
        if not self.n_with:
            return self._said_none()
        said = (self._said_crude(), undecided(self), self._said_fair(), self._said_landmark(),
                self._said_verdict())  # fmt: skip
        return " ".join(sentence for sentence in said if sentence)

    def _said_none(self) -> str:
        if self.outcome == "retained":
            return f"Nobody with {self.contact} was watched for long enough to see whether they {self.told}."
        if self.of is not None:
            return f"No journey that is decided has {self.contact} as its first contact."
        return f"No {self.contact.removeprefix('a ')} comes before the end of a journey that is decided."

    def __str__(self) -> str:
        """Write the findings in a few lines that can be read aloud."""
        return "\n".join([self._headline(), self.story(), *self.assumptions])

    def _headline(self) -> str:
        what = f"{self.journey}: after {self.contact}"
        if self.verdict == "cannot tell":
            return f"{what}, whether {self._whether()}, these counts cannot tell."
        return f"{what}, {self._claimed()} than at the same point without."

    def _whether(self) -> str:
        if self.outcome == "feeling":
            return "customers feel better or worse"
        return f"more or fewer {'come back' if self.outcome == 'retained' else self.told}"

    def _claimed(self) -> str:
        if self.outcome == "feeling":
            return f"customers feel {'better' if self.verdict == 'more' else 'worse'}"
        return f"{self.verdict} {'come back' if self.outcome == 'retained' else self.told}"

    def _size(self, difference: Estimate) -> str:
        return _feelings(difference) if self.outcome == "feeling" else points(difference)

    def _sides(self, one: Estimate, other: Estimate) -> str:
        """Say the outcome of the journeys with a contact and of those without."""
        if one.value is None or other.value is None:
            return ""
        if self.of is not None:
            first, second = (
                f"customers feel {_feeling(side.value or 0.0)}"
                if self.outcome == "feeling"
                else f"{percent(side.value or 0.0)} {self.told}"
                for side in (one, other)
            )
            second = second if self.outcome == "feeling" else percent(other.value)
            return (
                f"Of the {plural(one.n, 'journey')} {first_of(self.contact)} {first}, "
                f"of the {other.n:,} without any contact {second}"
            )
        if self.outcome == "feeling":
            return (
                f"With {self.contact} customers feel {_feeling(one.value)} outside service, "
                f"and without {_feeling(other.value)}"
            )
        return (
            f"{percent(one.value)} of the journeys with {self.contact} {self.told} "
            f"and {percent(other.value)} of those without"
        )

    def _said_crude(self) -> str:
        if self.crude.value is None:
            none = self.contact if self.of is None else "any contact"
            return f"There are no journeys without {none} to compare with."
        counted = {"goal": "decided", "retained": f"watched long enough, {_BEGINNING}", "feeling": "journeys"}
        basis = f"{self.n_with:,} and {self.n_without:,} {counted[self.outcome]}"
        if self.of is not None:
            basis = f"of those {counted[self.outcome]}" if self.outcome != "feeling" else ""
        text = f"{self._sides(self.crude_with, self.crude_without)}{f' ({basis})' if basis else ''}"
        left_out = ""
        if self.n_other:
            left_out = (
                f" {plural(self.n_other, 'journey')} with another contact first {_are(self.n_other)} "
                f"left out, even if {self.contact} came later."
            )
        return (
            f"{text}: {self._size(self.crude)}. "
            f"That mixes those who left before they could have had a contact with those who stayed.{left_out}"
        )

    def _said_fair(self) -> str:
        if self.stratified.value is None:
            return "No contact has others at the same point of the journey to be compared with."
        contacts = plural(self.compared, "contact")
        since = ", counted from that point" if self.outcome == "retained" else ""
        start = f"At the same point of the journey ({contacts} compared{since}) the difference is "
        if self.outcome == "feeling":
            return f"{start}{self._size(self.stratified)}."
        stayed = ""
        if self.against_stayed.value is not None:
            stayed = f", and {self._size(self.against_stayed)} against those who surely went on"
        return f"{start}{self._size(self.stratified)}{stayed}."

    def _said_landmark(self) -> str:
        if not self.landmark or self.landmarked.value is None:
            return ""
        one, other = self.landmarked_with, self.landmarked_without
        if one.value is None or other.value is None:
            return ""
        whose = "with a contact after it" if self.of is None else first_of(self.contact, after="after it ")
        none = "without" if self.of is None else "without any"
        since = ", counted from there," if self.outcome == "retained" else ""
        if self.outcome == "feeling":
            sides = f"those {whose} feel {_feeling(one.value)} and those {none} {_feeling(other.value)}"
        else:
            shares = percent(one.value), percent(other.value)
            sides = f"{shares[0]} of those {whose} {self.told} and {shares[1]} of those {none}"
        reach = f"Of the journeys that reach “{self.landmark}”{since or ','}"
        text = f"{reach} {sides}: {self._size(self.landmarked)}."
        if self.landmarked.value <= 0:
            return text
        return f"{text} A contact after it still takes time that those who left at once did not have."

    def _said_verdict(self) -> str:
        vanished = vanished_benefit(self)
        vanished = f"So {vanished}" if vanished else ""
        if self.verdict == "cannot tell":
            text = f"Whether {self._whether()} after {self.contact}, these counts cannot tell"
            few = "; the sample is small" if self.stratified.small_sample else ""
            return f"{vanished} {text}{few}.".strip()
        return f"{vanished} After {self.contact} {self._claimed()}; that need not be because of it.".strip()

    def _rows(self) -> list[tuple[Any, ...]]:
        rows = [
            ("crude difference", self.crude),
            ("with a contact", self.crude_with),
            ("without", self.crude_without),
            ("difference at the same point", self.stratified),
            ("after a contact, as those with one were", self.standardised_with),
            ("without, as those with one were", self.standardised_without),
            ("difference from those who surely went on", self.against_stayed),
            ("share of the others with a contact later", self.later),
        ]
        if self.landmark:
            rows += [
                (f"difference after “{self.landmark}”", self.landmarked),
                (f"with a contact after “{self.landmark}”", self.landmarked_with),
                (f"without one after “{self.landmark}”", self.landmarked_without),
                (f"difference by contact before “{self.landmark}”", self.landmarked_before),
            ]
        found = [
            (what, e.value, e.low, e.high, e.n, e.customers, e.level, e.method, e.definition)
            for what, e in rows
        ]
        unknown = "risk ratio of something unknown with both contact and outcome that would explain it away"
        of = (self.stratified.n, self.stratified.customers, self.stratified.level, "", unknown)
        found.append(("E-value", self.e_value, None, None, *of))
        found.append(("E-value of the nearer end", self.e_value_limit, None, None, *of))
        return found

    def to_frame(self) -> Any:
        """Put one row per number into a pandas DataFrame.

        Returns
        -------
        pandas.DataFrame
            Shares are 0 to 1 and their differences −1 to 1, feelings −2 to 2, E-values from 1.

        Raises
        ------
        MissingDependencyError
            pandas is not installed.
        """
        return data_frame(_COLUMNS, self._rows())

    def _repr_html_(self) -> str:
        rows = [
            (what, *(None if x is None else f"{x:.3f}" for x in (value, low, high)), f"{n:,}")
            for what, value, low, high, n, *_ in self._rows()
        ]
        columns = ("", "value", "low", "high", "counted")
        return html_table(self._headline(), columns, rows, notes=(self.story(), *self.assumptions))


def _feeling(value: float) -> str:
    text = f"{value:+.1f}".replace("-", _MINUS)
    return "0.0" if text in {"+0.0", f"{_MINUS}0.0"} else text


def _feelings(difference: Estimate) -> str:
    text = _feeling(difference.value or 0.0)
    if difference.low is None or difference.high is None:
        return text
    return f"{text} ({_end(difference.low)} to {_end(difference.high)})"


def _end(value: float) -> str:
    """Write an end of an interval that is not 0 with a second decimal where one would make it 0."""
    text = _feeling(value)
    finer = f"{value:+.2f}".replace("-", _MINUS)
    return finer if text == "0.0" and float(f"{value:.2f}") else text


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def first_of(contact: str, *, after: str = "") -> str:
    """Which journeys have contacts of one kind as their first?

    Parameters
    ----------
    contact : str
        The contacts in words: ``a contact at Chat``.
    after : str
        From when on, in words with a blank behind.

    Returns
    -------
    str
        The journeys, without the word.

    Examples
    --------
    >>> first_of("a contact at Chat"), first_of("a service contact that the company began", after="after it ")
    ('whose first contact was at Chat', 'whose first contact after it was one that the company began')
    """
    kind = contact.removeprefix("a service contact ").removeprefix("a contact ")
    return f"whose first contact {after}was {'one ' if kind.startswith('that ') else ''}{kind}"


def undecided(effect: ServiceEffect) -> str:
    """How many journeys may still reach the goal, where they are more than half?

    Parameters
    ----------
    effect : ServiceEffect
        What was compared.

    Returns
    -------
    str
        A sentence; empty where most journeys are decided, and where another outcome is compared.
    """
    if effect.outcome != "goal" or effect.undecided <= _HALF * effect.journeys:
        return ""
    journeys = plural(effect.journeys, "journey")
    return f"{effect.undecided:,} of {journeys} {_are(effect.undecided)} not decided yet."


def vanished_benefit(effect: ServiceEffect) -> str:
    """How much of a benefit that there seems to be is gone in a fair comparison?

    Parameters
    ----------
    effect : ServiceEffect
        What was compared.

    Returns
    -------
    str
        A sentence that begins with a small letter: the benefit vanishes, or most or a part of it; empty where
        it does not, and where there seems to be none.
    """
    if not effect.vanishes:
        return ""
    left = min(one.value for one in (effect.stratified, effect.landmarked) if one.value is not None)
    crude = effect.crude.value or 0.0
    what = "the" if left <= 0 else "most of the" if left < _HALF * crude else "a part of the"
    return f"{what} apparent benefit vanishes in a fair comparison."
