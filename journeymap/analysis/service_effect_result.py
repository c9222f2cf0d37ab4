"""What `check_service_effect` answers: what service contacts go with, compared fairly."""

from __future__ import annotations

from typing import Any, Literal

from journeymap.analysis.bad_moment import points
from journeymap.analysis.wording import percent, plural
from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate
from journeymap.model.tables import data_frame, html_table

__all__ = ["EffectVerdict", "Outcome", "ServiceEffect"]

EffectVerdict = Literal["more", "fewer", "cannot tell"]
Outcome = Literal["goal", "retained", "feeling"]

_COLUMNS = ("what", "value", "low", "high", "n", "customers", "level", "method", "definition")
_NOTHING = Estimate(value=None)
_MINUS = "−"


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
        for all.
    contact : str
        The same in words: ``a service contact``.
    told : str
        The outcome in words: ``reach the goal``.
    crude : Estimate
        Journeys with a contact minus those without; it mixes those who left before they could have had one
        with those who stayed.
    crude_with, crude_without : Estimate
        Both sides of it.
    stratified : Estimate
        Journeys whose next event is a contact minus all others at the same point that had waited as long, put
        together by Mantel and Haenszel. Who left had perhaps no chance of a contact; that favours service.
    standardised_with, standardised_without : Estimate
        The outcome after a contact, and what it is for the others at the points where those contacts were.
    against_stayed : Estimate
        As `stratified`, but only against those who surely went on; that disfavours service.
    landmark : str
        The name of the landmark; empty without one.
    landmarked : Estimate
        Of the journeys that reach the landmark: with a contact after it minus without.
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
        How many journeys stand on both sides of the crude comparison.
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
    compared: int = 0
    later: Estimate = _NOTHING
    verdict: EffectVerdict = "cannot tell"
    assumptions: tuple[str, ...] = ()

    @property
    def vanishes(self) -> bool:
        """Whether the crude comparison shows a benefit that a fair one does not bear out.

        The crude difference is above 0, the verdict is not ``more``, and a fair comparison (at the same point
        or after the landmark) is at most 0 or has an interval that excludes a benefit as large as the crude.
        """
        crude = self.crude.value
        if crude is None or crude <= 0 or self.verdict == "more":
            return False
        return any(
            one.value is not None and (one.value <= 0 or (one.high is not None and one.high < crude))
            for one in (self.stratified, self.landmarked)
        )

    def headline(self) -> str:
        """Say in a sentence or two what is left of the crude difference in a fair comparison.

        Returns
        -------
        str
            "Cannot tell" where the intervals do; empty where nothing can be compared.
        """
        sides = self._sides(self.crude_with, self.crude_without, self.contact)
        if not sides or self.stratified.value is None:
            return ""
        fair = f"at the same point of the journey the difference is {self._size(self.stratified)}"
        return f"Of the journeys {sides}; {fair}. {self._said_verdict()}"

    def story(self) -> str:
        """Say in a few sentences how journeys went on after a contact, and what that does not mean.

        Returns
        -------
        str
            Sentences that say "cannot tell" where the intervals do.
        """
        if not self.n_with and self.outcome == "retained":
            return f"Nobody with {self.contact} was watched for long enough to see whether they {self.told}."
        if not self.n_with:
            return f"No {self.contact.removeprefix('a ')} comes before the end of a journey that is decided."
        said = (self._said_crude(), self._said_fair(), self._said_landmark(), self._said_verdict(),
                self._said_unknown())  # fmt: skip
        return " ".join(sentence for sentence in said if sentence)

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
        return f"more or fewer {self.told}"

    def _claimed(self) -> str:
        if self.outcome == "feeling":
            return f"customers feel {'better' if self.verdict == 'more' else 'worse'}"
        return f"{self.verdict} {self.told}"

    def _size(self, difference: Estimate) -> str:
        return _feelings(difference) if self.outcome == "feeling" else points(difference)

    def _sides(self, one: Estimate, other: Estimate, contact: str) -> str:
        if one.value is None or other.value is None:
            return ""
        if self.outcome == "feeling":
            return f"with {contact} customers feel {_feeling(one.value)} and without {_feeling(other.value)}"
        return f"{percent(one.value)} with {contact} {self.told} and {percent(other.value)} without"

    def _said_crude(self) -> str:
        if self.crude.value is None:
            return f"There are no journeys without {self.contact} to compare with."
        sides = self._sides(self.crude_with, self.crude_without, self.contact)
        return (
            f"Of the journeys {sides} ({self.n_with:,} and {self.n_without:,}): {self._size(self.crude)}. "
            "That mixes those who left before they could have had a contact with those who stayed."
        )

    def _said_fair(self) -> str:
        if self.stratified.value is None:
            return "No contact has others at the same point of the journey to be compared with."
        contacts = plural(self.compared, "contact")
        start = f"At the same point of the journey ({contacts} compared) the difference is "
        if self.outcome == "feeling":
            return f"{start}{self._size(self.stratified)}."
        stayed = ""
        if self.against_stayed.value is not None:
            stayed = f", and {self._size(self.against_stayed)} against those who surely went on"
        return f"{start}{self._size(self.stratified)}{stayed}."

    def _said_landmark(self) -> str:
        if not self.landmark or self.landmarked.value is None:
            return ""
        sides = self._sides(self.landmarked_with, self.landmarked_without, "a contact after it")
        text = f"Of the journeys that reach “{self.landmark}”, {sides}: {self._size(self.landmarked)}."
        if self.landmarked.value <= 0:
            return text
        return f"{text} A contact after it still takes time that those who left at once did not have."

    def _said_verdict(self) -> str:
        vanished = ""
        if self.vanishes:
            none = any(one.value is not None and one.value <= 0 for one in (self.stratified, self.landmarked))
            what = "the apparent benefit" if none else "most of the apparent benefit"
            vanished = f"So {what} vanishes in a fair comparison."
        if self.verdict == "cannot tell":
            text = f"Whether {self._whether()} after {self.contact}, these counts cannot tell"
            few = "; the sample is small" if self.stratified.small_sample else ""
            return f"{vanished} {text}{few}.".strip()
        return f"{vanished} After {self.contact} {self._claimed()}; that need not be because of it.".strip()

    def _said_unknown(self) -> str:
        if self.verdict == "cannot tell" or self.e_value is None or self.e_value_limit is None:
            return ""
        return (
            f"Something unknown that goes with both by a risk ratio of {self.e_value:.1f} "
            f"could explain it away; {self.e_value_limit:.1f} would do to make it unsure."
        )

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
    return f"{text} ({_feeling(difference.low)} to {_feeling(difference.high)})"
