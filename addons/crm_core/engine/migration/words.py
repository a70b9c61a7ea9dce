# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Words people use that no database knows: sectors, to put typing errors right, and other names of countries."""

from __future__ import annotations

_SECTORS = (
    "Agriculture, Automotive, Banking, Chemicals, Construction, Consulting, Education, Electronics, Employment, "
    "Energy, Entertainment, Finance, Food, Government, Healthcare, Hospitality, Insurance, Logistics, "
    "Manufacturing, Marketing, Media, Medical, Pharmaceuticals, Real Estate, Retail, Services, Software, "
    "Technology, Telecommunications, Transportation, Travel, Utilities, Wholesale"
)
SECTORS: tuple[str, ...] = tuple(_SECTORS.split(", "))
COUNTRY_NAMES: dict[str, str] = {
    "US": "USA, U.S., U.S.A., America, 美国",
    "GB": "UK, U.K., Great Britain, England, 英国",
    "KR": "Korea, South Korea, 韩国",
    "RU": "Russia, 俄罗斯",
    "VN": "Vietnam, 越南",
    "TW": "Taiwan, 台湾, 中国台湾",
    "HK": "Hong Kong, 香港, 中国香港",
    "MO": "Macau, 澳门, 中国澳门",
    "AE": "UAE",
    "NL": "Holland",
    "CZ": "Czech Republic",
    "CN": "PRC, 中国, 中国大陆",
    "JP": "日本",
    "DE": "德国",
    "FR": "法国",
    "SG": "新加坡",
    "IN": "印度",
    "CA": "加拿大",
    "AU": "澳大利亚",
    "MY": "马来西亚",
    "TH": "泰国",
}
COUNTRY_ALIASES: dict[str, str] = {name: code for code, names in COUNTRY_NAMES.items() for name in names.split(", ")}
