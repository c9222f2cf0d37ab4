"""A file as read: its plain values, and on which line each of them stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from journeymap.errors import FileFormatError, nearest

__all__ = ["Document", "Place", "place_text", "read_text"]

Place = tuple[str | int, ...]

_KINDS = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\x1f\x8b": "a gzip file",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"SQLite format 3": "an SQLite database",
}


@dataclass(frozen=True, slots=True)
class Document:
    """Plain values with their places.

    Parameters
    ----------
    file : str
        The file's name as it was given.
    data : Any
        Mappings, lists, text, numbers, booleans and None.
    find_line : callable
        The line, counted from 1, of the deepest known part of a place.
    """

    file: str
    data: Any
    find_line: Callable[[Place], int]

    def where(self, place: Place) -> str:
        """Name a place as ``file:line: path``.

        Parameters
        ----------
        place : tuple of str and int
            Keys and positions from the top of the document.

        Returns
        -------
        str
            For example ``broadband.yaml:31: touchpoints[4] (checkout), stage``.
        """
        text = place_text(self.data, place)
        start = f"{self.file}:{self.find_line(place)}"
        return f"{start}: {text}" if text else start


def place_text(data: Any, place: Place) -> str:
    """Write a path the way people say it, with the id of every value on the way.

    Parameters
    ----------
    data : Any
        The plain values of the document.
    place : tuple of str and int
        Keys and positions from the top; parts below a plain text (which stands for a list or a
        mapping of one) are left out.

    Returns
    -------
    str
        The path; empty for the whole document.

    Examples
    --------
    >>> place_text({"touchpoints": [{"id": "ad", "feeling": 7}]}, ("touchpoints", 0, "feeling"))
    'touchpoints[0] (ad), feeling'
    """
    parts: list[str] = []
    value = data
    for item in place:
        if isinstance(item, int) and isinstance(value, list):
            value = value[item] if item < len(value) else None
            name = _own_name(value)
            parts[-1:] = [f"{parts[-1] if parts else ''}[{item}]{f' ({name})' if name else ''}"]
        elif isinstance(item, str) and isinstance(value, dict):
            parts.append(item)
            value = value.get(item)
        else:
            break
    return ", ".join(parts)


def _own_name(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("id"), str):
        return str(value["id"])
    if "source" in value and "target" in value:
        return f"{value['source']} → {value['target']}"
    return None


def read_text(path: Path, file: str) -> str:
    """Read a text file, or say what it is instead.

    Parameters
    ----------
    path : Path
        The file.
    file : str
        Its name for messages.

    Returns
    -------
    str
        The text, without a byte order mark.

    Raises
    ------
    FileFormatError
        There is no such file, it is a folder, cannot be opened, or holds no UTF-8 text.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise _missing(path, file) from error
    except NotADirectoryError as error:
        raise _missing(path, file) from error
    except IsADirectoryError as error:
        raise FileFormatError.because(
            "this is a folder.", expected="Expected a journey file.", hint="name the file in it", where=file
        ) from error
    except OSError as error:
        raise FileFormatError.because(
            f"cannot be read ({error.strerror}).", hint="check the rights of the file", where=file
        ) from error
    return _decoded(content, file)


def _decoded(content: bytes, file: str) -> str:
    expected = "Expected a journey written as UTF-8 text (YAML or JSON)."
    for start, kind in _KINDS.items():
        if content.startswith(start):
            raise FileFormatError.because(f"this is {kind}.", expected=expected, where=file)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileFormatError.because(
            "the text is encoded as UTF-16.", expected=expected, hint="save it as UTF-8", where=file
        )
    if b"\x00" in content:
        raise FileFormatError.because("this is a binary file.", expected=expected, where=file)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileFormatError.because(
            f"byte 0x{content[error.start]:02x} is no UTF-8 text.",
            expected=expected,
            hint="save the file with the encoding UTF-8",
            where=f"{file}:{line}",
        ) from error
    if not text or text.isspace():
        raise FileFormatError.because(
            "the file is empty.",
            expected="Expected a journey.",
            hint="journeymap new writes a commented template",
            where=file,
        )
    return text


def _missing(path: Path, file: str) -> FileFormatError:
    folder = path.parent
    if not folder.is_dir():
        return FileFormatError.because(
            "no such file.", hint=f"there is no folder {str(folder)!r}", where=file
        )
    close = nearest(path.name, [other.name for other in folder.iterdir() if other.is_file()])
    return FileFormatError.because(
        "no such file.", hint=f"did you mean {str(folder / close)!r}?" if close else None, where=file
    )
