"""What can go wrong, in words that say where and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Self

__all__ = [
    "FileFormatError",
    "InvalidJourneyError",
    "InvalidLogError",
    "JourneyMapError",
    "MissingDependencyError",
    "MissingEvidenceError",
    "UnansweredError",
    "UnknownNameError",
    "UnreachableEndError",
    "WriteError",
    "WrongKindError",
    "nearest",
    "require",
]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Which of the known words was probably meant?

    Parameters
    ----------
    word : str
        The word as it was written.
    known : iterable of str
        The words that would have been right.

    Returns
    -------
    str or None
        The closest known word, None when none is close.

    Examples
    --------
    >>> nearest("purchse", ["discovery", "purchase"])
    'purchase'
    """
    written = {one.lower(): one for one in reversed([*known])}
    found = difflib.get_close_matches(word.lower(), list(written)[::-1], n=1, cutoff=0.6)
    return written[found[0]] if found else None


class JourneyMapError(Exception):
    """The base of every error that journeymap raises on purpose.

    Attributes
    ----------
    hint : str or None
        What to do about it.
    where : str or None
        The place: a file with its line, a column, a touchpoint.
    """

    hint: str | None = None
    where: str | None = None

    @classmethod
    def because(
        cls, problem: str, *, expected: str = "", hint: str | None = None, where: str | None = None
    ) -> Self:
        """Put the sentences together: what is wrong and where, what was expected, what to do.

        Parameters
        ----------
        problem : str
            What is wrong, with the value.
        expected : str
            What would have been right.
        hint : str, optional
            What to do.
        where : str, optional
            The place, put first.

        Returns
        -------
        JourneyMapError
            An error of the class it is called on.
        """
        text = f"{where}: {problem}" if where else problem
        if expected:
            text = f"{text} {expected}"
        if hint:
            text = f"{text}\nHint: {hint}"
        error = cls(text)
        error.hint = hint
        error.where = where
        return error


class InvalidJourneyError(JourneyMapError, ValueError):
    """A journey that contradicts itself or holds a value that it cannot hold."""


class InvalidLogError(JourneyMapError, ValueError):
    """Events that cannot be counted as they are."""


class FileFormatError(JourneyMapError, ValueError):
    """A file that is not what its name says."""


class WriteError(JourneyMapError, OSError):
    """A file that could not be written; what stood there before still stands."""


class UnknownNameError(JourneyMapError, LookupError):
    """A name that nothing here bears."""


class MissingEvidenceError(JourneyMapError, LookupError):
    """A journey without the counts that an analysis needs."""


class UnansweredError(JourneyMapError, LookupError):
    """Queries that somebody else has to run first."""


class UnreachableEndError(JourneyMapError, ValueError):
    """A touchpoint from which the journey can neither be won nor lost."""


class WrongKindError(JourneyMapError, TypeError):
    """A value of another kind than the function takes."""


def require(value: object, kind: type, function: str, *, hint: str) -> None:
    """Refuse a value of another kind at the door.

    Parameters
    ----------
    value : object
        What was handed over.
    kind : type
        What it should be.
    function : str
        The function's name, put first in the message.
    hint : str
        What to do.

    Raises
    ------
    WrongKindError
        It is of another kind.

    Examples
    --------
    >>> require(3, str, "shout", hint="write it out")
    Traceback (most recent call last):
    journeymap.errors.WrongKindError: shout: cannot take a value of kind int. Expected str.
    Hint: write it out
    """
    if not isinstance(value, kind):
        raise WrongKindError.because(
            f"cannot take a value of kind {type(value).__name__}.",
            expected=f"Expected {kind.__name__}.",
            hint=hint,
            where=function,
        )


class MissingDependencyError(JourneyMapError, ImportError):
    """An optional package that is not installed."""
