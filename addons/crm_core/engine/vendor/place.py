# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Province and city in one text, as platforms write them."""

from __future__ import annotations

import re

_SEPARATOR = re.compile(r"[\s\-_/|,，、·+]+")
_WRITTEN_TOGETHER = re.compile(r"(.{1,6}?(?:省|自治区|特别行政区))(.{2,}?)\Z")
MUNICIPALITIES = ("北京", "上海", "天津", "重庆")


def split_area(text: str) -> tuple[str, str]:
    """(province, city), each "" where it is not said; districts are left out.

    >>> split_area("广东-深圳"), split_area("广东省深圳市"), split_area("北京市")
    (('广东', '深圳'), ('广东省', '深圳市'), ('北京市', '北京市'))
    >>> split_area("中国 浙江 杭州 西湖区"), split_area("深圳市"), split_area("未知")
    (('浙江', '杭州'), ('', '深圳市'), ('', ''))
    """
    parts = [part for part in _SEPARATOR.split(text.strip()) if part and part not in ("中国", "未知", "其他", "null")]
    if len(parts) == 1:
        together = _WRITTEN_TOGETHER.match(parts[0])
        parts = list(together.groups()) if together else parts
    if not parts:
        return "", ""
    if parts[0].startswith(MUNICIPALITIES):
        return parts[0], parts[0]
    if len(parts) > 1:
        return parts[0], parts[1]
    return (parts[0], "") if parts[0].endswith(("省", "自治区", "特别行政区")) else ("", parts[0])
