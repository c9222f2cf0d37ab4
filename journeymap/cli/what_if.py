"""What does ``journeymap friction --what-if`` say of the fixes that are asked for?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journeymap.analysis.friction_report import FrictionReport
    from journeymap.analysis.what_if_result import WhatIf
    from journeymap.model.journey import Journey

__all__ = ["WhatIfTexts", "both_as_json", "what_if_lines", "what_if_of"]

WhatIfTexts = Annotated[
    list[str] | None,
    typer.Option(
        "--what-if",
        help="Also what a fix would bring, such as 'payment: exit -50%', 'delivery: wait -2 days', "
        "'cart -> chat: reroute 30% to pay' or 'remove chat'; may be repeated.",
        metavar="FIX",
        show_default=False,
    ),
]


def what_if_of(journey: Journey, texts: Sequence[str] | None) -> WhatIf | None:
    """Answer what the fixes of the command line would bring; None where none is asked for."""
    if not texts:
        return None
    from journeymap.analysis.what_if import what_if  # noqa: PLC0415

    return what_if(journey, texts)


def what_if_lines(found: WhatIf) -> list[str]:
    """Say what the fixes would bring: each by itself, then all together."""
    from journeymap.analysis.what_if_result import MODEL_IMPLIED  # noqa: PLC0415

    if len(found.steps) == 1:
        return [f"What if? {found}"]
    lines = [f"What if? Each fix by itself, {MODEL_IMPLIED}:"]
    lines += [f"{place}. {step.words}: {step.brings()}." for place, step in enumerate(found.steps, 1)]
    first, *rest = found.story()
    return [*lines, " ".join([f"All together: {first}", *rest])]


def both_as_json(report: FrictionReport, found: WhatIf) -> str:
    """Write the report and the answer as one JSON object."""
    both = {"friction": report.model_dump(mode="json"), "what_if": found.model_dump(mode="json")}
    return json.dumps(both, indent=2, ensure_ascii=False)
