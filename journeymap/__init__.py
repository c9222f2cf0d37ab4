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
from journeymap.model.answers import Answers, Linking, Question
from journeymap.model.contacts import Contacts, TicketLinking
from journeymap.model.evidence import EvidenceTable
from journeymap.model.journey import Journey, Observation, Persona, UnmappedEvent
from journeymap.model.measures import Estimate, MeasuredScore, Scale
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
    from journeymap.events.activity import cohorts
    from journeymap.events.answers import answers
    from journeymap.events.contacts import contacts
    from journeymap.events.declared import read_feedback, read_ticket_rules, read_tickets
    from journeymap.events.discover import discover_journey
    from journeymap.events.draft import draft_design
    from journeymap.events.feedback import Feedback
    from journeymap.events.log import EventLog
    from journeymap.events.segments import segments
    from journeymap.events.simulate import simulate_events
    from journeymap.events.tickets import Tickets
    from journeymap.events.with_feedback import with_feedback
    from journeymap.formats.files import read_journey, write_journey
    from journeymap.formats.schema import journey_schema
    from journeymap.metrics.behaviour import behaviour_index, behaviour_panel
    from journeymap.metrics.consistency import (
        BetweenOwners,
        OwnerScore,
        WithinCustomer,
        consistency_between,
        consistency_within,
    )
    from journeymap.metrics.contact_history import MeanContacts, mean_contacts
    from journeymap.metrics.contact_rate import contact_rate
    from journeymap.metrics.experience import (
        HumanAndSupport,
        ces,
        csat,
        feeling,
        human_and_support,
        nps,
        score,
    )
    from journeymap.metrics.feedback_coverage import (
        FeedbackCoverage,
        PlacementBias,
        ResponseBounds,
        feedback_coverage,
        placement_bias,
        response_bounds,
    )
    from journeymap.metrics.feelings import (
        FeelingScores,
        StageFeeling,
        expectation_gap,
        expectation_gaps,
        feeling_scores,
    )
    from journeymap.metrics.lifetime import CurvePoint, Lifetime, RepeatPurchase, lifetime, repeat_purchase
    from journeymap.metrics.projection import RetentionProjection, retention_projection
    from journeymap.metrics.retention import (
        CohortRetention,
        churn,
        cohort_retention,
        period_retention,
        retention,
        retention_curve,
    )
    from journeymap.metrics.scorecard import scorecard
    from journeymap.metrics.segment_differences import (
        Difference,
        SegmentScore,
        SegmentScores,
        by_segment,
        nps_difference,
        segment_difference,
    )
    from journeymap.metrics.self_service import containment, hidden_failures
    from journeymap.metrics.service_outcomes import (
        escalation_rate,
        first_contact_resolution,
        reopen_rate,
        repeat_contact_rate,
    )
    from journeymap.metrics.service_queue import abandonment_rate, patience, queue_wait
    from journeymap.metrics.service_times import first_response_time, resolution_rate, resolution_time
    from journeymap.metrics.times import Times
    from journeymap.metrics.with_tickets import with_tickets
    from journeymap.model.business_hours import BusinessHours
    from journeymap.model.cohorts import CohortCell, Cohorts
    from journeymap.model.panel import BehaviourIndex, BehaviourPanel, PanelMeasure, PanelTrend
    from journeymap.model.periods import Period, Timeline
    from journeymap.model.scorecard import Scorecard, ScorecardRow
    from journeymap.model.set_aside import SetAside
    from journeymap.render.blueprint import draw_blueprint
    from journeymap.render.charts import draw_friction, draw_service
    from journeymap.render.cohorts import draw_cohorts
    from journeymap.render.describe import describe
    from journeymap.render.feeling_chart import draw_feeling
    from journeymap.render.flow import draw_flow
    from journeymap.render.funnel import draw_funnel
    from journeymap.render.heatmap import draw_heatmap
    from journeymap.render.importance_chart import draw_importance
    from journeymap.render.journey_map import draw_map
    from journeymap.render.network import draw_network
    from journeymap.render.panel_chart import draw_panel
    from journeymap.render.persona import draw_persona
    from journeymap.render.save import save_figure
    from journeymap.render.scorecard import draw_scorecard
    from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME, Theme
    from journeymap.report import write_report

__version__ = "0.1.0"

_ON_FIRST_USE = {
    "BehaviourIndex": "journeymap.model.panel",
    "BehaviourPanel": "journeymap.model.panel",
    "BetweenOwners": "journeymap.metrics.consistency",
    "BusinessHours": "journeymap.model.business_hours",
    "CheckReport": "journeymap.analysis.check",
    "CohortCell": "journeymap.model.cohorts",
    "CohortRetention": "journeymap.metrics.retention",
    "Cohorts": "journeymap.model.cohorts",
    "CurvePoint": "journeymap.metrics.lifetime",
    "DARK_THEME": "journeymap.render.theme",
    "DEFAULT_THEME": "journeymap.render.theme",
    "Difference": "journeymap.metrics.segment_differences",
    "DuckDBEngine": "journeymap.engines.duckdb_engine",
    "EventLog": "journeymap.events.log",
    "Feedback": "journeymap.events.feedback",
    "FeedbackCoverage": "journeymap.metrics.feedback_coverage",
    "FeelingScores": "journeymap.metrics.feelings",
    "FrictionPoint": "journeymap.analysis.friction_report",
    "FrictionReport": "journeymap.analysis.friction_report",
    "HumanAndSupport": "journeymap.metrics.experience",
    "LARGE_THEME": "journeymap.render.theme",
    "Lifetime": "journeymap.metrics.lifetime",
    "MeanContacts": "journeymap.metrics.contact_history",
    "OwnerScore": "journeymap.metrics.consistency",
    "PRINT_THEME": "journeymap.render.theme",
    "PanelMeasure": "journeymap.model.panel",
    "PanelTrend": "journeymap.model.panel",
    "Period": "journeymap.model.periods",
    "PlacementBias": "journeymap.metrics.feedback_coverage",
    "RepeatPurchase": "journeymap.metrics.lifetime",
    "ResponseBounds": "journeymap.metrics.feedback_coverage",
    "RetentionProjection": "journeymap.metrics.projection",
    "Scorecard": "journeymap.model.scorecard",
    "ScorecardRow": "journeymap.model.scorecard",
    "SegmentScore": "journeymap.metrics.segment_differences",
    "SegmentScores": "journeymap.metrics.segment_differences",
    "ServiceView": "journeymap.analysis.service_view",
    "SetAside": "journeymap.model.set_aside",
    "Signal": "journeymap.analysis.friction_report",
    "StageFeeling": "journeymap.metrics.feelings",
    "Theme": "journeymap.render.theme",
    "Tickets": "journeymap.events.tickets",
    "Timeline": "journeymap.model.periods",
    "Times": "journeymap.metrics.times",
    "WithinCustomer": "journeymap.metrics.consistency",
    "abandonment_rate": "journeymap.metrics.service_queue",
    "answers": "journeymap.events.answers",
    "behaviour_index": "journeymap.metrics.behaviour",
    "behaviour_panel": "journeymap.metrics.behaviour",
    "by_segment": "journeymap.metrics.segment_differences",
    "ces": "journeymap.metrics.experience",
    "check_journey": "journeymap.analysis.check",
    "churn": "journeymap.metrics.retention",
    "cohort_retention": "journeymap.metrics.retention",
    "cohorts": "journeymap.events.activity",
    "consistency_between": "journeymap.metrics.consistency",
    "consistency_within": "journeymap.metrics.consistency",
    "contact_rate": "journeymap.metrics.contact_rate",
    "contacts": "journeymap.events.contacts",
    "containment": "journeymap.metrics.self_service",
    "csat": "journeymap.metrics.experience",
    "describe": "journeymap.render.describe",
    "discover_journey": "journeymap.events.discover",
    "draft_design": "journeymap.events.draft",
    "draw_blueprint": "journeymap.render.blueprint",
    "draw_cohorts": "journeymap.render.cohorts",
    "draw_feeling": "journeymap.render.feeling_chart",
    "draw_flow": "journeymap.render.flow",
    "draw_friction": "journeymap.render.charts",
    "draw_funnel": "journeymap.render.funnel",
    "draw_heatmap": "journeymap.render.heatmap",
    "draw_importance": "journeymap.render.importance_chart",
    "draw_map": "journeymap.render.journey_map",
    "draw_network": "journeymap.render.network",
    "draw_panel": "journeymap.render.panel_chart",
    "draw_persona": "journeymap.render.persona",
    "draw_scorecard": "journeymap.render.scorecard",
    "draw_service": "journeymap.render.charts",
    "escalation_rate": "journeymap.metrics.service_outcomes",
    "expectation_gap": "journeymap.metrics.feelings",
    "expectation_gaps": "journeymap.metrics.feelings",
    "feedback_coverage": "journeymap.metrics.feedback_coverage",
    "feeling": "journeymap.metrics.experience",
    "feeling_scores": "journeymap.metrics.feelings",
    "find_friction": "journeymap.analysis.friction",
    "first_contact_resolution": "journeymap.metrics.service_outcomes",
    "first_response_time": "journeymap.metrics.service_times",
    "hidden_failures": "journeymap.metrics.self_service",
    "human_and_support": "journeymap.metrics.experience",
    "journey_schema": "journeymap.formats.schema",
    "lifetime": "journeymap.metrics.lifetime",
    "locate_service": "journeymap.analysis.service",
    "mean_contacts": "journeymap.metrics.contact_history",
    "nps": "journeymap.metrics.experience",
    "nps_difference": "journeymap.metrics.segment_differences",
    "patience": "journeymap.metrics.service_queue",
    "period_retention": "journeymap.metrics.retention",
    "placement_bias": "journeymap.metrics.feedback_coverage",
    "queue_wait": "journeymap.metrics.service_queue",
    "read_feedback": "journeymap.events.declared",
    "read_journey": "journeymap.formats.files",
    "read_ticket_rules": "journeymap.events.declared",
    "read_tickets": "journeymap.events.declared",
    "reopen_rate": "journeymap.metrics.service_outcomes",
    "repeat_contact_rate": "journeymap.metrics.service_outcomes",
    "repeat_purchase": "journeymap.metrics.lifetime",
    "resolution_rate": "journeymap.metrics.service_times",
    "resolution_time": "journeymap.metrics.service_times",
    "response_bounds": "journeymap.metrics.feedback_coverage",
    "retention": "journeymap.metrics.retention",
    "retention_curve": "journeymap.metrics.retention",
    "retention_projection": "journeymap.metrics.projection",
    "save_figure": "journeymap.render.save",
    "score": "journeymap.metrics.experience",
    "scorecard": "journeymap.metrics.scorecard",
    "segment_difference": "journeymap.metrics.segment_differences",
    "segments": "journeymap.events.segments",
    "simulate_events": "journeymap.events.simulate",
    "with_feedback": "journeymap.events.with_feedback",
    "with_tickets": "journeymap.metrics.with_tickets",
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
    "Answers",
    "BehaviourIndex",
    "BehaviourPanel",
    "BetweenOwners",
    "BusinessHours",
    "Channel",
    "CheckReport",
    "CohortCell",
    "CohortRetention",
    "Cohorts",
    "Contacts",
    "CurvePoint",
    "Difference",
    "DuckDBEngine",
    "Estimate",
    "EventLog",
    "EventName",
    "EvidenceTable",
    "Feedback",
    "FeedbackCoverage",
    "FeelingScores",
    "FileFormatError",
    "FrictionPoint",
    "FrictionReport",
    "HumanAndSupport",
    "InvalidJourneyError",
    "InvalidLogError",
    "Journey",
    "JourneyMapError",
    "Lifetime",
    "Linking",
    "MeanContacts",
    "MeasuredScore",
    "MissingDependencyError",
    "MissingEvidenceError",
    "Observation",
    "Owner",
    "OwnerScore",
    "PainPoint",
    "PanelMeasure",
    "PanelTrend",
    "Period",
    "Persona",
    "PlacementBias",
    "Question",
    "RepeatPurchase",
    "ResponseBounds",
    "RetentionProjection",
    "Scale",
    "Scorecard",
    "ScorecardRow",
    "SegmentScore",
    "SegmentScores",
    "ServiceInteraction",
    "ServiceView",
    "SetAside",
    "Signal",
    "Stage",
    "StageFeeling",
    "Theme",
    "TicketLinking",
    "Tickets",
    "Timeline",
    "Times",
    "Touchpoint",
    "Transition",
    "UnknownNameError",
    "UnmappedEvent",
    "UnreachableEndError",
    "Visits",
    "Wait",
    "WithinCustomer",
    "WriteError",
    "WrongKindError",
    "abandonment_rate",
    "answers",
    "behaviour_index",
    "behaviour_panel",
    "by_segment",
    "ces",
    "check_journey",
    "churn",
    "cohort_retention",
    "cohorts",
    "consistency_between",
    "consistency_within",
    "contact_rate",
    "contacts",
    "containment",
    "csat",
    "describe",
    "discover_journey",
    "draft_design",
    "draw_blueprint",
    "draw_cohorts",
    "draw_feeling",
    "draw_flow",
    "draw_friction",
    "draw_funnel",
    "draw_heatmap",
    "draw_importance",
    "draw_map",
    "draw_network",
    "draw_panel",
    "draw_persona",
    "draw_scorecard",
    "draw_service",
    "escalation_rate",
    "expectation_gap",
    "expectation_gaps",
    "feedback_coverage",
    "feeling",
    "feeling_scores",
    "find_friction",
    "first_contact_resolution",
    "first_response_time",
    "hidden_failures",
    "human_and_support",
    "journey_schema",
    "lifetime",
    "locate_service",
    "mean_contacts",
    "nps",
    "nps_difference",
    "patience",
    "period_retention",
    "placement_bias",
    "queue_wait",
    "read_feedback",
    "read_journey",
    "read_ticket_rules",
    "read_tickets",
    "reopen_rate",
    "repeat_contact_rate",
    "repeat_purchase",
    "resolution_rate",
    "resolution_time",
    "response_bounds",
    "retention",
    "retention_curve",
    "retention_projection",
    "save_figure",
    "score",
    "scorecard",
    "segment_difference",
    "segments",
    "simulate_events",
    "with_feedback",
    "with_tickets",
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
