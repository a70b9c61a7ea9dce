# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Reading a provider's JSON answer: values by path."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(-?\d+)\]")
_NAME_LIMIT = 2000  # characters of one value that are kept


class AnswerError(ValueError):
    """The answer is not one that the mapping can read."""


def parse_path(path: str) -> list[str | int]:
    """Steps of a path; ValueError if it is none.

    >>> parse_path("$.data.items[0].regCapital")
    ['data', 'items', 0, 'regCapital']
    """
    text = path.strip()
    if text.startswith("$"):
        text = text[1:]
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if not match:
            raise ValueError("not a path: %s" % path)
        steps.append(match[1] if match[2] is None else int(match[2]))
        position = match.end()
    return steps


def get_path(data: object, path: str) -> Any:
    """The value at ``path`` in parsed JSON, None where the way ends before.

    >>> get_path({"data": [{"name": "华强"}]}, "data[0].name"), get_path({"data": []}, "data[0].name")
    ('华强', None)
    """
    for step in parse_path(path):
        if isinstance(step, int):
            if not isinstance(data, Sequence) or isinstance(data, str) or not -len(data) <= step < len(data):
                return None
            data = data[step]
        elif isinstance(data, Mapping):
            data = data.get(step)
        else:
            return None
    return data


def read_values(data: object, mapping: Mapping[str, str], found_path: str = "") -> dict[str, str]:
    """{field: text} of what ``mapping`` (field → path) finds; {} if the provider knows nothing.

    :param found_path: where the answer has something only if the provider found the company
    :raises AnswerError: if the answer is not an object or a list at all

    >>> read_values({"data": {"capital": 500, "boss": " 王伟 ", "tel": None}}, {"capital": "data.capital", "boss": "data.boss"})
    {'capital': '500', 'boss': '王伟'}
    >>> read_values({"data": None}, {"boss": "data.boss"}, "data")
    {}
    """
    if not isinstance(data, (Mapping, list)):
        raise AnswerError("the answer is no JSON object")
    if found_path and not get_path(data, found_path):
        return {}
    found = {field: get_path(data, path) for field, path in mapping.items()}
    return {field: text for field, text in ((field, _text(value)) for field, value in found.items()) if text}


def _text(value: object) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, (Mapping, list)):
        return ""
    return " ".join(str(value).replace("\0", "").split())[:_NAME_LIMIT]
