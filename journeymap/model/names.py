"""What is shown of an id that came without a name?"""

from __future__ import annotations

__all__ = ["shown_name"]


def shown_name(identifier: str) -> str:
    """Which name stands on figures for an id?

    Parameters
    ----------
    identifier : str
        Such as ``see_ad``, ``SMS``, ``QA team`` or ``iOS_app``.

    Returns
    -------
    str
        With blanks for underscores; the first letter is raised where its word is in lower case, and all
        others stay as they were written.

    Examples
    --------
    >>> [shown_name(text) for text in ("see_ad", "SMS", "QA_team", "iOS_app")]
    ['See ad', 'SMS', 'QA team', 'iOS app']
    """
    text = identifier.replace("_", " ").strip()
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first == first.lower() else text
