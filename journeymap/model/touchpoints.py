"""Where customer and company meet, and what is known of each meeting."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from journeymap.model.durations import Duration
from journeymap.model.frozen import Frozen, misfit
from journeymap.model.measures import Estimate, MeasuredScore
from journeymap.model.names import shown_name

__all__ = [
    "SELF_SERVICE",
    "STANDARD_CHANNELS",
    "Channel",
    "Driver",
    "EventName",
    "FeelingSource",
    "Handler",
    "Initiator",
    "Need",
    "Owner",
    "PainPoint",
    "ServiceInteraction",
    "Touchpoint",
    "Visits",
]

Driver = Literal[
    "marketing", "sales", "service", "product_quality", "brand_reputation", "price",
    "store_environment", "communications", "ease_of_use", "personalization",
]  # fmt: skip
Need = Literal["information", "advice", "technical_support", "complaint", "transaction"]
Handler = Literal["human", "bot", "ivr", "self_service", "ticket_queue"]
SELF_SERVICE: tuple[Handler, ...] = ("bot", "ivr", "self_service")
Initiator = Literal["customer", "company"]
FeelingSource = Literal["assumed", "researched", "measured"]

STATE_MARK = "@"


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str | dict) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]
Feeling = Annotated[float, Field(ge=-2, le=2)]


class Channel(Frozen):
    """A way to meet: phone, e-mail, chat, store, web, app, mail, social media.

    Parameters
    ----------
    id : str
        The name that touchpoints use.
    name : str
        The name on figures; made from the id when left out.
    response_target : timedelta, optional
        How fast customers of this channel expect an answer.
    public : bool
        Whether others can read along, as on social media.
    """

    id: str
    name: str = ""
    response_target: Duration | None = None
    public: bool = False

    @model_validator(mode="after")
    def _named(self) -> Channel:
        if not self.name:
            object.__setattr__(self, "name", shown_name(self.id))
        return self


STANDARD_CHANNELS: tuple[Channel, ...] = (
    Channel(id="phone"),
    Channel(id="email", name="E-mail"),
    Channel(id="chat"),
    Channel(id="social", name="Social", public=True),
    Channel(id="store"),
    Channel(id="web"),
    Channel(id="app"),
    Channel(id="mail"),
)


class Owner(Frozen):
    """Who answers for a touchpoint: a team of the company or of a partner.

    Parameters
    ----------
    id : str
        The name that touchpoints use.
    name : str
        The name on figures; the id when left out.
    kind : str
        Which part of the company: marketing, product, sales, support, leadership or a word of your own.
    """

    id: str
    name: str = ""
    kind: str = ""

    @model_validator(mode="after")
    def _named(self) -> Owner:
        if not self.name:
            object.__setattr__(self, "name", self.id)
        return self


class PainPoint(Frozen):
    """Something that hurts here.

    Parameters
    ----------
    text : str
        What hurts, in the customer's words.
    severity : int, optional
        1 (a nuisance) to 5 (a reason to leave); None where nobody has said.
    source : {"assumed", "researched", "measured"}
        How it is known.
    """

    text: str
    severity: int | None = Field(default=None, ge=1, le=5)
    source: FeelingSource = "assumed"

    @model_validator(mode="before")
    @classmethod
    def _from_its_text(cls, data: Any) -> Any:
        return {"text": data} if isinstance(data, str) else data


class ServiceInteraction(Frozen):
    """Help given at a moment, at whatever stage: what service is inside the whole experience.

    Parameters
    ----------
    need : str, optional
        What it is about: information, advice, technical_support, complaint or transaction.
    handler : str, optional
        Who or what helps: human, bot, ivr, self_service or ticket_queue.
    initiator : {"customer", "company"}
        Reactive (the customer starts it) or proactive (the company does).
    carries_context : bool, optional
        Whether customers need not repeat themselves when they come on from elsewhere; None if not known.
    """

    need: Need | None = None
    handler: Handler | None = None
    initiator: Initiator = "customer"
    carries_context: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain_yes(cls, data: Any) -> Any:
        return {} if data is True else data

    @property
    def family(self) -> Literal["human", "support"]:
        """Is it the human element, judged by attitude, or support that needs no person?"""
        return "human" if self.handler in {"human", None} else "support"


class EventName(Frozen):
    """A raw event that belongs to a touchpoint, where needed only in one channel.

    Parameters
    ----------
    event : str
        The name as it stands in the log.
    channel : str, optional
        The value in the log's channel column that it must come with.
    """

    event: str
    channel: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_its_name(cls, data: Any) -> Any:
        return {"event": data} if isinstance(data, str) else data


class Visits(Frozen):
    """What was counted on a touchpoint of an observed journey (all of it, after the goal as well).

    Parameters
    ----------
    count : int
        Visits: events on the touchpoint.
    customers, journeys : int
        Distinct customers and journeys that came here.
    share : float
        Journeys that came here / all journeys, 0 to 1.
    entries : int
        Journeys that begin here.
    lost, open, goal : int
        Journeys whose last event is here, by how they ended: lost, not decided yet, won.
    position : float
        Mean place in the journey, 0 (first event) to 1 (last event).
    """

    count: int
    customers: int
    journeys: int
    share: float
    entries: int = 0
    lost: int = 0
    open: int = 0
    goal: int = 0
    position: float = 0.0


class Touchpoint(Frozen):
    """A column of the map and a node of the graph: one meeting of customer and company.

    Parameters
    ----------
    id : str
        The short stable name; the node's name in ``journey.graph``.
    name : str
        The name on figures; made from the id when left out.
    stage : str, optional
        The id of its stage. None where it floats: a help line serves customers of every stage, and
        an observed journey holds it once for each stage in which customers used it (``phone@purchase``).
    channels : tuple of str
        Where it happens; free names, the usual ones stand in `STANDARD_CHANNELS`.
    driver : str, optional
        The driver of experience that it belongs to, one of the ten of `Driver`.
    owner : str, optional
        The team that answers for it.
    doing, thinking : str
        What customers do and think here.
    feeling : float, optional
        −2 (very negative) to +2 (very positive).
    feeling_source : {"assumed", "researched", "measured"}
        How the feeling is known.
    expectation : float, optional
        What customers expect to feel here, −2 to +2.
    pain_points : tuple of PainPoint
        What hurts.
    opportunities : tuple of str
        What could be done.
    moment_of_truth : bool
        Whether the relationship is decided here.
    importance : float, optional
        How much it matters to customers, 0 to 1.
    frontstage, backstage, systems, evidence : tuple of str
        The lanes of a service blueprint: what staff and screens show, what is done out of sight, the
        systems that carry it, the physical evidence customers hold.
    service : ServiceInteraction, optional
        Given where this is a service interaction.
    events : tuple of EventName
        The raw events of a log that are visits here; its id when left out.
    entry_share : float, optional
        The share of journeys that begin here, 0 to 1.
    guessed : tuple of str
        The fields that a program guessed and nobody has confirmed yet.
    floats_as : str, optional
        In an observed journey, the id of the floating touchpoint of which this is one stage.
    visits : Visits, optional
        What was counted, in an observed journey.
    measured_feeling : Estimate, optional
        The measured feeling with its interval, from events or from answers.
    scores : tuple of MeasuredScore
        What other questions found here, with intervals.
    """

    id: str = Field(min_length=1)
    name: str = ""
    stage: str | None = None
    channels: Texts = ()
    driver: Driver | None = None
    owner: str | None = None
    doing: str = ""
    thinking: str = ""
    feeling: Feeling | None = None
    feeling_source: FeelingSource = "assumed"
    expectation: Feeling | None = None
    pain_points: Annotated[tuple[PainPoint, ...], BeforeValidator(_several)] = ()
    opportunities: Texts = ()
    moment_of_truth: bool = False
    importance: float | None = Field(default=None, ge=0, le=1)
    frontstage: Texts = ()
    backstage: Texts = ()
    systems: Texts = ()
    evidence: Texts = ()
    service: ServiceInteraction | None = None
    events: Annotated[tuple[EventName, ...], BeforeValidator(_several)] = ()
    entry_share: float | None = Field(default=None, ge=0, le=1)
    guessed: Texts = ()
    floats_as: str | None = None
    visits: Visits | None = None
    measured_feeling: Estimate | None = None
    scores: tuple[MeasuredScore, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Touchpoint:
        if not self.name:
            object.__setattr__(self, "name", shown_name(self.id.replace("-", " ")) or self.id)
        for number, field in enumerate(self.guessed):
            if field not in type(self).model_fields:
                raise misfit(
                    f"guessed names no field: {field!r}.",
                    "guessed",
                    number,
                    expected=f"Expected fields of a touchpoint, as in: {', '.join(GUESSABLE)}.",
                )
        return self

    @property
    def is_service(self) -> bool:
        """Is it a service interaction?"""
        return self.service is not None

    @property
    def raw_events(self) -> tuple[EventName, ...]:
        """The raw events that are visits here; the id itself where none are named."""
        return self.events or (EventName(event=self.floats_as or self.id),)


GUESSABLE = ("stage", "channels", "service", "name", "owner", "driver")
DRIVERS: tuple[str, ...] = get_args(Driver)
