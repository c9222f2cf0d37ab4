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
    UnansweredError,
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
    from journeymap.analysis.bad_moment import Overshadow, check_overshadow
    from journeymap.analysis.check import CheckReport, check_journey
    from journeymap.analysis.driver_report import DriverReport, DriverShare, KeyDriver
    from journeymap.analysis.drivers import drivers_of, find_drivers
    from journeymap.analysis.fix_text import read_fix
    from journeymap.analysis.fixes import CutWait, LowerExit, Remove, Reroute, fixes_for
    from journeymap.analysis.friction import find_friction
    from journeymap.analysis.friction_point import PathExample
    from journeymap.analysis.friction_report import (
        Bottleneck,
        FrictionPoint,
        FrictionReport,
        LargestDrop,
        Signal,
    )
    from journeymap.analysis.interaction import Interaction, check_interaction
    from journeymap.analysis.moments import find_moments
    from journeymap.analysis.moments_report import Moment, MomentsReport
    from journeymap.analysis.owners import locate_owners
    from journeymap.analysis.owners_report import HandOff, OwnerMap, OwnerPart, StagePart, SystemCoverage
    from journeymap.analysis.path_report import JourneyPath, Parting, PathsReport
    from journeymap.analysis.paths import find_paths
    from journeymap.analysis.priorities import Priorities, Priority, prioritise
    from journeymap.analysis.service import locate_service
    from journeymap.analysis.service_causes import find_service_causes
    from journeymap.analysis.service_causes_report import OwnerPair, ServiceCause, ServiceCauses
    from journeymap.analysis.service_desk import HandlerTickets, ServiceDesk, service_desk
    from journeymap.analysis.service_effect import check_service_effect
    from journeymap.analysis.service_effect_result import ServiceEffect
    from journeymap.analysis.service_gap import compare_service_gap
    from journeymap.analysis.service_gap_report import Parity, ParityValue, SegmentGap, ServiceGap
    from journeymap.analysis.service_parts import (
        JourneyPoint,
        ServiceAfter,
        ServiceBefore,
        ServiceTouchpoint,
        ServiceTrigger,
        StageService,
    )
    from journeymap.analysis.service_place import (
        FamilyPlace,
        FrictionElsewhere,
        PeriodService,
        ProactiveShare,
        ServicePlace,
    )
    from journeymap.analysis.service_proactive_report import ProactiveEffect, WhatFollows
    from journeymap.analysis.service_segments import (
        SegmentService,
        ServiceBySegment,
        compare_service_segments,
    )
    from journeymap.analysis.service_view import ServiceView
    from journeymap.analysis.variant_groups import find_variant_groups
    from journeymap.analysis.variant_groups_report import GroupMark, VariantGroup, VariantGroups
    from journeymap.analysis.what_if import what_if
    from journeymap.analysis.what_if_result import AffectedTouchpoint, WhatIf, WhatIfStep
    from journeymap.engines.answer_files import Query
    from journeymap.engines.duckdb_engine import DuckDBEngine
    from journeymap.engines.spark_engine import SparkEngine
    from journeymap.events.activity import cohorts
    from journeymap.events.answers import answers
    from journeymap.events.asked import Queries, queries_of
    from journeymap.events.contacts import contacts
    from journeymap.events.customer_feelings import with_customer_feelings
    from journeymap.events.declared import read_feedback, read_ticket_rules, read_tickets
    from journeymap.events.discover import discover_journey
    from journeymap.events.draft import draft_design
    from journeymap.events.driver_moments import driver_moments
    from journeymap.events.episodes import with_episodes
    from journeymap.events.feedback import Feedback
    from journeymap.events.log import EventLog
    from journeymap.events.paths import with_paths
    from journeymap.events.segments import segments
    from journeymap.events.service import with_service
    from journeymap.events.service_gap import with_service_gap
    from journeymap.events.simulate import simulate_events
    from journeymap.events.tickets import Tickets
    from journeymap.events.with_feedback import with_feedback
    from journeymap.formats.files import read_journey, write_journey
    from journeymap.formats.schema import journey_schema
    from journeymap.metrics.attribution import Attribution, Credit, TouchpointCredit, attribution
    from journeymap.metrics.behaviour import behaviour_index, behaviour_panel
    from journeymap.metrics.chain import chain
    from journeymap.metrics.chain_differences import ChainDifferences, chain_differences
    from journeymap.metrics.chain_order import ChainOrder, chain_order
    from journeymap.metrics.chain_results import Chain, ChainTransitions, GivenGoal
    from journeymap.metrics.consistency import (
        BetweenOwners,
        OwnerScore,
        WithinCustomer,
        consistency_between,
        consistency_within,
    )
    from journeymap.metrics.contact_history import MeanContacts, mean_contacts
    from journeymap.metrics.contact_rate import contact_rate
    from journeymap.metrics.cycle_time import (
        bottleneck_share,
        cycle_efficiency,
        cycle_time,
        journeys_under_way,
    )
    from journeymap.metrics.episode_parts import (
        EpisodeChain,
        EpisodeLength,
        HandlerChain,
        SelfServiceSessions,
    )
    from journeymap.metrics.episode_results import ServiceEpisodes
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
    from journeymap.metrics.next_touchpoint import NextTouchpoint, next_touchpoint
    from journeymap.metrics.projection import RetentionProjection, retention_projection
    from journeymap.metrics.recovery import Recovery, recovery
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
    from journeymap.metrics.service_episodes import service_episodes
    from journeymap.metrics.service_outcomes import (
        escalation_rate,
        first_contact_resolution,
        reopen_rate,
        repeat_contact_rate,
    )
    from journeymap.metrics.service_queue import abandonment_rate, patience, queue_wait
    from journeymap.metrics.service_times import first_response_time, resolution_rate, resolution_time
    from journeymap.metrics.signals_counts import SignalCounts
    from journeymap.metrics.times import Times
    from journeymap.metrics.variants import Variant, Variants, variants
    from journeymap.metrics.with_tickets import with_tickets
    from journeymap.model.business_hours import BusinessHours
    from journeymap.model.cohorts import CohortCell, Cohorts
    from journeymap.model.driver_moments import DriverMoments
    from journeymap.model.panel import BehaviourIndex, BehaviourPanel, PanelMeasure, PanelTrend
    from journeymap.model.periods import Period, Timeline
    from journeymap.model.scorecard import Scorecard, ScorecardRow
    from journeymap.model.set_aside import SetAside
    from journeymap.render.blueprint import draw_blueprint
    from journeymap.render.charts import draw_friction, draw_service
    from journeymap.render.cohorts import draw_cohorts
    from journeymap.render.describe import describe
    from journeymap.render.driver_chart import draw_drivers
    from journeymap.render.feeling_chart import draw_feeling
    from journeymap.render.flow import draw_flow
    from journeymap.render.funnel import draw_funnel
    from journeymap.render.heatmap import draw_heatmap
    from journeymap.render.importance_chart import draw_importance
    from journeymap.render.journey_map import draw_map
    from journeymap.render.network import draw_network
    from journeymap.render.panel_chart import draw_panel
    from journeymap.render.persona import draw_persona
    from journeymap.render.priority_chart import draw_priorities
    from journeymap.render.save import save_figure
    from journeymap.render.scorecard import draw_scorecard
    from journeymap.render.theme import DARK_THEME, DEFAULT_THEME, LARGE_THEME, PRINT_THEME, Theme
    from journeymap.render.what_if_chart import draw_what_if
    from journeymap.report import write_report, write_service_page
    from journeymap.stats.attribution import PathAttribution, attribution_of_paths

__version__ = "0.1.0"

_MODULES = {
    "analysis.bad_moment": "Overshadow check_overshadow",
    "analysis.check": "CheckReport check_journey",
    "analysis.driver_report": "DriverReport DriverShare KeyDriver",
    "analysis.drivers": "drivers_of find_drivers",
    "analysis.fix_text": "read_fix",
    "analysis.fixes": "CutWait LowerExit Remove Reroute fixes_for",
    "analysis.friction": "find_friction",
    "analysis.friction_point": "PathExample",
    "analysis.friction_report": "Bottleneck FrictionPoint FrictionReport LargestDrop Signal",
    "analysis.interaction": "Interaction check_interaction",
    "analysis.moments": "find_moments",
    "analysis.moments_report": "Moment MomentsReport",
    "analysis.owners": "locate_owners",
    "analysis.owners_report": "HandOff OwnerMap OwnerPart StagePart SystemCoverage",
    "analysis.path_report": "JourneyPath Parting PathsReport",
    "analysis.paths": "find_paths",
    "analysis.priorities": "Priorities Priority prioritise",
    "analysis.service": "locate_service",
    "analysis.service_causes": "find_service_causes",
    "analysis.service_causes_report": "OwnerPair ServiceCause ServiceCauses",
    "analysis.service_proactive_report": "ProactiveEffect WhatFollows",
    "analysis.service_desk": "HandlerTickets ServiceDesk service_desk",
    "analysis.service_effect": "check_service_effect",
    "analysis.service_effect_result": "ServiceEffect",
    "analysis.service_gap": "compare_service_gap",
    "analysis.service_gap_report": "Parity ParityValue SegmentGap ServiceGap",
    "analysis.service_parts": "JourneyPoint ServiceAfter ServiceBefore ServiceTouchpoint ServiceTrigger "
    "StageService",
    "analysis.service_place": "FamilyPlace FrictionElsewhere PeriodService ProactiveShare ServicePlace",
    "analysis.service_segments": "SegmentService ServiceBySegment compare_service_segments",
    "analysis.service_view": "ServiceView",
    "analysis.variant_groups": "find_variant_groups",
    "analysis.variant_groups_report": "GroupMark VariantGroup VariantGroups",
    "analysis.what_if": "what_if",
    "analysis.what_if_result": "AffectedTouchpoint WhatIf WhatIfStep",
    "engines.answer_files": "Query",
    "engines.duckdb_engine": "DuckDBEngine",
    "engines.spark_engine": "SparkEngine",
    "events.activity": "cohorts",
    "events.answers": "answers",
    "events.asked": "Queries queries_of",
    "events.contacts": "contacts",
    "events.customer_feelings": "with_customer_feelings",
    "events.declared": "read_feedback read_ticket_rules read_tickets",
    "events.discover": "discover_journey",
    "events.draft": "draft_design",
    "events.driver_moments": "driver_moments",
    "events.episodes": "with_episodes",
    "events.feedback": "Feedback",
    "events.log": "EventLog",
    "events.paths": "with_paths",
    "events.segments": "segments",
    "events.service": "with_service",
    "events.service_gap": "with_service_gap",
    "events.simulate": "simulate_events",
    "events.tickets": "Tickets",
    "events.with_feedback": "with_feedback",
    "formats.files": "read_journey write_journey",
    "formats.schema": "journey_schema",
    "metrics.attribution": "Attribution Credit TouchpointCredit attribution",
    "metrics.behaviour": "behaviour_index behaviour_panel",
    "metrics.chain": "chain",
    "metrics.chain_differences": "ChainDifferences chain_differences",
    "metrics.chain_order": "ChainOrder chain_order",
    "metrics.chain_results": "Chain ChainTransitions GivenGoal",
    "metrics.consistency": "BetweenOwners OwnerScore WithinCustomer consistency_between consistency_within",
    "metrics.contact_history": "MeanContacts mean_contacts",
    "metrics.contact_rate": "contact_rate",
    "metrics.cycle_time": "bottleneck_share cycle_efficiency cycle_time journeys_under_way",
    "metrics.episode_parts": "EpisodeChain EpisodeLength HandlerChain SelfServiceSessions",
    "metrics.episode_results": "ServiceEpisodes",
    "metrics.experience": "HumanAndSupport ces csat feeling human_and_support nps score",
    "metrics.feedback_coverage": "FeedbackCoverage PlacementBias ResponseBounds feedback_coverage "
    "placement_bias response_bounds",
    "metrics.feelings": "FeelingScores StageFeeling expectation_gap expectation_gaps feeling_scores",
    "metrics.lifetime": "CurvePoint Lifetime RepeatPurchase lifetime repeat_purchase",
    "metrics.next_touchpoint": "NextTouchpoint next_touchpoint",
    "metrics.projection": "RetentionProjection retention_projection",
    "metrics.recovery": "Recovery recovery",
    "metrics.retention": "CohortRetention churn cohort_retention period_retention retention retention_curve",
    "metrics.scorecard": "scorecard",
    "metrics.segment_differences": "Difference SegmentScore SegmentScores by_segment nps_difference "
    "segment_difference",
    "metrics.self_service": "containment hidden_failures",
    "metrics.service_episodes": "service_episodes",
    "metrics.service_outcomes": "escalation_rate first_contact_resolution reopen_rate repeat_contact_rate",
    "metrics.service_queue": "abandonment_rate patience queue_wait",
    "metrics.service_times": "first_response_time resolution_rate resolution_time",
    "metrics.signals_counts": "SignalCounts",
    "metrics.times": "Times",
    "metrics.variants": "Variant Variants variants",
    "metrics.with_tickets": "with_tickets",
    "model.business_hours": "BusinessHours",
    "model.cohorts": "CohortCell Cohorts",
    "model.driver_moments": "DriverMoments",
    "model.panel": "BehaviourIndex BehaviourPanel PanelMeasure PanelTrend",
    "model.periods": "Period Timeline",
    "model.scorecard": "Scorecard ScorecardRow",
    "model.set_aside": "SetAside",
    "render.blueprint": "draw_blueprint",
    "render.charts": "draw_friction draw_service",
    "render.cohorts": "draw_cohorts",
    "render.describe": "describe",
    "render.driver_chart": "draw_drivers",
    "render.feeling_chart": "draw_feeling",
    "render.flow": "draw_flow",
    "render.funnel": "draw_funnel",
    "render.heatmap": "draw_heatmap",
    "render.importance_chart": "draw_importance",
    "render.journey_map": "draw_map",
    "render.network": "draw_network",
    "render.panel_chart": "draw_panel",
    "render.persona": "draw_persona",
    "render.priority_chart": "draw_priorities",
    "render.save": "save_figure",
    "render.scorecard": "draw_scorecard",
    "render.theme": "DARK_THEME DEFAULT_THEME LARGE_THEME PRINT_THEME Theme",
    "render.what_if_chart": "draw_what_if",
    "report": "write_report write_service_page",
    "stats.attribution": "PathAttribution attribution_of_paths",
}
_ON_FIRST_USE = {name: f"journeymap.{module}" for module, names in _MODULES.items() for name in names.split()}

__all__ = [
    "DARK_THEME", "DEFAULT_THEME", "LARGE_THEME", "PRINT_THEME", "STANDARD_CHANNELS", "STANDARD_STAGES",
    "AffectedTouchpoint", "Answers", "Attribution", "BehaviourIndex", "BehaviourPanel", "BetweenOwners",
    "Bottleneck", "BusinessHours", "Chain", "ChainDifferences", "ChainOrder", "ChainTransitions", "Channel",
    "CheckReport", "CohortCell", "CohortRetention", "Cohorts", "Contacts", "Credit", "CurvePoint",
    "CutWait", "Difference", "DriverMoments", "DriverReport", "DriverShare", "DuckDBEngine", "EpisodeChain",
    "EpisodeLength", "Estimate", "EventLog", "EventName", "EvidenceTable", "FamilyPlace", "Feedback",
    "FeedbackCoverage", "FeelingScores", "FileFormatError", "FrictionElsewhere", "FrictionPoint",
    "FrictionReport", "GivenGoal", "GroupMark", "HandOff", "HandlerChain", "HandlerTickets",
    "HumanAndSupport", "Interaction", "InvalidJourneyError", "InvalidLogError", "Journey",
    "JourneyMapError", "JourneyPath", "JourneyPoint", "KeyDriver", "LargestDrop", "Lifetime", "Linking",
    "LowerExit", "MeanContacts", "MeasuredScore", "MissingDependencyError", "MissingEvidenceError",
    "Moment", "MomentsReport", "NextTouchpoint", "Observation", "Overshadow", "Owner", "OwnerMap",
    "OwnerPair", "OwnerPart", "OwnerScore", "PainPoint", "PanelMeasure", "PanelTrend", "Parity",
    "ParityValue", "Parting", "PathAttribution", "PathExample", "PathsReport", "Period", "PeriodService",
    "Persona", "PlacementBias", "Priorities", "Priority", "ProactiveEffect", "ProactiveShare", "Queries",
    "Query", "Question", "Recovery", "Remove", "RepeatPurchase", "Reroute", "ResponseBounds",
    "RetentionProjection", "Scale", "Scorecard", "ScorecardRow", "SegmentGap", "SegmentScore",
    "SegmentScores", "SegmentService", "SelfServiceSessions", "ServiceAfter", "ServiceBefore",
    "ServiceBySegment", "ServiceCause", "ServiceCauses", "ServiceDesk", "ServiceEffect", "ServiceEpisodes",
    "ServiceGap", "ServiceInteraction", "ServicePlace", "ServiceTouchpoint", "ServiceTrigger",
    "ServiceView", "SetAside", "Signal", "SignalCounts", "SparkEngine", "Stage", "StageFeeling",
    "StagePart", "StageService", "SystemCoverage", "Theme", "TicketLinking", "Tickets", "Timeline", "Times",
    "Touchpoint", "TouchpointCredit", "Transition", "UnansweredError", "UnknownNameError", "UnmappedEvent",
    "UnreachableEndError", "Variant", "VariantGroup", "VariantGroups", "Variants", "Visits", "Wait",
    "WhatFollows", "WhatIf", "WhatIfStep", "WithinCustomer", "WriteError", "WrongKindError",
    "abandonment_rate", "answers", "attribution", "attribution_of_paths", "behaviour_index",
    "behaviour_panel", "bottleneck_share", "by_segment", "ces", "chain", "chain_differences", "chain_order",
    "check_interaction", "check_journey", "check_overshadow", "check_service_effect", "churn",
    "cohort_retention", "cohorts", "compare_service_gap", "compare_service_segments", "consistency_between",
    "consistency_within", "contact_rate", "contacts", "containment", "csat", "cycle_efficiency",
    "cycle_time", "describe", "discover_journey", "draft_design", "draw_blueprint", "draw_cohorts",
    "draw_drivers", "draw_feeling", "draw_flow", "draw_friction", "draw_funnel", "draw_heatmap",
    "draw_importance", "draw_map", "draw_network", "draw_panel", "draw_persona", "draw_priorities",
    "draw_scorecard", "draw_service", "draw_what_if", "driver_moments", "drivers_of", "escalation_rate",
    "expectation_gap", "expectation_gaps", "feedback_coverage", "feeling", "feeling_scores", "find_drivers",
    "find_friction", "find_moments", "find_paths", "find_service_causes", "find_variant_groups",
    "first_contact_resolution", "first_response_time", "fixes_for", "hidden_failures", "human_and_support",
    "journey_schema", "journeys_under_way", "lifetime", "locate_owners", "locate_service", "mean_contacts",
    "next_touchpoint", "nps", "nps_difference", "patience", "period_retention", "placement_bias",
    "prioritise", "queries_of", "queue_wait", "read_feedback", "read_fix", "read_journey",
    "read_ticket_rules", "read_tickets", "recovery", "reopen_rate", "repeat_contact_rate",
    "repeat_purchase", "resolution_rate", "resolution_time", "response_bounds", "retention",
    "retention_curve", "retention_projection", "save_figure", "score", "scorecard", "segment_difference",
    "segments", "service_desk", "service_episodes", "simulate_events", "variants", "what_if",
    "with_customer_feelings", "with_episodes", "with_feedback", "with_paths", "with_service",
    "with_service_gap", "with_tickets", "write_journey", "write_report", "write_service_page",
]  # fmt: skip


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
