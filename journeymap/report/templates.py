"""The templates of the pages, and how their cells are written."""

from __future__ import annotations

from functools import cache
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from journeymap.report.tables import numeric_columns

__all__ = ["template"]


def template(name: str) -> Template:
    """Which template has this name?

    Parameters
    ----------
    name : str
        A file beside this module, without its endings ``.html.jinja``.

    Returns
    -------
    Template
        It escapes every text that it is given.
    """
    return _environment().get_template(f"{name}.html.jinja")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["numeric"] = numeric_columns
    environment.filters["unbroken"] = _unbroken
    return environment


def _text(name: str) -> str:
    return resources.files("journeymap.report").joinpath(name).read_text(encoding="utf-8")


def _unbroken(text: str) -> str:
    """Keep a number and its percent sign on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")
