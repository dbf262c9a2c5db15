"""What can be said on the line of `%maggy` and `%%maggy`."""

from __future__ import annotations

import argparse
import keyword
import shlex
from dataclasses import dataclass
from typing import Any, NoReturn

from IPython.core.error import UsageError


@dataclass(frozen=True, slots=True)
class Options:
    """The words of the line, and its options. The letters are those of sparkmagic's `%spark`."""

    words: list[str]
    output: str | None = None
    session: str | None = None
    url: str | None = None
    id: int | None = None
    auth: str | None = None
    user: str = ""
    password: str = ""

    @property
    def afar(self) -> bool:
        """Whether a Livy session is meant, whatever kernel this is."""
        return self.session is not None or self.url is not None or self.id is not None

    def __repr__(self) -> str:
        return f"Options({self.words})"  # the password is nobody's business


def parse(line: str) -> Options:
    """Raises UsageError where it cannot be understood."""
    parser = _Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("-o", dest="output")
    parser.add_argument("-s", dest="session")
    parser.add_argument("-u", dest="url")
    parser.add_argument("-i", dest="id", type=int)
    parser.add_argument("-t", dest="auth")
    parser.add_argument("-a", dest="user", default="")
    parser.add_argument("-p", dest="password", default="")
    try:
        parsed, words = parser.parse_known_args(shlex.split(line))
    except ValueError as error:
        raise UsageError(f"%maggy does not understand that line: {error}") from None
    found = Options(words, **vars(parsed))
    if found.output is not None and (not found.output.isidentifier() or keyword.iskeyword(found.output)):
        raise UsageError(f"-o needs the name of a variable, not {found.output!r:.80}")
    return found


def names_session(line: str) -> bool:
    """Whether the line has -s; what else is wrong with it is for others to say."""
    try:
        return parse(line).session is not None
    except UsageError:
        return False


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"%maggy: {message}")

    def exit(self, status: int = 0, message: str | None = None) -> Any:
        raise UsageError(message or "")
