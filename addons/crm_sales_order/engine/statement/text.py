# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The characters of a file: in which encoding they are, and whether they were spoilt before."""

from __future__ import annotations

import codecs

from .model import Problem, StatementError

_SAMPLE = 4000
#: Common words of statements; read with the wrong glasses on they look like nothing else
_WORDS = ("交易", "金额", "余额", "日期", "对方", "账号", "摘要", "币种", "收入", "支出")


def decode(content: bytes) -> tuple[str, str]:
    """(text, encoding) of UTF-8, UTF-16 and GB18030, with or without a mark.

    :raises StatementError: ``encoding``, ``spoilt`` or ``truncated``

    >>> decode("余额\\n1".encode("utf-16")), decode("余额".encode("gb18030")), decode("余额".encode("utf-8-sig"))
    (('余额\\n1', 'UTF-16'), ('余额', 'GB18030'), ('余额', 'UTF-8-BOM'))
    >>> try:
    ...     decode("交易日期".encode("gb18030").decode("latin-1").encode())
    ... except StatementError as error:
    ...     error.problems[0].code
    'spoilt'
    """
    encoding = _marked(content) or _wide(content)
    if encoding:
        text, name = _strict(content, encoding), encoding.upper()
    else:
        text, name = _narrow(content)
    if sum(char < " " and char not in "\t\r\n\f\x1a" for char in text[:_SAMPLE]) > len(text[:_SAMPLE]) * 0.02:
        raise StatementError(Problem("no_text"))
    _check_spoilt(text)
    return text.lstrip("\ufeff").replace("\0", ""), {"UTF-8-SIG": "UTF-8-BOM"}.get(name, name)


def _marked(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else ""


def _wide(content: bytes) -> str:
    """UTF-16 that lost its mark shows by its line ends and separators."""
    sample = content[:_SAMPLE]
    little = sum(sample.count(mark) for mark in (b"\n\0", b"\t\0", b",\0"))
    big = sum(sample.count(mark) for mark in (b"\0\n", b"\0\t", b"\0,"))
    if max(little, big) < 2:
        return ""
    return "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise StatementError(_problem_at(content[: error.start].decode(encoding, "ignore"), error, content)) from None


def _problem_at(before: str, error: UnicodeDecodeError, content: bytes) -> Problem:
    """Cut within its last character the file was truncated, else its encoding is wrong."""
    cut = len(content) - error.start < 4 and error.reason in ("unexpected end of data", "truncated data", "incomplete multibyte sequence")
    return Problem("truncated" if cut else "encoding", before.count("\n") + 1, value=before.rsplit("\n", 1)[-1][-20:])


def _narrow(content: bytes) -> tuple[str, str]:
    """UTF-8 if it is all through or but for its cut end, else GB18030."""
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        utf8 = error
    before = content[: utf8.start].decode("utf-8")
    if any(char > "\x7f" for char in before) and len(content) - utf8.start < 4:
        raise StatementError(_problem_at(before, utf8, content)) from None
    try:
        return content.decode("gb18030"), "GB18030"
    except UnicodeDecodeError as error:
        gb = error
    if utf8.start > gb.start:
        raise StatementError(_problem_at(before, utf8, content)) from None
    raise StatementError(_problem_at(content[: gb.start].decode("gb18030", "ignore"), gb, content)) from None


def _check_spoilt(text: str) -> None:
    """Refuse what was once read in a wrong encoding and saved so: characters lost, or each two made into others."""
    lines = text[:20000].split("\n")
    for number, line in enumerate(lines, 1):
        if "\ufffd" in line or line.count("?") > max(len(line.strip()) // 2, 5):
            raise StatementError(Problem("spoilt", number, value=line.strip()[:30]))
    if any(word in text[:20000] for word in _WORDS):
        return
    for number, line in enumerate(lines, 1):
        for wrong, right in (("gb18030", "utf-8"), ("latin-1", "gb18030"), ("cp1252", "utf-8")):
            repaired = line.encode(wrong, "ignore").decode(right, "ignore")
            if any(word in repaired for word in _WORDS):
                raise StatementError(Problem("spoilt", number, value=line.strip()[:30]))
