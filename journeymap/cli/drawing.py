"""The command that draws: which options fit which figure?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from journeymap.cli.options import JourneyFile, Output, flag, option
from journeymap.cli.what_if import WhatIfTexts
from journeymap.errors import UnknownNameError

__all__ = ["draw_command"]

_DPI = 110
_NAMES = (
    "map", "blueprint", "network", "flow", "feeling", "heatmap", "friction", "importance", "service",
    "persona", "funnel", "scorecard", "what-if",
)  # fmt: skip
_ANY, _MAP, _OTHERS = "Every figure", "The map (--as map)", "Other figures"


def draw_command(say: Callable[[str], None]) -> Callable[..., None]:
    """Give the command that draws.

    Parameters
    ----------
    say : callable
        Tells the person at the terminal what was written.

    Returns
    -------
    callable
        For typer.
    """

    def draw(
        journey: JourneyFile,
        output: Output,
        *,
        kind: Annotated[str, typer.Option("--as", help=f"What to draw: {', '.join(_NAMES)}.")] = "map",
        theme: Annotated[
            str | None, option("--theme", "default, print, dark or large (type).", _ANY, "NAME")
        ] = None,
        dpi: Annotated[
            int | None, option("--dpi", "Dots per inch of a PNG (110).", _ANY, "DOTS", least=20, most=1200)
        ] = None,
        persona: Annotated[
            str | None,
            option("--persona", "As these personas feel it: ids or names, 'all'. Also feeling.", _MAP),
        ] = None,
        lanes: Annotated[
            str | None,
            option(
                "--lanes", "Only these lanes, in this order: 'doing,feeling,owner'. Also blueprint.", _MAP
            ),
        ] = None,
        path: Annotated[
            str | None,
            option("--path", "Only these touchpoints, in this order. Also blueprint, feeling.", _MAP, "IDS"),
        ] = None,
        max_columns: Annotated[
            int | None,
            option(
                "--max-columns", "More columns fold into bands (12). Also blueprint.", _MAP, "COUNT", least=1
            ),
        ] = None,
        size: Annotated[
            str | None, option("--size", "Paper: slide, a4, a3, notebook or poster.", _MAP, "NAME")
        ] = None,
        orientation: Annotated[
            str | None,
            option("--orientation", "horizontal, or vertical with touchpoints as rows.", _MAP, "WAY"),
        ] = None,
        show_branches: Annotated[
            bool, typer.Option("--branches", help="Draw the strongest leaps as arcs.", rich_help_panel=_MAP)
        ] = False,
        show_personas: Annotated[
            bool, typer.Option("--personas", help="Put the personas above the map.", rich_help_panel=_MAP)
        ] = False,
        notes: Annotated[
            bool, typer.Option("--notes", help="Write out below what was cut.", rich_help_panel=_MAP)
        ] = False,
        min_share: Annotated[
            float | None,
            option("--min-share", "network: no smaller shares, 0 to 1.", _OTHERS, "SHARE", least=0, most=1),
        ] = None,
        highlight: Annotated[
            str | None,
            option(
                "--highlight",
                "network, flow: bring this out; or 'friction', 'moments'.",
                _OTHERS,
                "ID",
            ),
        ] = None,
        by: Annotated[
            str | None, option("--by", "flow: columns by stage or position.", _OTHERS, "WORD")
        ] = None,
        positions: Annotated[
            int | None, option("--positions", "flow by position: so many (6).", _OTHERS, "COUNT", least=1)
        ] = None,
        show: Annotated[
            str | None, option("--show", "heatmap: feeling, friction or count.", _OTHERS, "WORD")
        ] = None,
        top: Annotated[
            int | None, option("--top", "friction: how many touchpoints (10).", _OTHERS, "COUNT", least=1)
        ] = None,
        what_if: WhatIfTexts = None,
    ) -> None:
        """Draw a journey as PNG, SVG or PDF."""
        asked: dict[str, Any] = {
            "persona": _several(persona), "lanes": _several(lanes), "path": _several(path),
            "max_columns": max_columns, "size": size, "orientation": orientation,
            "show_branches": show_branches or None, "show_personas": show_personas or None,
            "notes": notes or None, "min_share": min_share, "highlight": highlight, "by": by,
            "positions": positions, "show": show, "top": top, "what_if": what_if or None,
        }  # fmt: skip
        given = {name: value for name, value in asked.items() if value is not None}
        _draw(journey, output, kind, given, theme=theme, dpi=dpi)
        say(f"wrote {output}")

    return draw


def _several(text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


_FLAGS = {"show_branches": "--branches", "show_personas": "--personas"}


def _draw(
    source: Path, output: Path, kind: str, given: dict[str, Any], *, theme: str | None, dpi: int | None
) -> None:
    from journeymap.formats.files import read_journey  # noqa: PLC0415
    from journeymap.render.kinds import kind_named, save_as, takers  # noqa: PLC0415
    from journeymap.render.theme import theme_named  # noqa: PLC0415

    asked = kind_named(kind)
    for name in given:
        if name not in {*asked.options, asked.asks}:
            named = _FLAGS.get(name, flag(name))
            others = [f"--as {other}" for other in takers(name)]
            raise UnknownNameError.because(
                f"{named} does not fit --as {kind}.",
                expected=f"Only {' and '.join(others)} {'takes' if len(others) == 1 else 'take'} it.",
                hint=f"leave it out, or draw {others[0]}",
            )
    if dpi is not None and output.suffix.lower() in {".svg", ".pdf"}:
        raise UnknownNameError.because(
            f"--dpi does not fit {output.name}.",
            expected="Only a PNG has dots.",
            hint="leave it out, or use a name that ends in .png",
        )
    if theme is not None:
        given["theme"] = theme_named(theme)
    if given.get("persona") == ["all"]:
        given["persona"] = "all"
    save_as(read_journey(source), asked.name, output, dpi=dpi or _DPI, **given)
