"""What tickets say of service, and what they would need to say more."""

from __future__ import annotations

import pyarrow as pa
import pytest

from journeymap.analysis.service_desk import service_desk
from journeymap.events.contacts import contacts
from journeymap.events.tickets import Tickets

TABLE = pa.table(
    {
        "who": ["a", "a", "b", "c", "d"],
        "by": ["bot", "human", "bot", "bot", "human"],
        "up": ["no", "no", "yes", "no", "no"],
        "when": ["2024-05-01", "2024-05-02", "2024-05-01", "2024-05-10", "2024-05-11"],
    }
)


@pytest.fixture
def desk():
    tickets = Tickets(TABLE, customer_col="who", opened_col="when", escalated_col="up", handler_col="by")
    return service_desk(
        contacts(tickets, repeat_within="2 days", contained_within="2 days", observed_until="2024-05-31")
    )


def test_every_handler_has_its_escalations_and_self_service_its_containment(desk):
    bot, human = desk.handlers
    assert (bot.handler, human.handler) == ("bot", "human")
    # three bot sessions: one handed on, one whose customer came back the next day, one settled
    assert bot.escalated.value == pytest.approx(1 / 3)
    assert bot.deflection.value == pytest.approx(2 / 3)
    assert bot.containment.value == pytest.approx(1 / 3)
    assert bot.hidden_failures.value == pytest.approx(1 / 3)
    assert human.containment is None
    assert desk.contacts == 5
    assert desk.not_measured == {}


def test_it_speaks_and_has_a_table(desk):
    assert "settled at the first contact" in str(desk)
    assert "bot: 67 %" in str(desk)
    assert "had to come back" in str(desk)
    frame = desk.to_frame()
    assert set(frame[frame["handler"] == "bot"]["what"]) == {
        "handed to a higher level", "not handed on", "not handed on and settled",
        "not handed on, yet the customer came back",
    }  # fmt: skip
    assert "The service desk" in desk._repr_html_()


def test_what_tickets_do_not_tell_is_said_with_what_would():
    bare = service_desk(contacts(Tickets(TABLE, customer_col="who", opened_col="when")))
    assert bare.escalated is None
    assert bare.handlers == ()
    assert "escalated_col" in bare.not_measured["handed to a higher level"]
