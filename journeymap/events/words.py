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
_SERVICE_HINTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("call called calls callback phone phoned telephone telephoned rang hotline", {"handler": "human"}),
    ("helpline callcenter callcentre agent agents", {"handler": "human"}),
    # who answers a chat, a mail or a form, its name does not tell
    ("chat livechat support help service contact contacted helpdesk servicedesk", {}),
    ("bot chatbot voicebot", {"handler": "bot"}),
    ("ivr", {"handler": "ivr"}),
    ("faq faqs", {"handler": "self_service", "need": "information"}),
    ("helpcenter helpcentre", {"handler": "self_service"}),
    ("ticket tickets", {"handler": "ticket_queue"}),
    ("complaint complaints complain complains complained complaining appeal appealed", {"need": "complaint"}),
)  # fmt: skip
_SERVICE_WORDS = {word: hint for words, hint in _SERVICE_HINTS for word in words.split()}
# the company begins: some words tell it of whatever stands beside them, some of a word of service alone
_OUTREACH = (("check", "in"), ("checked", "in"), ("checkin",), ("outreach",), ("proactive",))
_BY_COMPANY = (
    ("follow", "up"),
    ("followed", "up"),
    ("followup",),
    ("welcome",),
    ("courtesy",),
    ("outbound",),
)
# where customers check themselves in
_TRAVEL = frozenset("flight airport airline bag baggage hotel room online kiosk counter boarding".split())
_MACHINES = frozenset({"bot", "ivr", "self_service"})
_NO_SERVICE = (("call", "to", "action"), ("service", "plan"), ("service", "plans"))
_CHANNEL_WORDS: dict[str, str] = {
    "chat": "chat", "livechat": "chat", "chatbot": "chat", "bot": "chat", "call": "phone", "phone": "phone",
    "hotline": "phone", "helpline": "phone", "ivr": "phone", "email": "email", "mail": "email",
    "newsletter": "email", "called": "phone", "calls": "phone", "callback": "phone", "phoned": "phone",
    "telephone": "phone", "telephoned": "phone", "rang": "phone", "emailed": "email", "mailed": "email",
    "voicebot": "phone", "sms": "sms", "app": "app", "store": "store", "shop": "store", "branch": "store",
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
    ('chat', None, None)
    >>> guess_from_words("check_in_call").service.initiator
    'company'
    """
    words = words_of(name)
    stage = next((stage for stage, known in _STAGE_WORDS if known.intersection(words)), None)
    channel = next((_CHANNEL_WORDS[word] for word in words if word in _CHANNEL_WORDS), None)
    return Guess(stage, channel, _service(words))


def _service(words: list[str]) -> ServiceInteraction | None:
    """Guess whether it is service, who helps, what with, and who begins."""
    hints = [] if _told(words, _NO_SERVICE) else [_SERVICE_WORDS[w] for w in words if w in _SERVICE_WORDS]
    calls = _told(words, _OUTREACH) and not _TRAVEL.intersection(words)
    if not hints and not calls:
        return None
    merged: dict[str, str] = {}
    for hint in hints:
        merged |= hint
    machine = next((hint["handler"] for hint in hints if hint.get("handler") in _MACHINES), None)
    if machine is not None:  # a call with a bot is a bot's
        merged["handler"] = machine
    if calls or _told(words, _BY_COMPANY):
        merged["initiator"] = "company"
    return ServiceInteraction.model_validate(merged)


def _told(words: list[str], chains: tuple[tuple[str, ...], ...]) -> bool:
    """Whether any of these stands among the words, one word after the other."""
    return any(
        tuple(words[place : place + len(chain)]) == chain for chain in chains for place in range(len(words))
    )
