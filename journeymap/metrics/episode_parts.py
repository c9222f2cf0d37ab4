"""What is known of service episodes: their lengths, the hands they pass through, and self-service."""

from __future__ import annotations

from journeymap.model.frozen import Frozen
from journeymap.model.measures import Estimate

__all__ = ["EpisodeChain", "EpisodeLength", "HandlerChain", "SelfServiceSessions"]


class EpisodeLength(Frozen):
    """How many episodes take so many contacts.

    Parameters
    ----------
    contacts : str
        ``1`` to ``9``, or ``10+``.
    share : Estimate
        Of the decided episodes.
    """

    contacts: str
    share: Estimate


class EpisodeChain(Frozen):
    """Through which hands episodes go, and what becomes of them.

    Parameters
    ----------
    chain : str
        Handlers, channels or touchpoints in order, ``bot > human``; ``*`` for all that few customers took.
    episodes, customers : int
        How many.
    resolved, abandoned : int
        Episodes after which the journey goes on, and does not; the rest are open.
    share : Estimate
        Of all episodes.
    """

    chain: str
    episodes: int
    customers: int
    resolved: int
    abandoned: int
    share: Estimate


class HandlerChain(Frozen):
    """What becomes of contacts with one kind of handler.

    Parameters
    ----------
    handler : str
        human, bot, ivr, self_service, ticket_queue, or ``unknown``.
    contacts, customers : int
        Contacts that end early enough before the end of the observation to be followed.
    escalates : Estimate
        The share directly followed, in the episode, by a contact at another touchpoint or in another channel.
    resolved : Estimate
        The probability that the episode is resolved in the end, over whatever contacts come in between.
    contacts_to_end : Estimate
        How many contacts it takes from here to the end of the episode, this one included.
    """

    handler: str
    contacts: int
    customers: int
    escalates: Estimate
    resolved: Estimate
    contacts_to_end: Estimate


class SelfServiceSessions(Frozen):
    """What becomes of contacts with a bot, an IVR or self-service.

    Parameters
    ----------
    deflection : Estimate
        Sessions not handed on to a person or queue / sessions.
    containment : Estimate
        Sessions not handed on and followed by progress of the journey, not by another contact / sessions.
    hidden_failures : Estimate
        The difference: sessions that pass for a success without helping; ``came_back + gave_up``.
    came_back : Estimate
        Sessions followed by another one of self-service in the episode / sessions.
    gave_up : Estimate
        Sessions after which neither another contact nor the journey follows / sessions.
    """

    deflection: Estimate
    containment: Estimate
    hidden_failures: Estimate
    came_back: Estimate
    gave_up: Estimate
