"""Makes the TypeScript types of what travels between Python and the browser.

python -m tools.contract            writes js/src/contract.ts
python -m tools.contract --check    fails where the file is not what it would write
"""

from __future__ import annotations

import sys
import types
from dataclasses import fields
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from maggy.bridge import contract
from maggy.core import events

FILE = Path(__file__).parent.parent / "js" / "src" / "contract.ts"
HEAD = """\
// Made by `python -m tools.contract` from maggy/core/events.py and maggy/bridge/contract.py. Do not edit.

/** JSON has no NaN and no infinity: they are spelled as strings, which Number() reads. */
export type Float = number | "NaN" | "Infinity" | "-Infinity";
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
"""
RECORD = """\
/** An event with its number and its time (seconds since the epoch). */
export type Record = { seq: number; time: number } & Event;

/** A record on its way: the numbers of a TrialProgressed travel in the buffer beside it. */
export type PackedRecord = { seq: number; time: number } & (
  | Exclude<Event, TrialProgressed>
  | { type: "TrialProgressed"; trial: string; points: number }
);
"""
PLAIN = {str: "string", int: "number", float: "Float", bool: "boolean"}


def render() -> str:
    """The whole file."""
    parts = [HEAD]
    parts += _union("Event", events.Event.__args__)
    parts.append(RECORD)
    parts += _union("Message", contract.Message.__args__)
    parts += _union("Request", contract.Request.__args__)
    return "\n".join(parts)


def _union(name: str, classes: tuple[type, ...]) -> list[str]:
    members = "".join(f"\n  | {cls.__name__}" for cls in classes)
    return [*map(_interface, classes), f"export type {name} ={members};\n"]


def _interface(cls: type) -> str:
    doc = (cls.__doc__ or "").strip().splitlines()[0]
    hints = get_type_hints(cls)
    lines = [f"/** {doc} */", f"export interface {cls.__name__} {{", f'  type: "{cls.__name__}";']
    lines += [f"  {f.name}: {_field(f.name, hints[f.name])};" for f in fields(cls)]
    return "\n".join([*lines, "}\n"])


def _field(name: str, kind: Any) -> str:
    return "PackedRecord[]" if name == "records" else _type(kind)


def _type(kind: Any) -> str:
    if get_origin(kind) is tuple:
        inner = _type(get_args(kind)[0])
        return f"{inner}[]"
    if get_origin(kind) is dict:
        inner = get_args(kind)[1]
        return f"{{ [key: string]: {'Json' if inner is Any else _type(inner)} }}"
    if get_origin(kind) in (Union, types.UnionType):
        return f"{_type(get_args(kind)[0])} | null"
    return PLAIN[kind]


def main() -> None:
    if "--check" not in sys.argv:
        FILE.write_text(render())
    elif not FILE.exists() or FILE.read_text() != render():
        sys.exit("js/src/contract.ts is not what Python's contract says: run python -m tools.contract")


if __name__ == "__main__":
    main()
