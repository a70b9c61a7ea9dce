# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where a Chinese phone number was issued, and by which carrier (tables of the ``phonenumbers`` library)."""

from __future__ import annotations

import re
from functools import lru_cache

from .place import NOWHERE, Place, split_place

_NOT_DIGITS = re.compile(r"[^\d+]+")
_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})")
#: Area code (010, 02x; 0xxx) and number, before an extension
_LANDLINE = re.compile(r"(?:\+86|0086|0)0?((?:10|2\d)\d{8}|[3-9]\d{10}|[3-9]\d{9})\d{0,4}")


def phone_place(phone: str) -> Place:
    """The place and carrier of a mobile or landline number of mainland China; NOWHERE for any other text.

    A mobile number is judged by its first seven digits, a landline by its area code, and both are remembered: about
    1 µs for a number whose beginning was met before, 50 µs for a new one, half a second for the very first.

    >>> phone_place("+86 139-1234-5678")
    Place(province='江苏', city='常州市', carrier='中国移动')
    >>> phone_place("(0755) 2600 0000").city, phone_place("+1 650 253 0000") == NOWHERE
    ('深圳市', True)
    """
    digits = _NOT_DIGITS.sub("", phone) if phone else ""
    mobile = _MOBILE.fullmatch(digits)
    if mobile:
        return _place_of_prefix(mobile[1][:7], 4)
    landline = _LANDLINE.fullmatch(digits)
    if landline:
        return _place_of_prefix(landline[1][:5], len(landline[1]) - 5)
    return NOWHERE


@lru_cache(maxsize=1 << 16)
def _place_of_prefix(prefix: str, more: int) -> Place:
    # Here: its tables take 140 MB, which a process without leads need not have
    from phonenumbers import PhoneNumber  # type: ignore[import-not-found]
    from phonenumbers.carrier import name_for_number  # type: ignore[import-not-found]
    from phonenumbers.geocoder import description_for_number  # type: ignore[import-not-found]

    number = PhoneNumber(country_code=86, national_number=int(prefix + "0" * more))
    place = split_place(description_for_number(number, "zh"))
    return place._replace(carrier=name_for_number(number, "zh"))
