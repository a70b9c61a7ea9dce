# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where an IPv4 address is used, from a file of ip2region (xdb): nothing is asked on the net."""

from __future__ import annotations

import mmap
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path

from .place import NOWHERE, Place, make_place


class IpPlaces:
    """Reader of one xdb file. It is mapped, not read: all processes of a server share its 11 MB."""

    def __init__(self, path: Path) -> None:
        """:raises OSError: if there is no such file  :raises ValueError: if it is no xdb file for IPv4"""
        from ip2region import searcher, util  # type: ignore[import-not-found]

        with path.open("rb") as file:
            header = util.load_header(file)
            if header.version not in (util.XdbStructure20, util.XdbStructure30):
                raise ValueError("not an ip2region file: %s" % path)
            if util.version_from_header(header) is not util.IPv4:
                raise ValueError("not a file of IPv4 addresses: %s" % path)
            self._searcher = searcher.new_with_buffer(util.IPv4, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        self.place = lru_cache(maxsize=1 << 14)(self._place)

    def _place(self, address: str) -> Place:
        """The place in China an address is used at; NOWHERE for any other address or text, and for IPv6."""
        try:
            packed = IPv4Address(address.strip()).packed
        except AddressValueError:
            return NOWHERE
        country, _area, province, city, _provider = (self._searcher.search(packed).split("|") + [""] * 5)[:5]
        if country != "中国":
            return NOWHERE
        return make_place(province, "" if city == "0" else city)
