"""The stages of a journey, in the order in which customers reach them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_validator

from journeymap.errors import nearest
from journeymap.model.frozen import Frozen, misfit
from journeymap.model.names import shown_name

__all__ = ["STANDARD_STAGES", "UNASSIGNED", "Period", "Stage"]

Period = Literal["before", "during", "after"]


class Stage(Frozen):
    """A part of the journey with one purpose: becoming aware, choosing, buying, using, staying.

    Parameters
    ----------
    id : str
        The short name that touchpoints refer to.
    name : str
        The name on figures; made from the id when left out.
    period : {"before", "during", "after"}
        Where the stage lies relative to the purchase.
    description : str
        What happens here, in a sentence.
    """

    id: str
    name: str = ""
    period: Period
    description: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_its_name(cls, data: Any) -> Any:
        if isinstance(data, str):
            standard = {stage.id: stage for stage in STANDARD_STAGES}
            if data not in standard:
                close = nearest(data, standard)
                raise misfit(
                    f"no standard stage {data!r}.",
                    expected=f"Expected one of: {', '.join(standard)}; or a mapping (id, name, period).",
                    hint=f"did you mean {close!r}?" if close else "",
                )
            return standard[data].model_dump()
        return data

    @model_validator(mode="after")
    def _named(self) -> Stage:
        if not self.name:
            object.__setattr__(self, "name", shown_name(self.id))
        return self


STANDARD_STAGES: tuple[Stage, ...] = (
    Stage(id="discovery", name="Discovery", period="before",
          description="How customers find you and what they learn."),
    Stage(id="evaluation", name="Evaluation", period="before",
          description="Understanding the offer and comparing it."),
    Stage(id="purchase", name="Purchase", period="during",
          description="Checkout, contract, sign-up."),
    Stage(id="post_purchase", name="Post-purchase", period="after",
          description="Onboarding, use, support, follow-up."),
    Stage(id="loyalty", name="Loyalty", period="after",
          description="Engaged, coming back, recommending."),
)  # fmt: skip

UNASSIGNED = Stage(
    id="unassigned",
    name="Unassigned",
    period="before",
    description="Raw events that no design has placed yet.",
)
