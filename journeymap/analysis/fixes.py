"""What can be mended in a journey: exits, waits, ways and whole touchpoints."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport
from journeymap.analysis.wording import percent, spoken_time
from journeymap.errors import require
from journeymap.model.durations import Duration
from journeymap.model.frozen import Frozen, misfit

__all__ = ["CutWait", "Fix", "LowerExit", "Remove", "Reroute", "fixes_for"]

Part = Annotated[float, Field(gt=0, le=1)]
Level = Annotated[float, Field(ge=0, lt=1)]
Names = Mapping[str, str]


class _Fix(Frozen):
    def words(self, names: Names | None = None) -> str:
        """Say what the fix does, for lists and figures.

        Parameters
        ----------
        names : mapping of str to str, optional
            What touchpoints are called, by id; ids stand for themselves.

        Returns
        -------
        str
            A sentence without full stop.
        """
        raise NotImplementedError

    def __str__(self) -> str:
        """Say what the fix does."""
        return f"{self.words()}."


class LowerExit(_Fix):
    """Fewer customers are lost at a touchpoint; give one of `to` and `by`.

    Parameters
    ----------
    touchpoint : str
        Where. A floating touchpoint by its own name stands for all its stages.
    to : float or "baseline", optional
        The new exit probability, 0 to 1, or the pooled one of its peers: the other touchpoints of its stage
        and family, as `find_friction` compares.
    by : float, optional
        The part of the exits that goes: 0.5 halves them, 1 is an upper bound.
    then : str, optional
        Where those go who stay: a touchpoint or ``goal``. When left out they go where the others go on to,
        in proportion; where everybody leaves it must be given.

    Notes
    -----
    To the level of the peers is counted from the exits as they were counted. `find_friction` first takes
    off what may be chance, so that its expected gain is smaller where few customers came by.

    Examples
    --------
    >>> print(LowerExit(touchpoint="payment", by=0.5))
    Lower exits at payment by 50 %.
    """

    kind: Literal["lower_exit"] = "lower_exit"
    touchpoint: str
    to: Level | Literal["baseline"] | None = None
    by: Part | None = None
    then: str | None = None

    @model_validator(mode="after")
    def _says_how_much(self) -> LowerExit:
        _one_of(self.to, self.by)
        return self

    def words(self, names: Names | None = None) -> str:  # noqa: D102 - as in its parent
        how = "to the level of its peers" if self.to == "baseline" else _amount(self.to, self.by)
        then = f" and lead them to {_called(self.then, names)}" if self.then else ""
        return f"Lower exits at {_called(self.touchpoint, names)} {how}{then}"


class CutWait(_Fix):
    """Customers wait less after a touchpoint; give one of `to` and `by`.

    Parameters
    ----------
    touchpoint : str
        After which. A floating touchpoint by its own name stands for all its stages.
    to : timedelta or "baseline", optional
        The new mean wait, or the pooled one of its peers.
    by : timedelta or float, optional
        How much shorter the mean wait becomes; a number is a part of it: 0.5 halves it.

    Examples
    --------
    >>> print(CutWait(touchpoint="delivery", by="2 days"))
    Cut the wait after delivery by 2 days.
    """

    kind: Literal["cut_wait"] = "cut_wait"
    touchpoint: str
    to: Literal["baseline"] | Duration | None = None
    by: Part | Duration | None = None

    @model_validator(mode="after")
    def _says_how_much(self) -> CutWait:
        _one_of(self.to, self.by)
        for field in ("to", "by"):
            span = getattr(self, field)
            if isinstance(span, timedelta) and span < timedelta(0):
                raise misfit("a wait is not negative.", field, hint="write 2 days to make it 2 days shorter")
        return self

    def words(self, names: Names | None = None) -> str:  # noqa: D102 - as in its parent
        how = "to the level of its peers" if self.to == "baseline" else _amount(self.to, self.by)
        return f"Cut the wait after {_called(self.touchpoint, names)} {how}"


class Reroute(_Fix):
    """Some of those who go from one touchpoint to another go somewhere else instead.

    Parameters
    ----------
    source, target : str
        The way they take now. The target may be ``goal`` or ``lost``; a floating touchpoint by its own name
        stands for all its stages.
    share : float
        Which part of them, 0 to 1.
    to : str
        Where they go instead: a touchpoint, ``goal`` or ``lost``.

    Examples
    --------
    >>> print(Reroute(source="cart", target="chat", share=0.3, to="pay"))
    Send 30 % of cart → chat to pay.
    """

    kind: Literal["reroute"] = "reroute"
    source: str
    target: str
    share: Part
    to: str

    @model_validator(mode="after")
    def _leads_elsewhere(self) -> Reroute:
        if self.to == self.target:
            raise misfit(f"they go to {self.to!r} already.", "to", hint="name another touchpoint")
        return self

    def words(self, names: Names | None = None) -> str:  # noqa: D102 - as in its parent
        way = f"{_called(self.source, names)} → {_called(self.target, names)}"
        return f"Send {percent(self.share)} of {way} to {_called(self.to, names)}"


class Remove(_Fix):
    """A touchpoint is no longer there.

    Parameters
    ----------
    touchpoint : str
        Which. A floating touchpoint by its own name stands for all its stages.
    to : str, optional
        Where its visitors go instead: a touchpoint, ``goal``, or ``lost``, which gives the removal effect.
        When left out they go straight on as those who went on from it; nobody is lost there any more.

    Examples
    --------
    >>> print(Remove(touchpoint="phone", to="lost"))
    Remove phone: its visitors are lost.
    """

    kind: Literal["remove"] = "remove"
    touchpoint: str
    to: str | None = None

    @model_validator(mode="after")
    def _leads_elsewhere(self) -> Remove:
        if self.to == self.touchpoint:
            raise misfit("its visitors cannot go where it was.", "to", hint="name another touchpoint")
        return self

    def words(self, names: Names | None = None) -> str:  # noqa: D102 - as in its parent
        what = f"Remove {_called(self.touchpoint, names)}"
        if self.to is None:
            return what
        where = "are lost" if self.to == "lost" else f"go to {_called(self.to, names)}"
        return f"{what}: its visitors {where}"


Fix = LowerExit | CutWait | Reroute | Remove


def fixes_for(report: FrictionReport) -> tuple[LowerExit | CutWait, ...]:
    """Which fixes would bring every point of friction to the level of its peers?

    Parameters
    ----------
    report : FrictionReport
        What `find_friction` found.

    Returns
    -------
    tuple of LowerExit or CutWait
        In the order of the report: lower exits where surely more are lost than at the peers, a shorter
        wait where the wait is friction. Levels that were declared as targets stay those. Empty where there
        is nothing of the kind.

    Examples
    --------
    >>> fixes_for(FrictionReport(journey="Shop"))
    ()
    """
    require(report, FrictionReport, "fixes_for", hint="find the friction first: find_friction(journey)")
    return tuple(fix for point in report.friction for fix in _fixes_of(point))


def _fixes_of(point: FrictionPoint) -> list[LowerExit | CutWait]:
    found: list[LowerExit | CutWait] = []
    signals = {signal.kind: signal for signal in point.signals}
    exits, usual = point.exit.value if point.exit else None, point.exit_baseline
    drop_off = signals.get("drop_off")
    # what hurts otherwise, such as effort, is not mended by a lower exit that may be chance
    surely = drop_off is not None and (drop_off.significant or bool(point.gain and point.gain.low))
    if surely and exits is not None and usual is not None and usual < exits < 1:
        declared = drop_off is not None and drop_off.baseline_source == "target"
        found.append(LowerExit(touchpoint=point.touchpoint, to=usual if declared else "baseline"))
    wait = signals.get("waiting")
    if wait is not None and wait.significant and point.time_gain is not None and point.time_gain.value:
        if wait.baseline_source == "stage":
            found.append(CutWait(touchpoint=point.touchpoint, to="baseline"))
        elif wait.baseline is not None and wait.estimate.value:
            # a target is one for the median: the mean falls in the same proportion
            found.append(CutWait(touchpoint=point.touchpoint, by=1 - wait.baseline / wait.estimate.value))
    return found


def _one_of(to: object, by: object) -> None:
    if (to is None) == (by is None):
        given = "both" if to is not None else "none"
        raise misfit(f"{given} of to and by is given.", "to", expected="Expected one of the two.")


def _called(name: str | None, names: Names | None) -> str:
    return (names or {}).get(name or "", name or "")


def _amount(to: float | timedelta | str | None, by: float | timedelta | None) -> str:
    word, amount = ("by", by) if by is not None else ("to", to)
    if isinstance(amount, timedelta):
        return f"{word} {spoken_time(amount.total_seconds())}"
    return f"{word} {percent(float(amount or 0))}"
