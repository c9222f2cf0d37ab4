"""Which fix does a short text mean, as in ``payment: exit -50%``?"""

from __future__ import annotations

import re
from datetime import timedelta

from journeymap.analysis.fixes import CutWait, Fix, LowerExit, Remove, Reroute
from journeymap.errors import InvalidJourneyError, JourneyMapError
from journeymap.model.durations import parse_duration

__all__ = ["FORMS", "read_fix"]

FORMS = (
    "payment: exit -50%",
    "payment: exit to 10%",
    "payment: exit to baseline",
    "payment: exit -50% then pay",
    "delivery: wait -2 days",
    "delivery: wait to 1 day",
    "cart -> chat: reroute 30% to pay",
    "remove chat",
    "remove chat to pay",
)

_NAME = r'(?:"[^"]+"|.+?)'
_EXIT = re.compile(rf"({_NAME})\s*:\s*exits?\s+(-|to\b|by\b)\s*(.+?)(?:\s+then\s+(.+))?", re.IGNORECASE)
_WAIT = re.compile(rf"({_NAME})\s*:\s*wait\s+(-|to\b|by\b)\s*(.+)", re.IGNORECASE)
_REROUTE = re.compile(
    rf"({_NAME})\s*(?:->|→)\s*({_NAME})\s*:\s*reroute\s+(.+?)\s+to\s+({_NAME})", re.IGNORECASE
)
_REMOVE = re.compile(rf"remove\s+({_NAME})(?:\s+to\s+({_NAME}))?", re.IGNORECASE)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_HUNDRED = 100


def read_fix(text: str) -> Fix:
    """Which fix does a short text mean?

    Parameters
    ----------
    text : str
        ``payment: exit -50%``, ``payment: exit to 10%`` or ``to baseline``, with ``then pay`` for those
        who stay; ``delivery: wait -2 days``, ``wait -50%`` or ``wait to 1 day``;
        ``cart -> chat: reroute 30% to pay``; ``remove chat`` or ``remove chat to pay``. Names that contain
        ``to`` stand in quotation marks.

    Returns
    -------
    LowerExit, CutWait, Reroute or Remove
        The fix; whether its touchpoints exist is for `what_if` to say.

    Raises
    ------
    JourneyMapError
        The text is none of these forms, or an amount is impossible.

    Examples
    --------
    >>> print(read_fix("cart -> chat: reroute 30% to pay"))
    Send 30 % of cart → chat to pay.
    """
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    for form, reader in ((_REROUTE, _reroute), (_EXIT, _exit), (_WAIT, _wait), (_REMOVE, _remove)):
        match = form.fullmatch(plain)
        if match is None:
            continue
        try:
            return reader(*match.groups())
        except InvalidJourneyError as error:
            raise _unreadable(text, _complaint(error)) from error
        except ValueError as error:
            raise _unreadable(text, str(error)) from error
    raise _unreadable(text, "")


def _exit(name: str, sign: str, amount: str, then: str | None) -> Fix:
    then = _bare(then) if then else None
    if sign.lower() == "to" and amount.strip().lower() == "baseline":
        return LowerExit(touchpoint=_bare(name), to="baseline", then=then)
    share = _share(amount)
    if sign.lower() == "to":
        return LowerExit(touchpoint=_bare(name), to=share, then=then)
    return LowerExit(touchpoint=_bare(name), by=share, then=then)


def _wait(name: str, sign: str, amount: str) -> Fix:
    if sign.lower() == "to":
        if amount.strip().lower() == "baseline":
            return CutWait(touchpoint=_bare(name), to="baseline")
        return CutWait(touchpoint=_bare(name), to=_span(amount))
    by = _share(amount) if "%" in amount else _span(amount)
    return CutWait(touchpoint=_bare(name), by=by)


def _reroute(source: str, target: str, amount: str, to: str) -> Fix:
    return Reroute(source=_bare(source), target=_bare(target), share=_share(amount), to=_bare(to))


def _remove(name: str, to: str | None) -> Fix:
    return Remove(touchpoint=_bare(name), to=_bare(to) if to else None)


def _bare(name: str) -> str:
    name = name.strip()
    return name[1:-1] if name[:1] == name[-1:] == '"' and len(name) > 2 else name  # noqa: PLR2004 - quotes


def _share(amount: str) -> float:
    match = _PERCENT.fullmatch(amount.strip())
    if match is None:
        raise ValueError(f"{amount.strip()!r} is no percentage")
    if float(match[1]) > _HUNDRED:
        raise ValueError(f"{amount.strip()!r} is more than all")
    return float(match[1]) / _HUNDRED


def _span(amount: str) -> timedelta:
    span = parse_duration(amount.strip())
    if not isinstance(span, timedelta):
        raise ValueError(f"{amount.strip()!r} is no time span")  # noqa: TRY004 - the text is wrong, not its type
    return span


def _complaint(error: InvalidJourneyError) -> str:
    """Give what is wrong and what was expected, without the class and its keywords."""
    said, *_ = str(error).splitlines()
    return said.removeprefix(f"{error.where}: ").rstrip(".")


def _unreadable(text: str, why: str) -> JourneyMapError:
    if why:
        return JourneyMapError.because(f"{text!r} is no fix: {why[:1].lower()}{why[1:]}.")
    return JourneyMapError.because(
        f"{text!r} is no fix.", expected=f"Expected a text such as {', '.join(repr(form) for form in FORMS)}."
    )
