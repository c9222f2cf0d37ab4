"""A journey to begin with: every key once, explained where it stands."""

from __future__ import annotations

from importlib import resources

__all__ = ["template_text"]


def template_text() -> str:
    """Show what a journey file looks like, with every key explained.

    Returns
    -------
    str
        A commented YAML file that `read_journey` reads as it is.
    """
    return resources.files("journeymap.formats").joinpath("template.yaml").read_text(encoding="utf-8")
