"""How well is help given: every measure of service, in one place."""

from __future__ import annotations

from journeymap.metrics.contact_history import mean_contacts
from journeymap.metrics.contact_rate import contact_rate
from journeymap.metrics.self_service import containment, hidden_failures
from journeymap.metrics.service_outcomes import (
    escalation_rate,
    first_contact_resolution,
    reopen_rate,
    repeat_contact_rate,
)
from journeymap.metrics.service_queue import abandonment_rate, patience, queue_wait
from journeymap.metrics.service_times import first_response_time, resolution_rate, resolution_time

__all__ = [
    "abandonment_rate",
    "contact_rate",
    "containment",
    "escalation_rate",
    "first_contact_resolution",
    "first_response_time",
    "hidden_failures",
    "mean_contacts",
    "patience",
    "queue_wait",
    "reopen_rate",
    "repeat_contact_rate",
    "resolution_rate",
    "resolution_time",
]
