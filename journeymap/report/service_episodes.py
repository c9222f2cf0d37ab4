"""What is known of episodes of service as rows of text, the first row the head."""

from __future__ import annotations

from journeymap.metrics.episode_parts import EpisodeChain
from journeymap.metrics.episode_results import ServiceEpisodes
from journeymap.report.tables import Rows, share_interval, share_text

__all__ = ["chains_table", "handlers_table", "lengths_table"]

_INTERVAL = "95 % interval"
_REST = "*"
_MOST = 10


def handlers_table(episodes: ServiceEpisodes) -> Rows:
    """List what becomes of contacts with each handler.

    Parameters
    ----------
    episodes : ServiceEpisodes
        What `service_episodes` measured.

    Returns
    -------
    list of tuple of str
        The head, then one row a handler, that with most contacts first.
    """
    rows: Rows = [
        ("In the hands of", "Contacts", "Handed on next", _INTERVAL, "Resolved in the end", _INTERVAL,
         "Contacts until the end")
    ]  # fmt: skip
    for own in episodes.by_handler:
        length = own.contacts_to_end.value
        rows.append(
            (
                _spoken(own.handler),
                f"{own.contacts:,}",
                share_text(own.escalates),
                share_interval(own.escalates),
                share_text(own.resolved),
                share_interval(own.resolved),
                "" if length is None else f"{length:.1f}",
            )
        )
    return rows


def lengths_table(episodes: ServiceEpisodes) -> Rows:
    """List how many contacts episodes take.

    Parameters
    ----------
    episodes : ServiceEpisodes
        What `service_episodes` measured.

    Returns
    -------
    list of tuple of str
        The head, then one row a length, the shortest first.
    """
    rows: Rows = [("Contacts of an episode", "Share of the decided ones", _INTERVAL)]
    return rows + [
        (one.contacts, share_text(one.share), share_interval(one.share)) for one in episodes.lengths
    ]


def chains_table(chains: tuple[EpisodeChain, ...], by: str, *, most: int = _MOST) -> Rows:
    """List through which hands episodes go.

    Parameters
    ----------
    chains : tuple of EpisodeChain
        By handler, by channel or by touchpoint.
    by : str
        Which of these.
    most : int
        How many at most.

    Returns
    -------
    list of tuple of str
        The head, then one row a chain, the most frequent first.
    """
    rows: Rows = [(f"By {by}", "Episodes", "Share", _INTERVAL, "Resolved", "Abandoned", "Customers")]
    for one in chains[:most]:
        rows.append(
            (
                "all that few customers took" if one.chain == _REST else _spoken(one.chain),
                f"{one.episodes:,}",
                share_text(one.share),
                share_interval(one.share),
                f"{one.resolved:,}",
                f"{one.abandoned:,}",
                f"{one.customers:,}",
            )
        )
    return rows


def _spoken(name: str) -> str:
    for written, said in (("unknown", "not known"), ("self_service", "self-service"), (" > ", " → ")):
        name = name.replace(written, said)
    return name.replace("_", " ")
