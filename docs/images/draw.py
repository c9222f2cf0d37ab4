"""Draw the pictures of the README again: ``uv run python docs/images/draw.py``."""  # noqa: INP001

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

import journeymap as jm
from journeymap.datasets import example_feedback, example_journey, example_log, example_tickets

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = 256


_PART = (
    "compare_packages", "place_order", "credit_check", "book_engineer", "router_delivery", "engineer_visit",
    "first_bill",
)  # fmt: skip
_TOLD = (
    "check_address", "chatbot", "place_order", "book_engineer", "engineer_visit", "first_bill", "complaint",
    "renew",
)  # fmt: skip


def draw(folder: Path) -> None:
    """Draw the example as designed, as observed, and as customers and tickets tell of it."""
    design, log = example_journey(), example_log()
    observed = jm.discover_journey(log, design)
    observed = jm.with_paths(jm.with_episodes(observed, log), log)
    report = jm.find_friction(observed)
    answer = jm.what_if(observed, ["book_engineer: exit -50%", "check_address: exit to 5%"])
    _save(jm.draw_map(design, size="slide", path=_PART), folder / "map.png", dpi=110)
    _save(jm.draw_network(observed, highlight=report), folder / "network.png", dpi=100)
    _save(jm.draw_flow(observed), folder / "flow.png", dpi=90)
    _save(jm.draw_friction(report), folder / "friction.png", dpi=100)
    _save(jm.draw_what_if(answer), folder / "what-if.png", dpi=100)
    answered = jm.with_feedback(observed, example_feedback(), feeling_from="stars")
    measured = jm.with_tickets(answered, example_tickets())
    _save(jm.draw_service(_served(observed, log)), folder / "service.png", dpi=100)
    spring, weeks = log.between("2025-01-06", "2025-07-01"), log.between("2025-03-03", "2025-06-30")
    panel = jm.behaviour_panel(
        weeks, period="week", purchase=["order_submitted", "contract_renewed"], service=design
    )
    _save(jm.draw_map(measured, lanes=["feeling", "metrics"], path=_TOLD), folder / "scores.png", dpi=90)
    _save(jm.draw_scorecard(jm.scorecard(measured)), folder / "scorecard.png", dpi=90)
    _save(jm.draw_cohorts(jm.cohorts(spring, period="month")), folder / "cohorts.png", dpi=100)
    _save(jm.draw_panel(panel), folder / "panel.png", dpi=90)


def _served(observed: jm.Journey, log: jm.EventLog) -> jm.ServiceView:
    """Count what there is to know of service, with the feelings of the survey."""
    survey = example_feedback()
    served = jm.with_service(observed, log, feedback=survey, window="14 days", feeling_from="stars")
    return jm.locate_service(served)


def _save(ax: Axes, path: Path, *, dpi: int) -> None:
    """Save with few colours: a repository keeps every version of a picture for ever."""
    large = io.BytesIO()
    ax.figure.savefig(large, format="png", dpi=dpi)
    Image.open(large).convert("RGB").quantize(_COLOURS, kmeans=3).save(path, optimize=True)


if __name__ == "__main__":
    draw(Path(__file__).parent)
