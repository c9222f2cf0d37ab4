"""What the words in raw event names say about stage, service and channel."""

from __future__ import annotations

import re
from typing import NamedTuple

from journeymap.model.touchpoints import ServiceInteraction

__all__ = ["Guess", "guess_from_words", "readable_name", "words_of"]

_STAGE_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    # the later stages first: "purchase confirmation mail" is more about the purchase than about mail
    ("loyalty", frozenset(
        "renew renewal renewed loyalty reward rewards referral refer referred recommend recommendation "
        "rating nps subscription upgrade upsell reorder repurchase advocacy club".split())),
    ("post_purchase", frozenset(
        "onboard onboarding delivery delivered deliver shipping shipment shipped ship tracking track install "
        "installation activation activate setup welcome invoice bill billing return returned refund warranty "
        "order_status unboxing usage complaint appeal penalty reminder".split())),
    ("purchase", frozenset(
        "purchase purchased buy bought cart basket checkout pay payment paid order ordered book booking "
        "booked signup register registration registered subscribe contract".split())),
    ("evaluation", frozenset(
        "compare comparison product products item detail details catalog catalogue category search filter "
        "price pricing plan plans demo trial quote wishlist reviews review spec listing "
        "package packages availability coverage calculator configure configurator".split())),
    ("discovery", frozenset(
        "ad ads advert campaign banner impression landing home homepage promo promotion visit referrer seo "
        "blog article newsletter social main start".split())),
)  # fmt: skip
_SERVICE_WORDS: dict[str, dict[str, str]] = {
    "chat": {"handler": "human"}, "livechat": {"handler": "human"}, "call": {"handler": "human"},
    "phone": {"handler": "human"}, "hotline": {"handler": "human"}, "agent": {"handler": "human"},
    "support": {}, "help": {}, "service": {}, "contact": {}, "helpline": {"handler": "human"},
    "faq": {"handler": "self_service", "need": "information"}, "bot": {"handler": "bot"},
    "chatbot": {"handler": "bot"}, "ivr": {"handler": "ivr"}, "ticket": {"handler": "ticket_queue"},
    "complaint": {"need": "complaint"}, "appeal": {"need": "complaint"}, "helpdesk": {},
    "helpcenter": {"handler": "self_service"},
}  # fmt: skip
_CHANNEL_WORDS: dict[str, str] = {
    "chat": "chat", "livechat": "chat", "chatbot": "chat", "bot": "chat", "call": "phone", "phone": "phone",
    "hotline": "phone", "helpline": "phone", "ivr": "phone", "email": "email", "mail": "email",
    "newsletter": "email", "sms": "sms", "app": "app", "store": "store", "shop": "store", "branch": "store",
    "web": "web", "site": "web", "page": "web", "home": "web", "landing": "web", "social": "social",
    "facebook": "social", "instagram": "social", "letter": "mail", "post": "mail",
}  # fmt: skip
_SPLIT = re.compile(r"[^0-9a-zA-Z]+|(?<=[a-z0-9])(?=[A-Z])")


class Guess(NamedTuple):
    """What the words of a name suggest; None where they say nothing."""

    stage: str | None
    channel: str | None
    service: ServiceInteraction | None


def words_of(name: str) -> list[str]:
    """Split a raw event name into lower-case words.

    Examples
    --------
    >>> words_of("supportChat_started")
    ['support', 'chat', 'started']
    """
    return [word.lower() for word in _SPLIT.split(name) if word]


def readable_name(name: str) -> str:
    """Write a raw event name as people would.

    Examples
    --------
    >>> readable_name("add_to_cart")
    'Add to cart'
    """
    spaced = " ".join(part for part in _SPLIT.split(name) if part)
    return spaced[:1].upper() + spaced[1:] if spaced else name


def guess_from_words(name: str) -> Guess:
    """What do the words of a raw event name suggest?

    Parameters
    ----------
    name : str
        The raw event name.

    Returns
    -------
    Guess
        Stage, channel and service, as far as words tell.

    Examples
    --------
    >>> guess = guess_from_words("support_chat")
    >>> guess.channel, guess.service.handler, guess.stage
    ('chat', 'human', None)
    """
    words = words_of(name)
    stage = next((stage for stage, known in _STAGE_WORDS if known.intersection(words)), None)
    channel = next((_CHANNEL_WORDS[word] for word in words if word in _CHANNEL_WORDS), None)
    hints = [_SERVICE_WORDS[word] for word in words if word in _SERVICE_WORDS]
    service = None
    if hints:
        merged: dict[str, str] = {}
        for hint in hints:
            merged |= hint
        service = ServiceInteraction.model_validate(merged)
    return Guess(stage, channel, service)
