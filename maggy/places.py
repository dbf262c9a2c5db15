"""Where experiments are: folders of this machine, or places that fsspec knows, such as s3://bucket/searches.

A place in a store is a `UPath` of the package universal_pathlib, used like a `Path` and typed as one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from maggy.exceptions import MaggyError

# Where experiments go unless told otherwise.
ENVIRONMENT = "MAGGY_DIR"
DEFAULT = "maggy-experiments"
# Where the driver's own copies of experiments in stores are.
SPOOL = "MAGGY_SPOOL"

# Here the first name is a bucket or the like, which we do not make, and folders need not be made.
_BUCKETS = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "tos", "r2"}

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(://|::)")


def in_store(place: Any) -> bool:
    """Whether it is in a store, and not a folder of this machine."""
    return not isinstance(place, Path) and hasattr(place, "protocol")


def base_directory(directory: str | os.PathLike[str] | None) -> Path:
    """Where the folders of experiments are: as told, else $MAGGY_DIR, else ./maggy-experiments.

    Raises:
        ValueError, ImportError: it is in a store that cannot be used, in a line that says why.
    """
    return as_place(directory or os.environ.get(ENVIRONMENT) or DEFAULT)


def as_place(given: Any) -> Path:
    """A folder's absolute path, or a place in a store. Raises as `base_directory` does."""
    if in_store(given):
        if given.storage_options.get("use_listings_cache") is False:  # it came from here
            return cast(Path, given)
        text = str(given)
    else:
        text = os.fspath(given)
        if not _URL.match(text):
            return Path(text).expanduser().absolute()
        given = text.rstrip("/")
    _check(text)
    try:
        from upath import UPath
    except ImportError:
        raise ImportError(f"{text}: stores need fsspec: pip install 'maggy[fsspec]'") from None
    try:
        # Listings change under us; other drivers write, too.
        place = UPath(given, use_listings_cache=False)
        _ = place.fs
    except ImportError as error:
        raise ImportError(f"{text}: {error}") from None
    except ValueError as error:
        raise ValueError(f"{text}: {error}") from None
    return cast(Path, place)


def _check(url: str) -> None:
    if urlsplit(url).password:
        raise ValueError("a store's URL must not hold a password: set it in the environment, or for fsspec")
    if set(url) & set("*?["):
        raise ValueError(f"{url}: *, ? and [ are signs of patterns to fsspec: a store's URL cannot have them")


def make_folder(place: Path) -> None:
    """Makes a folder in a store that has such. Raises OSError."""
    if str(getattr(place, "protocol", "")) not in _BUCKETS:
        with asking(place):
            place.mkdir(parents=True, exist_ok=True)


def remove(place: Any) -> None:
    """Removes a folder in a store and what is in it; that it fails does no harm."""
    with contextlib.suppress(Exception):
        place.fs.rm(place.path, recursive=True)


@contextlib.contextmanager
def asking(place: Path) -> Iterator[None]:
    """Within this, what a store's library raises is an OSError that names the place."""
    try:
        yield
    except (OSError, MaggyError):
        raise
    except Exception as error:
        why = " ".join(str(error).split())[:300] or type(error).__name__
        raise OSError(f"{place}: {why}") from error


def spool_of(experiment: Path) -> Path:
    """Where this machine's driver keeps its own copy of an experiment that is in a store.

    It is below $MAGGY_SPOOL, else $XDG_CACHE_HOME/maggy/spool, else ~/.cache/maggy/spool.

    Raises:
        PermissionError: this user has no home, and another one made the folder that would stand in its place.
    """
    url = str(experiment).rstrip("/")
    digest = hashlib.sha256(url.encode()).hexdigest()[:12]
    return _spool() / f"{experiment.name}-{digest}"


def _spool() -> Path:
    told = os.environ.get(SPOOL)
    if told:
        return Path(told).expanduser().absolute()
    cache = os.environ.get("XDG_CACHE_HOME")
    try:
        return (Path(cache) if cache else Path.home() / ".cache") / "maggy" / "spool"
    except RuntimeError:  # this user has no home
        place = Path(tempfile.gettempdir()) / f"maggy-spool-{os.getuid()}"
        if place.is_symlink() or (place.exists() and place.stat().st_uid != os.getuid()):
            raise PermissionError(f"{place} is another user's: set {SPOOL}") from None
        return place


def is_own(path: Path) -> bool:
    """Whether a file or folder of this machine is this user's, and nobody else may write to it."""
    about = path.stat()
    return not hasattr(os, "getuid") or (about.st_uid == os.getuid() and not about.st_mode & 0o022)
