# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A place in China as phone books and address lists write it, brought to one form: province and city."""

from __future__ import annotations

from typing import NamedTuple

#: Short names of the provinces. Their first two characters are unique: that is how places are compared.
PROVINCES = (
    "北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 "
    "内蒙古 广西 西藏 宁夏 新疆 香港 澳门 台湾"
).split()
MUNICIPALITIES = ("北京", "上海", "天津", "重庆")
_SUFFIXES = ("省", "市", "壮族自治区", "维吾尔自治区", "回族自治区", "自治区", "特别行政区")
_BY_KEY = {name[:2]: name for name in PROVINCES}
#: Names that old data still carry, and what the place is called today.
_RENAMED = {
    "襄樊市": "襄阳市",
    "莱芜市": "济南市",
    "巢湖市": "合肥市",
    "毕节地区": "毕节市",
    "铜仁地区": "铜仁市",
    "海东地区": "海东市",
    "吐鲁番地区": "吐鲁番市",
    "哈密地区": "哈密市",
    "日喀则地区": "日喀则市",
    "昌都地区": "昌都市",
    "林芝地区": "林芝市",
    "山南地区": "山南市",
    "那曲地区": "那曲市",
}


class Place(NamedTuple):
    """Where something is from; "" is not known. ``province`` is a short name (江苏), ``city`` a full one (南京市)."""

    province: str = ""
    city: str = ""
    carrier: str = ""

    @property
    def label(self) -> str:
        """For people: 江苏 南京市."""
        city = "" if self.province in MUNICIPALITIES else self.city
        return " ".join(filter(None, (self.province, city)))


NOWHERE = Place()


def province_key(name: str) -> str:
    """What two spellings of one province have in common: its first two characters; "" for no province of China.

    >>> province_key("黑龙江省") == province_key("黑龙江"), province_key("Texas")
    (True, '')
    """
    return name[:2] if name[:2] in _BY_KEY else ""


def make_place(province: str, city: str = "", carrier: str = "") -> Place:
    """A place from names in any of their spellings; a city that is really several is left open.

    >>> make_place("北京", "北京"), make_place("湖北省", "襄樊市").city
    (Place(province='北京', city='北京市', carrier=''), '襄阳市')
    """
    short = _BY_KEY.get(province[:2], "")
    if not short:
        return Place(carrier=carrier)
    if short in MUNICIPALITIES:
        return Place(short, short + "市", carrier)
    city = "" if "、" in city else _RENAMED.get(city, city)
    return Place(short, city, carrier)


def split_place(text: str, carrier: str = "") -> Place:
    """Province and city of a text that names both.

    >>> split_place("江苏省南京市"), split_place("广西壮族自治区南宁市、崇左市").label, split_place("云南西双版纳").city
    (Place(province='江苏', city='南京市', carrier=''), '广西', '西双版纳')
    """
    short = _BY_KEY.get(text[:2], "")
    rest = text[len(short) :]
    for suffix in sorted(_SUFFIXES, key=len, reverse=True):
        if rest.startswith(suffix):
            rest = rest[len(suffix) :]
            break
    return make_place(short, rest, carrier)
