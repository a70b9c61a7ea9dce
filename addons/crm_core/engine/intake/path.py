# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where in a payload a value is: ``data.phone``, ``items[0].name``, ``formDetail[name=姓名].value``, ``a|b``.

- ``.`` goes into an object; a name with dots or brackets is quoted: ``["contact.name"]``
- ``[0]`` is an entry of a list, ``[-1]`` the last one
- ``[name=姓名]`` is the first entry of a list whose ``name`` is 姓名 (``*`` at the end: begins with)
- ``a|b`` is the first of several paths that has a value
- a text that holds JSON is gone into as if it were an object
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Union

from .body import parse_json
from .problem import ParseProblem

_STEP = re.compile(
    r"""
    \[\s*(?P<index>-?\d{1,6})\s*\]
    | \[\s*"(?P<quoted>[^"]+)"\s*\]
    | \[\s*(?P<key>[^\[\]="]+?)\s*=\s*(?P<value>[^\[\]]*?)\s*\]
    | (?P<name>[^.\[\]|"]+)
    """,
    re.VERBOSE,
)


class PathError(ValueError):
    """The text is not a path; the message says where it goes wrong."""


@dataclass(frozen=True)
class Where:
    """Step to the first entry of a list whose ``key`` equals ``value``."""

    key: str
    value: str

    def matches(self, entry: Any) -> bool:
        if not isinstance(entry, dict):
            return False
        found = str(entry.get(self.key, "")).strip()
        return found.startswith(self.value[:-1]) if self.value.endswith("*") else found == self.value


Step = Union[str, int, Where]


@lru_cache(maxsize=4096)
def compile_path(text: str) -> tuple[tuple[Step, ...], ...]:
    """The alternatives of a path, each a tuple of steps.

    >>> compile_path("formDetail[name=姓名].value|imName")
    (('formDetail', Where(key='name', value='姓名'), 'value'), ('imName',))

    :raise PathError: naming the character
    """
    alternatives = []
    for alternative in re.split(r"\|(?![^\[]*\])", text):
        steps: list[Step] = []
        position = 0
        alternative = alternative.strip()
        while position < len(alternative):
            if alternative[position] == "." and steps:
                position += 1
            match = _STEP.match(alternative, position)
            if not match:
                raise PathError("%s: unexpected %r at character %d" % (text, alternative[position : position + 1], position + 1))
            steps.append(_step(match))
            position = match.end()
        if not steps:
            raise PathError("%s: a path is empty" % text)
        alternatives.append(tuple(steps))
    return tuple(alternatives)


def _step(match: re.Match[str]) -> Step:
    if match["index"]:
        return int(match["index"])
    if match["key"]:
        return Where(match["key"], match["value"])
    return match["quoted"] or match["name"].strip()


def find(data: Any, path: str) -> Any:
    """The value at a path, None where there is none.

    >>> find({"formDetail": [{"name": "姓名", "value": "张伟"}]}, "formDetail[name=姓名].value")
    '张伟'
    >>> find({"bundle": '{"city": "深圳"}'}, "town|bundle.city")
    '深圳'
    """
    for steps in compile_path(path):
        value = data
        for step in steps:
            value = _go(value, step)
        if value not in (None, "", [], {}):
            return value
    return None


def _go(value: Any, step: Step) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            value = parse_json(value)
        except ParseProblem:
            return None
    if isinstance(step, str):
        return value.get(step) if isinstance(value, dict) else None
    if not isinstance(value, list):
        return None
    if isinstance(step, Where):
        return next(filter(step.matches, value), None)
    return value[step] if -len(value) <= step < len(value) else None


def place(data: dict[str, Any], path: str, value: Any) -> None:
    """Put a value where the first alternative of the path finds it: for examples of a payload.

    >>> data = {}
    >>> place(data, "formDetail[name=姓名].value", "张伟")
    >>> place(data, "formDetail[name=电话].value", "138")
    >>> data
    {'formDetail': [{'name': '姓名', 'value': '张伟'}, {'name': '电话', 'value': '138'}]}
    """
    steps = compile_path(path)[0]
    node: Any = data
    for step, following in zip(steps, (*steps[1:], None)):
        empty: Any = value if following is None else {} if isinstance(following, str) else []
        if isinstance(step, str):
            node = node.setdefault(step, empty)
        elif isinstance(step, Where):
            if not any(map(step.matches, node)):
                node.append({step.key: step.value})
            node = next(filter(step.matches, node))
        else:
            if not node:
                node.append(empty)
            node = node[0]
