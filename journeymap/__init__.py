"""Customer journeys as graphs: designed maps, observed journeys, friction, service, and diagrams.

Every public name is listed here. The model is loaded at once; whatever needs an engine, statistics or
matplotlib is loaded on first use, so that ``import journeymap`` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from journeymap.errors import (
    FileFormatError,
    InvalidJourneyError,
    InvalidLogError,
    JourneyMapError,
    MissingDependencyError,
    MissingEvidenceError,
    UnknownNameError,
    UnreachableEndError,
    WriteError,
    WrongKindError,
)
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey, Observation, Persona, UnmappedEvent
from journeymap.model.measures import Estimate, Scale
from journeymap.model.stages import STANDARD_STAGES, Stage
from journeymap.model.touchpoints import (
    STANDARD_CHANNELS,
    Channel,
    EventName,
    Owner,
    PainPoint,
    ServiceInteraction,
    Touchpoint,
    Visits,
)
from journeymap.model.transitions import Transition, Wait

if TYPE_CHECKING:
    from journeymap.analysis.check import CheckReport, check_journey
    from journeymap.analysis.friction import find_friction
    from journeymap.analysis.friction_report import FrictionPoint, FrictionReport, Signal
    from journeymap.analysis.service import locate_service
    from journeymap.analysis.service_view import ServiceView
    from journeymap.engines.duckdb_engine import DuckDBEngine
    from journeymap.events.discover import discover_journey
    from journeymap.events.draft import draft_design
    from journeymap.events.log import EventLog
    from journeymap.events.segments import segments
    from journeymap.events.simulate import simulate_events
    from journeymap.formats.files import read_journey, write_journey
    from journeymap.formats.schema import journey_schema
    from journeymap.render.blueprint import draw_blueprint
    from journeymap.render.charts import draw_friction, draw_service
    from journeymap.render.describe import describe
    from journeymap.render.feeling_chart import draw_feeling
    from journeymap.render.flow import draw_flow
    from journeymap.render.funnel import draw_funnel
    from journeymap.render.heatmap import draw_heatmap
    from journeymap.render.importance_chart import draw_importance
    from journeymap.render.journey_map import draw_map
    from journeymap.render.network import draw_network
    from journeymap.render.persona import draw_persona
    from journeymap.render.save import save_figure
    from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME, Theme
    from journeymap.report import write_report

__version__ = "0.1.0"

_ON_FIRST_USE = {
    "CheckReport": "journeymap.analysis.check",
    "DARK_THEME": "journeymap.render.theme",
    "DEFAULT_THEME": "journeymap.render.theme",
    "DuckDBEngine": "journeymap.engines.duckdb_engine",
    "EventLog": "journeymap.events.log",
    "FrictionPoint": "journeymap.analysis.friction_report",
    "FrictionReport": "journeymap.analysis.friction_report",
    "LARGE_THEME": "journeymap.render.theme",
    "PRINT_THEME": "journeymap.render.theme",
    "ServiceView": "journeymap.analysis.service_view",
    "Signal": "journeymap.analysis.friction_report",
    "Theme": "journeymap.render.theme",
    "check_journey": "journeymap.analysis.check",
    "describe": "journeymap.render.describe",
    "discover_journey": "journeymap.events.discover",
    "draft_design": "journeymap.events.draft",
    "draw_blueprint": "journeymap.render.blueprint",
    "draw_feeling": "journeymap.render.feeling_chart",
    "draw_flow": "journeymap.render.flow",
    "draw_friction": "journeymap.render.charts",
    "draw_funnel": "journeymap.render.funnel",
    "draw_heatmap": "journeymap.render.heatmap",
    "draw_importance": "journeymap.render.importance_chart",
    "draw_map": "journeymap.render.journey_map",
    "draw_network": "journeymap.render.network",
    "draw_persona": "journeymap.render.persona",
    "draw_service": "journeymap.render.charts",
    "find_friction": "journeymap.analysis.friction",
    "journey_schema": "journeymap.formats.schema",
    "locate_service": "journeymap.analysis.service",
    "read_journey": "journeymap.formats.files",
    "save_figure": "journeymap.render.save",
    "segments": "journeymap.events.segments",
    "simulate_events": "journeymap.events.simulate",
    "write_journey": "journeymap.formats.files",
    "write_report": "journeymap.report",
}

__all__ = [
    "DARK_THEME",
    "DEFAULT_THEME",
    "LARGE_THEME",
    "PRINT_THEME",
    "STANDARD_CHANNELS",
    "STANDARD_STAGES",
    "Channel",
    "CheckReport",
    "DuckDBEngine",
    "Estimate",
    "EventLog",
    "EventName",
    "EvidenceTable",
    "FileFormatError",
    "FrictionPoint",
    "FrictionReport",
    "InvalidJourneyError",
    "InvalidLogError",
    "Journey",
    "JourneyMapError",
    "MissingDependencyError",
    "MissingEvidenceError",
    "Observation",
    "Owner",
    "PainPoint",
    "Persona",
    "Scale",
    "ServiceInteraction",
    "ServiceView",
    "Signal",
    "Stage",
    "Theme",
    "Touchpoint",
    "Transition",
    "UnknownNameError",
    "UnmappedEvent",
    "UnreachableEndError",
    "Visits",
    "Wait",
    "WriteError",
    "WrongKindError",
    "check_journey",
    "describe",
    "discover_journey",
    "draft_design",
    "draw_blueprint",
    "draw_feeling",
    "draw_flow",
    "draw_friction",
    "draw_funnel",
    "draw_heatmap",
    "draw_importance",
    "draw_map",
    "draw_network",
    "draw_persona",
    "draw_service",
    "find_friction",
    "journey_schema",
    "locate_service",
    "read_journey",
    "save_figure",
    "segments",
    "simulate_events",
    "write_journey",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name in _ON_FIRST_USE:
        value = getattr(import_module(_ON_FIRST_USE[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'journeymap' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
