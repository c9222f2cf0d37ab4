"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from journeymap.errors import WriteError

__all__ = ["write_whole"]


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Write a file so that a reader sees the old content or the new, never a part.

    Parameters
    ----------
    path : str or path-like
        The file; it is replaced where it exists.
    content : str or bytes
        What it shall hold; text is written as UTF-8 as it is.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    WriteError
        The folder is missing, is no folder, has no rights or no room; what stood there still stands.

    Notes
    -----
    The content goes to a new file in the same folder, is flushed to the disk, and takes the name of
    the target in one step. A link is followed, so that the file behind it is replaced.
    """
    file = os.fspath(path)
    target = Path(os.path.realpath(file))
    if target.is_dir():
        raise WriteError.because("cannot be written: it is a folder.", hint="add a file name", where=file)
    data = content.encode("utf-8", errors="surrogatepass") if isinstance(content, str) else content
    part = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        mode = target.stat().st_mode & 0o777 if target.exists() else None
        with part.open("xb") as stream:
            if mode is not None:
                part.chmod(mode)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    except OSError as error:
        raise _refused(error, target, file) from error
    finally:
        _forget(part)
    return Path(file)


def _forget(part: Path) -> None:
    # after success the file has its final name; after a failure no trace of it shall stay
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return


def _refused(error: OSError, target: Path, file: str) -> WriteError:
    folder = target.parent
    if not folder.exists():
        problem, hint = f"cannot be written: there is no folder {str(folder)!r}.", "create the folder first"
    elif not folder.is_dir():
        problem, hint = f"cannot be written: {str(folder)!r} is no folder.", "choose another place"
    elif isinstance(error, PermissionError):
        problem = f"cannot be written: no rights to write in the folder {str(folder)!r}."
        hint = "choose another place, or ask for the rights"
    else:
        problem, hint = f"cannot be written ({error.strerror}).", f"look at the folder {str(folder)!r}"
    return WriteError.because(problem, hint=hint, where=file)
