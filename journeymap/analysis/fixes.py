"""What can be mended in a journey: exits, waits, ways and whole touchpoints."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from journeymap.analysis.friction_report import FrictionPoint, FrictionReport
from journeymap.analysis.wording import percent, spoken_time
from journeymap.errors import InvalidJourneyError, require
from journeymap.model.durations import Duration
from journeymap.model.frozen import Frozen, misfit

__all__ = ["CutWait", "Fix", "LowerExit", "Remove", "Reroute", "fixes_for"]

Part = Annotated[float, Field(gt=0, le=1)]
Level = Annotated[float, Field(ge=0, lt=1)]


def _with_unit(value: Any) -> Any:
    """Refuse a bare number, which would be read as seconds."""
    if isinstance(value, int | float):
        raise ValueError("a time span needs a unit")  # noqa: TRY004 - pydantic wants a ValueError
    return value


Span = Annotated[Duration, BeforeValidator(_with_unit)]
Names = Mapping[str, str]
Init = TypeVar("Init", bound=Callable[..., None])

_PART = "a part above 0, up to 1"
_TOUCHPOINT = "the id of a touchpoint"
_HUNDRED = 100


def _by_hand(init: Init) -> Init:
    """Let only whoever writes a fix by hand come through here; values inside others are read as any."""
    init.__pydantic_base_init__ = True  # type: ignore[attr-defined]
    return init


class _Fix(Frozen, ABC):
    expected: ClassVar[Mapping[str, str]] = {}

    def _take(self, **given: Any) -> None:
        """Read what was given, and refuse what does not fit in the words of this library."""
        try:
            super().__init__(**{name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            raise _refused(error, type(self).__name__, self.expected) from None

    @abstractmethod
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
    >>> print(LowerExit("payment", by=0.5))
    Lower exits at payment by 50 %.
    """

    expected: ClassVar[Mapping[str, str]] = {
        "touchpoint": _TOUCHPOINT,
        "to": "a share from 0 up to less than 1, or 'baseline'",
        "by": _PART,
        "then": "the id of a touchpoint, or 'goal'",
    }

    kind: Literal["lower_exit"] = "lower_exit"
    touchpoint: str
    to: Level | Literal["baseline"] | None = None
    by: Part | None = None
    then: str | None = None

    @_by_hand
    def __init__(
        self,
        touchpoint: str,
        *,
        to: float | Literal["baseline"] | None = None,
        by: float | None = None,
        then: str | None = None,
        **others: Any,
    ) -> None:
        self._take(touchpoint=touchpoint, to=to, by=by, then=then, **others)

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
    >>> print(CutWait("delivery", by="2 days"))
    Cut the wait after delivery by 2 days.
    """

    expected: ClassVar[Mapping[str, str]] = {
        "touchpoint": _TOUCHPOINT,
        "to": "a time span such as '1 day', or 'baseline'",
        "by": f"a time span such as '2 days', or {_PART}",
    }

    kind: Literal["cut_wait"] = "cut_wait"
    touchpoint: str
    to: Literal["baseline"] | Span | None = None
    by: Part | Span | None = None

    @_by_hand
    def __init__(
        self,
        touchpoint: str,
        *,
        to: timedelta | str | None = None,
        by: timedelta | float | str | None = None,
        **others: Any,
    ) -> None:
        self._take(touchpoint=touchpoint, to=to, by=by, **others)

    @model_validator(mode="after")
    def _says_how_much(self) -> CutWait:
        _one_of(self.to, self.by)
        for field in ("to", "by"):
            span = getattr(self, field)
            if isinstance(span, timedelta) and span < timedelta(0):
                raise misfit(
                    "a wait is not negative.",
                    field,
                    expected="Expected a time span above 0.",
                    hint="write by='2 days' to make it 2 days shorter",
                )
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
    >>> print(Reroute("cart", "chat", share=0.3, to="pay"))
    Send 30 % of cart → chat to pay.
    """

    expected: ClassVar[Mapping[str, str]] = {
        "source": _TOUCHPOINT,
        "target": "the id of a touchpoint, 'goal' or 'lost'",
        "share": _PART,
        "to": "the id of a touchpoint, 'goal' or 'lost'",
    }

    kind: Literal["reroute"] = "reroute"
    source: str
    target: str
    share: Part
    to: str

    @_by_hand
    def __init__(self, source: str, target: str, *, share: float, to: str, **others: Any) -> None:
        self._take(source=source, target=target, share=share, to=to, **others)

    @model_validator(mode="after")
    def _leads_elsewhere(self) -> Reroute:
        if self.to == self.target:
            raise misfit(
                f"they go to {self.to!r} already.",
                "to",
                expected="Expected another destination.",
                hint="name another touchpoint, 'goal' or 'lost'",
            )
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
    >>> print(Remove("phone", to="lost"))
    Remove phone: its visitors are lost.
    """

    expected: ClassVar[Mapping[str, str]] = {
        "touchpoint": _TOUCHPOINT,
        "to": "the id of a touchpoint, 'goal' or 'lost'",
    }

    kind: Literal["remove"] = "remove"
    touchpoint: str
    to: str | None = None

    @_by_hand
    def __init__(self, touchpoint: str, *, to: str | None = None, **others: Any) -> None:
        self._take(touchpoint=touchpoint, to=to, **others)

    @model_validator(mode="after")
    def _leads_elsewhere(self) -> Remove:
        if self.to == self.touchpoint:
            raise misfit(
                "its visitors cannot go where it was.",
                "to",
                expected="Expected another destination.",
                hint="name another touchpoint, 'goal' or 'lost'",
            )
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
        raise misfit(
            f"{given} of to and by is given.",
            "to",
            expected="Expected one of the two.",
            hint="to= is the new level, by= how much of it goes",
        )


def _refused(error: ValidationError, name: str, expected: Mapping[str, str]) -> InvalidJourneyError:
    """Say in three parts what is wrong with the first value that does not fit."""
    first = error.errors(include_url=False)[0]
    told = first.get("ctx", {})
    if "problem" in told:
        problem, right, hint = (str(told[part]) for part in ("problem", "expected", "hint"))
        return InvalidJourneyError.because(problem, expected=right, hint=hint or None, where=name)
    field, value = str(first["loc"][0]), first["input"]
    right = expected.get(field, "")
    return InvalidJourneyError.because(
        f"{field}: {value!r} does not fit.",
        expected=f"Expected {right}." if right else "",
        hint=_written(field, value, right) if right else None,
        where=name,
    )


def _written(field: str, value: object, expected: str) -> str:
    """Show how to write what may have been meant."""
    share = _PART in expected or expected.startswith("a share")
    number = isinstance(value, float | int) and not isinstance(value, bool)
    if share and number and 1 < value <= _HUNDRED:  # type: ignore[operator]
        return f"for {value:g} % write {field}={value / _HUNDRED:g}"  # type: ignore[operator]
    examples = {"by": "'2 days'" if "time span" in expected else "0.5", "share": "0.3"}
    examples["to"] = "'1 day'" if "time span" in expected else "0.05" if share else "'goal'"
    return f"write for example {field}={examples.get(field, repr('payment'))}"


def _called(name: str | None, names: Names | None) -> str:
    return (names or {}).get(name or "", name or "")


def _amount(to: float | timedelta | str | None, by: float | timedelta | None) -> str:
    word, amount = ("by", by) if by is not None else ("to", to)
    if isinstance(amount, timedelta):
        return f"{word} {spoken_time(amount.total_seconds())}"
    return f"{word} {percent(float(amount or 0))}"
