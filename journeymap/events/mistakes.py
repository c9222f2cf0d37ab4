"""How does a value that does not fit say so where it was handed over?"""

from __future__ import annotations

from pydantic import ValidationError

from journeymap.errors import InvalidLogError
from journeymap.formats.complaints import mistake_in
from journeymap.formats.document import Place

__all__ = ["refused"]


def refused(error: ValidationError, name: str, above: Place, *, where: str | None = None) -> InvalidLogError:
    """Say the first thing that pydantic found about a parameter, in a line.

    Parameters
    ----------
    error : ValidationError
        What pydantic found.
    name : str
        The parameter, such as ``questions[0]``.
    above : tuple of str and int
        Where such a value would stand in a journey file, which knows what is expected there.
    where : str, optional
        Who was called.

    Returns
    -------
    InvalidLogError
        With the field, what was expected, and the nearest word.
    """
    at, problem, expected, hint = mistake_in(error.errors(include_url=False)[0], above)
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at)
    return InvalidLogError.because(
        f"{name}{field}: {problem}", expected=expected, hint=hint or None, where=where
    )
