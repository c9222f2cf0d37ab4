"""How is each signal of friction said in words?"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from journeymap.analysis.wording import percent, spoken_time
from journeymap.model.measures import Estimate

__all__ = ["KINDS", "SignalKind", "SignalWords", "Unit", "said_amount", "said_points", "words_of"]

SignalKind = Literal[
    "drop_off", "self_loop", "repetition", "rework", "regression", "waiting", "sojourn", "effort",
    "emotion_valley", "channel_switch", "hand_off", "repeat_contact", "had_to_repeat", "failure_demand",
    "rage_loop", "abandonment", "point_of_no_return", "service_trigger",
]  # fmt: skip
KINDS: tuple[str, ...] = get_args(SignalKind)
Unit = Literal["share", "seconds", "effort", "feeling"]


class SignalWords(NamedTuple):
    """What is said of one signal.

    Parameters
    ----------
    sentence : str
        With ``{value}``, ``{name}`` and, after a semicolon, ``{others} {baseline}``.
    briefly : str
        The same in a list.
    head : str
        The name of its column on figures.
    verb : str
        What its peers do to the baseline: lose, take, have.
    unit : str
        What its numbers are.
    """

    sentence: str
    briefly: str
    head: str
    verb: str = "have"
    unit: Unit = "share"


_WORDS = {
    "drop_off": SignalWords(
        "{value} of journeys that come to {name} end there; {others} {baseline}.",
        "drop-off", "drop-off", "lose",
    ),
    "self_loop": SignalWords(
        "{value} of visits to {name} are followed by another one at once; {others} {baseline}.",
        "visits repeated at once", "self-loop",
    ),
    "repetition": SignalWords(
        "{value} of visits to {name} are returns after having been elsewhere; {others} {baseline}.",
        "returns", "repetition",
    ),
    "rework": SignalWords(
        "{value} of journeys that come to {name} come there more than once; {others} {baseline}.",
        "journeys that come more than once", "rework",
    ),
    "regression": SignalWords(
        "{value} of moves on from {name} lead back to an earlier stage; {others} {baseline}.",
        "moves back to an earlier stage", "regression",
    ),
    "waiting": SignalWords(
        "Half of the waits after {name} last longer than {value}; {others} {baseline}.",
        "the median wait", "waiting", "take", "seconds",
    ),
    "sojourn": SignalWords(
        "Half of the visits to {name} last longer than {value}; {others} {baseline}.",
        "the median time spent", "time spent", "take", "seconds",
    ),
    "effort": SignalWords(
        "Customers put the effort at {name} at {value} of the most there can be; {others} {baseline}.",
        "the effort", "effort", "have", "effort",
    ),
    "emotion_valley": SignalWords(
        "The feeling sinks to {value} at {name}; {others} {baseline}.",
        "the feeling", "emotion valley", "have", "feeling",
    ),
    "channel_switch": SignalWords(
        "{value} of contacts after {name} in the same matter use another channel; {others} {baseline}.",
        "changes of channel", "channel switch",
    ),
    "hand_off": SignalWords(
        "{value} of moves on from {name} within its stage go to somebody else; {others} {baseline}.",
        "hand-offs", "hand-off",
    ),
    "repeat_contact": SignalWords(
        "{value} of contacts at {name} are followed by another one soon; {others} {baseline}.",
        "repeat contacts", "repeat contact",
    ),
    "had_to_repeat": SignalWords(
        "In {value} of visits to {name} customers had to say again what they had said; {others} {baseline}.",
        "information said twice", "had to repeat",
    ),
    "failure_demand": SignalWords(
        "{value} of contacts at {name} come from a failure before; {others} {baseline}.",
        "contacts caused by failures", "failure demand",
    ),
    "rage_loop": SignalWords(
        "{value} of journeys that come to {name} turn in circles there for a while; {others} {baseline}.",
        "journeys that turn in circles", "rage loop",
    ),
    "abandonment": SignalWords(
        "{value} of what is begun at {name} is not completed; {others} {baseline}.",
        "what is not completed", "not completed",
    ),
    "point_of_no_return": SignalWords(
        "From {name} on, {value} of visits never lead to the goal, model-implied; {others} {baseline}.",
        "visits that never lead to the goal", "no return",
    ),
    "service_trigger": SignalWords(
        "{value} of visits to {name} are directly followed by a service contact; {others} {baseline}.",
        "visits followed by service", "service trigger",
    ),
}  # fmt: skip


def words_of(kind: str) -> SignalWords:
    """How is a signal said in words?

    Parameters
    ----------
    kind : str
        One of `SignalKind`, or the name of an own signal.

    Returns
    -------
    SignalWords
        Its words; an own signal is said by its name.

    Examples
    --------
    >>> words_of("waiting").unit, words_of("form_errors").head
    ('seconds', 'form errors')
    """
    if kind in _WORDS:
        return _WORDS[kind]
    name = kind.replace("_", " ")
    return SignalWords(f"{{value}} in “{name}” at {{name}}; {{others}} {{baseline}}.", name, name)


def said_amount(kind: str, amount: float | None) -> str:
    """How is an amount of a signal said?

    Parameters
    ----------
    kind : str
        The signal.
    amount : float or None
        A share, seconds, a feeling or an effort.

    Returns
    -------
    str
        ``38 %``, ``2.3 days`` or ``−0.8``; ``not known`` for None.

    Examples
    --------
    >>> said_amount("drop_off", 0.38), said_amount("sojourn", 90.0), said_amount("emotion_valley", -0.8)
    ('38 %', '1.5 minutes', '−0.8')
    """
    if amount is None:
        return "not known"
    unit = words_of(kind).unit
    if unit == "seconds":
        return spoken_time(amount)
    if unit == "feeling":
        text = f"{amount:+.1f}".replace("-", "−")
        return "0.0" if text in {"+0.0", "−0.0"} else text
    return percent(amount)


def said_points(share: Estimate) -> str:
    """How much conversion is a share of journeys, in points?

    Parameters
    ----------
    share : Estimate
        A share of journeys with its interval.

    Returns
    -------
    str
        ``7.7 points of conversion (6.3 to 9.0)``; two decimals where no end reaches a whole point.

    Examples
    --------
    >>> said_points(Estimate(value=0.00012, low=0.0, high=0.0008))
    '0.01 points of conversion (0.00 to 0.08)'
    """
    ends = [100 * end for end in (share.value or 0.0, share.low, share.high) if end is not None]
    digits = 1 if max(ends) >= 1 else 2
    value, *interval = [_written(end, digits) for end in ends]
    said = f" ({' to '.join(interval)})" if len(interval) == 2 else ""  # noqa: PLR2004
    return f"{value} points of conversion{said}"


def _written(points: float, digits: int) -> str:
    least = 10.0**-digits
    return f"under {least:g}" if 0 < points < least / 2 else f"{points:.{digits}f}"
