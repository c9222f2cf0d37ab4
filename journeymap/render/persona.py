"""For whom is the journey: who they are, what they want, and how many they are?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import cos, pi, sin

from matplotlib.axes import Axes

from journeymap.analysis.wording import joined, percent
from journeymap.errors import require
from journeymap.model.journey import Journey, Persona
from journeymap.model.names import shown_name
from journeymap.model.touchpoints import STANDARD_CHANNELS
from journeymap.render.chart_parts import MARGIN, heading
from journeymap.render.facts import journey_facts
from journeymap.render.legend import with_legend
from journeymap.render.paint import paint
from journeymap.render.scene import SHAPE, TINT, Box, Item, Label, LegendEntry, Polygon, Scene
from journeymap.render.text import line_height, text_width, wrap
from journeymap.render.theme import DEFAULT_THEME, Theme

__all__ = ["describe_persona", "draw_persona", "persona_scene"]

_WIDTH, _LEAST, _GAP = 3.2, 4.2, 0.25
_IN_ROW = 4
_EDGE = 0.2  # from the border of a card to its content
_CIRCLE, _CORNERS = 0.74, 72
_CHANNELS = 5
_SENTENCE = 6.0


def draw_persona(
    persona: Persona | Sequence[Persona] | Journey,
    *,
    ax: Axes | None = None,
    theme: Theme = DEFAULT_THEME,
    journey: Journey | None = None,
) -> Axes:
    """Who is the journey for: a card for each persona?

    Parameters
    ----------
    persona : Persona, sequence of Persona, or Journey
        Whose card; of a journey those of all its personas, up to four beside each other.
    ax : Axes, optional
        Where to draw; a new figure of the size it needs when left out.
    theme : Theme
        Colours, sizes and words.
    journey : Journey, optional
        Puts its name above the cards, and gives the names of its channels.

    Returns
    -------
    Axes
        With one unit an inch, y downwards.

    Examples
    --------
    >>> maya = Persona(id="maya", description="29, switches provider to save money", share=0.4)
    >>> ax = draw_persona(maya)
    >>> [text.get_text() for text in ax.texts][:2]
    ['M', 'Maya']
    """
    return paint(persona_scene(persona, theme=theme, journey=journey), ax, theme)


def persona_scene(
    persona: Persona | Sequence[Persona] | Journey,
    *,
    theme: Theme = DEFAULT_THEME,
    journey: Journey | None = None,
) -> Scene:
    """Where does everything stand on the cards?

    Parameters
    ----------
    persona : Persona, sequence of Persona, or Journey
        Whose cards.
    theme : Theme
        Colours, sizes and words.
    journey : Journey, optional
        For the title and the names of channels.

    Returns
    -------
    Scene
        Cards of 3.2 × 4.2 inches, higher where a persona has more to tell; a sentence where there is none.
    """
    personas, journey = _personas(persona, journey)
    width = _page(len(personas), theme) if personas else _SENTENCE
    items: list[Item] = []
    y = 0.3
    if journey is not None:
        items, y = heading(journey.name, _facts(personas, journey, theme), width, theme)
        y += 0.22
    if not personas:
        words = theme.word("There is no persona yet: add one to the journey.")
        items.append(Label(x=MARGIN, y=y, text=words, size=theme.body_size, colour=theme.ink))
        y += 0.2
    across = _across(theme)
    for start in range(0, len(personas), across):
        row = personas[start : start + across]
        cards = [
            _card(one, MARGIN + (_WIDTH + _GAP) * place, y, journey, theme) for place, one in enumerate(row)
        ]
        least = _LEAST if any(_tells(one) for one in row) else 0.0
        height = max(least, *(bottom - y for _, bottom in cards))
        for place, (card, _) in enumerate(cards):
            items += [_ground(MARGIN + (_WIDTH + _GAP) * place, y, height, theme), *card]
        y += height + _GAP
    title = journey.name if journey is not None else joined([one.name for one in personas])
    return with_legend(
        items,
        _legend(theme),
        y=y - 0.08,
        width=width,
        theme=theme,
        title=f"{theme.word('Personas')}: {title}",
        description=describe_persona(personas, journey=journey),
    )


def _facts(personas: Sequence[Persona], journey: Journey, theme: Theme) -> list[str]:
    facts = journey_facts(journey, theme, about="Persona" if len(personas) == 1 else "Personas")
    if journey.observation is not None and any(one.share is not None for one in personas):
        facts.append(theme.word("shares from the design"))  # nobody counted who of the customers is like whom
    return facts


def _personas(
    value: Persona | Sequence[Persona] | Journey, journey: Journey | None
) -> tuple[tuple[Persona, ...], Journey | None]:
    if isinstance(value, Journey):
        return value.personas, value
    several = tuple(value) if isinstance(value, list | tuple) else (value,)
    for one in several:
        require(one, Persona, "draw_persona", hint="take them from a journey: journey.personas")
    return several, journey


def _tells(persona: Persona) -> bool:
    """Say whether there is more than a name: a card of nothing else stays small."""
    texts = (persona.description, persona.quote, persona.goals, persona.needs, persona.frustrations)
    return bool(any(texts) or persona.channels)


def _across(theme: Theme) -> int:
    """How many cards fit beside each other, on a page of one width also in large type?"""
    room = (_IN_ROW * (_WIDTH + _GAP)) / theme.scale
    return max(1, min(_IN_ROW, int(room / (_WIDTH + _GAP) + 1e-9)))


def _page(count: int, theme: Theme) -> float:
    return 2 * MARGIN + min(count, _across(theme)) * (_WIDTH + _GAP) - _GAP


def _ground(x: float, y: float, height: float, theme: Theme) -> Box:
    return Box(
        x=x,
        y=y,
        width=_WIDTH,
        height=height,
        radius=0.08,
        fill=theme.paper,
        edge=theme.touchpoint_edge,
        z=TINT,
    )


def _card(
    persona: Persona, left: float, top: float, journey: Journey | None, theme: Theme
) -> tuple[list[Item], float]:
    """Lay one card from top to bottom; parts that nobody has filled in are left out."""
    x, width = left + _EDGE, _WIDTH - 2 * _EDGE
    items, y = _head(persona, x, top + _EDGE, width, theme)
    if persona.description.strip():
        said, y = _text(persona.description, x, y + 0.12, width, theme)
        items += said
    if persona.quote.strip():
        said, y = _quote(persona.quote, x, y + 0.14, width, theme)
        items += said
    for name, texts in (
        ("goals", persona.goals),
        ("needs", persona.needs),
        ("frustrations", persona.frustrations),
    ):
        if texts:
            said, y = _list(name, texts, x, y + 0.16, width, theme)
            items += said
    if persona.channels:
        said, y = _channels(persona.channels, x, y + 0.16, width, journey, theme)
        items += said
    return items, y + _EDGE - 0.02


def _head(persona: Persona, x: float, y: float, width: float, theme: Theme) -> tuple[list[Item], float]:
    """Lay the initials in a circle, the name, and the share of customers."""
    radius = _CIRCLE / 2
    centre = (x + radius, y + radius)
    turns = (2 * pi * step / _CORNERS for step in range(_CORNERS))
    round_ = tuple((centre[0] + radius * cos(turn), centre[1] + radius * sin(turn)) for turn in turns)
    middle = centre[1]
    items: list[Item] = [
        Polygon(points=round_, fill=theme.muted),
        Label(
            x=centre[0], y=middle, text=_initials(persona.name), size=theme.title_size, weight="bold",
            ha="center", va="center", colour=theme.text_on(theme.muted),
            inside=Box(x=x, y=y, width=_CIRCLE, height=_CIRCLE),
        ),
    ]  # fmt: skip
    left, room = x + _CIRCLE + 0.16, width - _CIRCLE - 0.16
    size = theme.title_size - 2.5
    lines = wrap(persona.name, room, size, "bold", family=theme.family)
    if len(lines) > 2 or any(line.endswith("-") for line in lines):
        size = theme.touchpoint_size + 0.5
        lines = wrap(persona.name, room, size, "bold", 4, family=theme.family)
    name = Label(
        x=left, y=0, text="\n".join(lines), size=size, weight="bold", line_height=1.15, colour=theme.ink
    )
    high = name.height + (0.0 if persona.share is None else 0.31)
    start = max(y, middle - high / 2)
    items.append(name.moved(0, start))
    if persona.share is not None:
        items += _share(persona.share, left, start + name.height + 0.05, room, theme)
    return items, max(y + _CIRCLE, start + high)


def _initials(name: str) -> str:
    """Take the first letters of the first and the last word; one where there is no second."""
    words = [word.lstrip("“\"'(„«") for word in name.split()]
    letters = [word[0].upper() for word in words if word]
    if len(letters) < 2 or not all(letter.isalpha() for letter in letters):
        return letters[0] if letters else "?"
    return letters[0] + letters[-1]


def _share(share: float, x: float, y: float, room: float, theme: Theme) -> Iterable[Item]:
    yield Label(
        x=x,
        y=y,
        text=f"{percent(share)} {theme.word('of customers')}",
        size=theme.small_size,
        colour=theme.muted,
    )
    below = y + line_height(theme.small_size) + 0.04
    yield Box(x=x, y=below, width=room, height=0.07, fill=theme.rule, mark="share")
    if share > 0:
        yield Box(
            x=x,
            y=below,
            width=max(0.01, room * share),
            height=0.07,
            fill=theme.muted,
            z=SHAPE + 0.1,
            mark="share",
        )


def _text(text: str, x: float, y: float, width: float, theme: Theme) -> tuple[list[Item], float]:
    lines = wrap(text, width, theme.body_size, family=theme.family)
    label = Label(x=x, y=y, text="\n".join(lines), size=theme.body_size, colour=theme.ink)
    return [label], y + label.height


def _quote(text: str, x: float, y: float, width: float, theme: Theme) -> tuple[list[Item], float]:
    size = theme.body_size + 0.5
    said = text.strip() if text.strip()[0] in '“"„«「' else f"“{text.strip()}”"
    lines = wrap(said, width - 0.16, size, style="italic", family=theme.family)
    label = Label(x=x + 0.14, y=y, text="\n".join(lines), size=size, style="italic", colour=theme.muted)
    bar = Box(x=x, y=y + 0.01, width=0.035, height=label.height - 0.02, fill=theme.neutral)
    return [bar, label], y + label.height


def _list(
    name: str, texts: Sequence[str], x: float, y: float, width: float, theme: Theme
) -> tuple[list[Item], float]:
    items: list[Item] = [_title(name, x, y, theme)]
    y += line_height(theme.tick_size) + 0.04
    for text in texts:
        lines = wrap(text, width - 0.14, theme.body_size, family=theme.family)
        if not lines:
            continue
        label = Label(x=x + 0.14, y=y, text="\n".join(lines), size=theme.body_size, colour=theme.ink)
        middle = y + line_height(theme.body_size) / 2
        items += [Box(x=x + 0.01, y=middle - 0.03, width=0.06, height=0.06, fill=theme.muted), label]
        y += label.height + 0.03
    return items, y - 0.03


def _title(name: str, x: float, y: float, theme: Theme) -> Label:
    return Label(
        x=x, y=y, text=theme.word(name).upper(), size=theme.tick_size, weight="bold", colour=theme.muted
    )


def _channels(
    channels: Sequence[str], x: float, y: float, width: float, journey: Journey | None, theme: Theme
) -> tuple[list[Item], float]:
    """Draw a bar for each channel, shorter from rank to rank: an order, because no amounts are known."""
    items: list[Item] = [_title("preferred channels", x, y, theme)]
    note = theme.word("in this order")
    taken = text_width(
        items[0].text if isinstance(items[0], Label) else "", theme.tick_size, "bold", family=theme.family
    )
    items.append(Label(x=x + taken + 0.08, y=y, text=note, size=theme.tick_size, colour=theme.muted))
    y += line_height(theme.tick_size) + 0.05
    shown = list(channels)[:_CHANNELS]
    names = [_channel_name(journey, channel) for channel in shown]
    widest = max(text_width(name, theme.body_size, family=theme.family) for name in names)
    column = min(widest, width * 0.5)
    for rank, name in enumerate(names):
        lines = wrap(name, column + 0.02, theme.body_size, max_lines=2, family=theme.family)
        label = Label(x=x, y=y, text="\n".join(lines), size=theme.body_size, colour=theme.ink)
        length = (width - column - 0.12) * (len(names) - rank) / len(names)
        middle = y + label.height / 2
        items += [
            label,
            Box(
                x=x + column + 0.12,
                y=middle - 0.045,
                width=length,
                height=0.09,
                fill=theme.neutral,
                mark="rank",
            ),
        ]
        y += label.height + 0.03
    if len(channels) > len(shown):
        more = ", ".join(_channel_name(journey, channel) for channel in channels[_CHANNELS:])
        lines = wrap(f"{theme.word('then')} {more}", width, theme.small_size, family=theme.family)
        label = Label(x=x, y=y, text="\n".join(lines), size=theme.small_size, colour=theme.muted)
        items.append(label)
        y += label.height + 0.03
    return items, y - 0.03


def _channel_name(journey: Journey | None, channel: str) -> str:
    own = journey.channels if journey is not None else ()
    names = {known.id: known.name for known in (*STANDARD_CHANNELS, *own)}
    return names.get(channel, shown_name(channel))


def _legend(theme: Theme) -> list[LegendEntry]:
    track = Box(x=0, y=-0.035, width=0.3, height=0.07, fill=theme.rule)
    part = Box(x=0, y=-0.035, width=0.13, height=0.07, fill=theme.muted, z=SHAPE + 0.1)
    ranks = tuple(
        Box(x=0, y=y, width=width, height=0.05, fill=theme.neutral)
        for y, width in ((-0.065, 0.3), (0.015, 0.16))
    )
    return [
        LegendEntry(mark="share", marks=(track, part), width=0.3, text="share of all customers"),
        LegendEntry(mark="rank", marks=ranks, width=0.3, text="first choice longest: ranks, no amounts"),
    ]


def describe_persona(
    persona: Persona | Sequence[Persona] | Journey, *, journey: Journey | None = None
) -> str:
    """What do the cards say, in sentences?

    Parameters
    ----------
    persona : Persona, sequence of Persona, or Journey
        Whose cards.
    journey : Journey, optional
        For its name and the names of its channels.

    Returns
    -------
    str
        One paragraph a persona, uncut.

    Examples
    --------
    >>> print(describe_persona(Persona(id="maya", description="Switches to save money.", channels=["app"])))
    Maya. Switches to save money. Prefers, in this order: App.
    """
    personas, journey = _personas(persona, journey)
    opening = []
    if journey is not None:
        names = f": {joined([one.name for one in personas])}" if personas else ""
        count = len(personas)
        opening = [f"{journey.name}: {count or 'no'} persona{'' if count == 1 else 's'}{names}."]
    elif not personas:
        opening = ["There is no persona."]
    return "\n".join([*opening, *(_in_words(one, journey) for one in personas)])


def _in_words(persona: Persona, journey: Journey | None) -> str:
    parts = [persona.name, persona.description]
    parts += [f"“{persona.quote.strip()}”"] if persona.quote.strip() else []
    parts += [
        f"{name}: {'; '.join(text.rstrip('.') for text in texts)}"
        for name, texts in (
            ("Goals", persona.goals), ("Needs", persona.needs), ("Frustrations", persona.frustrations),
        )
        if texts
    ]  # fmt: skip
    if persona.channels:
        names = [_channel_name(journey, channel) for channel in persona.channels]
        parts.append(f"Prefers, in this order: {', '.join(names)}")
    if persona.share is not None:
        parts.append(f"{percent(persona.share)} of customers")
    return " ".join(_ended(part) for part in parts if part.strip())


def _ended(text: str) -> str:
    words = " ".join(text.split())
    return words if words.endswith((".", "?", "!", "”", "。", "？", "！", "…")) else f"{words}."
