# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Bytes → text → data: the encodings and forms in which submissions come, within bounds."""
from __future__ import annotations

import json
import re
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from .incoming import Refusal
from .problem import ParseProblem

#: Deepest nesting of a JSON body.
MAX_DEPTH = 32
#: Most pairs of a form.
MAX_PAIRS = 2000

_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE | re.ASCII)
_JSON_TYPE = re.compile(r"(application|text)/([\w.-]+\+)?json\Z", re.ASCII)
_FORM_TYPE = "application/x-www-form-urlencoded"


def media_type(content_type: str) -> str:
    """The type without its parameters.

    >>> media_type("Application/JSON; charset=GBK")
    'application/json'
    """
    return content_type.partition(";")[0].strip().lower()


def check_type(content_type: str, body: bytes) -> None:
    """Refuse what is neither JSON nor a form. Without a type (or as plain text) the first character tells.

    :raise Refusal: 415
    """
    kind = media_type(content_type)
    if kind == _FORM_TYPE or _JSON_TYPE.match(kind):
        return
    if kind in ("", "text/plain") and body.lstrip()[:1] in (b"{", b"["):
        return
    raise Refusal(415, "content_type", "Send application/json or application/x-www-form-urlencoded.")


def decode(body: bytes, content_type: str = "") -> str:
    """Text in the encoding it says, else UTF-8, else GB18030; never fails, and never returns a NUL.

    >>> decode("张伟".encode("gb18030"))
    '张伟'
    """
    declared = _CHARSET.search(content_type)
    for encoding in (declared and declared.group(1), "utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding or "utf-8-sig").replace("\0", "\ufffd")
        except (UnicodeError, LookupError, ValueError):
            continue
    return body.decode("utf-8", "replace").replace("\0", "\ufffd")


def parse(text: str, content_type: str = "") -> Any:
    """The data of a JSON or form body: dicts, lists, texts, numbers, booleans, None.

    :raise ParseProblem: ``empty``, ``json``, ``depth``, ``pairs``
    """
    text = text.strip().lstrip("\ufeff")
    if not text:
        raise ParseProblem("empty")
    if media_type(content_type) == _FORM_TYPE and text[0] not in "{[":
        return _parse_form(text)
    return parse_json(text)


def parse_json(text: str) -> Any:
    """JSON with bounded nesting; a number stays as it is written where Python would lose digits.

    >>> parse_json('{"id": 7351234567890123456, "x": 1.50}')
    {'id': 7351234567890123456, 'x': '1.50'}

    :raise ParseProblem: ``json``, ``depth``
    """
    try:
        data = json.loads(text, parse_float=str, parse_int=_integer, parse_constant=_no_constant)
    except RecursionError:
        raise ParseProblem("depth") from None
    except ValueError as error:
        raise ParseProblem("json", str(error)) from None
    _check_depth(data)
    return data


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits.lstrip("-")) < 20 else digits


def _no_constant(word: str) -> NoReturn:
    raise ValueError("%s is not JSON" % word)


def _check_depth(data: Any) -> None:
    level = [data]
    for _depth in range(MAX_DEPTH):
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return
    raise ParseProblem("depth")


def _parse_form(text: str) -> dict[str, Any]:
    """The pairs of a form; a name that comes twice has a list. Percent-encoded bytes may be UTF-8 or GB18030."""
    pairs = re.split("[&;]", text, maxsplit=MAX_PAIRS) if "&" in text else [text]
    if len(pairs) > MAX_PAIRS:
        raise ParseProblem("pairs")
    data: dict[str, Any] = {}
    for pair in pairs:
        name, _equals, value = (decode(unquote_to_bytes(part.replace("+", " "))) for part in pair.partition("="))
        if name not in data:
            data[name] = value
        elif isinstance(data[name], list):
            data[name].append(value)
        else:
            data[name] = [data[name], value]
    if list(data.values()) == [""]:
        raise ParseProblem("empty")
    return data
