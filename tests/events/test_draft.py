"""Drafts of a design: every guess is told as a guess."""

from __future__ import annotations

import pyarrow as pa
import pytest

from journeymap.events.discover import discover_journey
from journeymap.events.draft import draft_design
from journeymap.events.log import EventLog
from journeymap.events.words import guess_from_words, readable_name, words_of


def log_of(*events, channels=None):
    table = {
        "who": ["a"] * len(events),
        "what": list(events),
        "when": [f"2024-05-{d:02d}" for d in range(1, len(events) + 1)],
    }
    if channels:
        table["via"] = list(channels)
    columns = {"customer_col": "who", "event_col": "what", "time_col": "when"}
    return EventLog(pa.table(table), **columns, channel_col="via" if channels else None)


@pytest.mark.parametrize(
    ("name", "stage", "channel", "handler"),
    [
        ("landing_page", "discovery", "web", None),
        ("compareProducts", "evaluation", None, None),
        ("checkout-completed", "purchase", None, None),
        ("Delivery tracked", "post_purchase", None, None),
        ("contract renewal", "loyalty", None, None),
        ("support_chat", None, "chat", None),
        ("faq viewed", None, None, "self_service"),
        ("chatbot", None, "chat", "bot"),
        ("xyzzy", None, None, None),
    ],
)
def test_words(name, stage, channel, handler):
    guess = guess_from_words(name)
    assert (guess.stage, guess.channel) == (stage, channel)
    assert (guess.service.handler if guess.service else None) == handler


@pytest.mark.parametrize(
    ("name", "handler", "need", "initiator"),
    [
        ("called", "human", None, "customer"),
        ("customer_rang", "human", None, "customer"),
        ("Hotline", "human", None, "customer"),
        ("mail_to_support", None, None, "customer"),
        ("chat", None, None, "customer"),
        ("bot_call", "bot", None, "customer"),
        ("complained_by_phone", "human", "complaint", "customer"),
        ("check_in", None, None, "company"),
        ("proactive outreach", None, None, "company"),
        ("follow_up_call", "human", None, "company"),
    ],
)
def test_words_of_service(name, handler, need, initiator):
    service = guess_from_words(name).service
    assert (service.handler, service.need, service.initiator) == (handler, need, initiator)


@pytest.mark.parametrize(
    "name", ["follow_up", "call_to_action", "service_plan_chosen", "online check-in", "welcome_mail"]
)
def test_words_that_only_look_like_service(name):
    assert guess_from_words(name).service is None


def test_names_are_split_and_written_out():
    assert words_of("addToCart-v2") == ["add", "to", "cart", "v2"]
    assert readable_name("payment_error") == "Payment error"
    assert readable_name("注文") == "注文"


def test_a_draft_covers_every_event_and_marks_its_guesses():
    log = log_of("home", "mystery", "cart", "support_chat", "delivered")
    design = draft_design(log)
    assert {t.id: t.stage for t in design.touchpoints} == {
        "home": "discovery", "mystery": "discovery", "cart": "purchase", "delivered": "post_purchase", "support_chat": None,
    }  # fmt: skip
    assert all("stage" in t.guessed for t in design.touchpoints)
    assert "service" in design.touchpoint("support_chat").guessed
    assert design.origin == "designed"
    observed = discover_journey(log, design)
    assert not observed.observation.unmapped


def test_place_decides_where_no_word_does():
    design = draft_design(log_of("aa", "bb", "cc", "dd", "ee", "ff"))
    stages = [t.stage for t in design.touchpoints]
    assert stages[0] == "discovery"
    assert stages[-1] == "loyalty"


def test_the_channel_comes_from_the_log_where_it_has_one():
    design = draft_design(log_of("home", "home", "home", "web_order", channels=["web", "app", "app", None]))
    assert design.touchpoint("home").channels == ("app", "web")  # the most frequent first
    assert design.touchpoint("web_order").channels == ()  # words say nothing where the log tells
    assert "channels" not in design.touchpoint("home").guessed


def test_names_that_give_the_same_id_are_told_apart():
    design = draft_design(log_of("Add to cart", "add_to_cart", "add-to-cart", "注文"))
    assert len({t.id for t in design.touchpoints}) == 4
    assert {t.events[0].event for t in design.touchpoints} == {
        "Add to cart",
        "add_to_cart",
        "add-to-cart",
        "注文",
    }
