# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Words people use that no database knows: sectors, to put typing errors right, and other names of countries."""
from __future__ import annotations

SECTORS: tuple[str, ...] = (
    "Agriculture", "Automotive", "Banking", "Chemicals", "Construction", "Consulting", "Education", "Electronics",
    "Employment", "Energy", "Entertainment", "Finance", "Food", "Government", "Healthcare", "Hospitality", "Insurance",
    "Logistics", "Manufacturing", "Marketing", "Media", "Medical", "Pharmaceuticals", "Real Estate", "Retail",
    "Services", "Software", "Technology", "Telecommunications", "Transportation", "Travel", "Utilities", "Wholesale",
)
COUNTRY_ALIASES: dict[str, str] = {
    "USA": "US", "U.S.": "US", "U.S.A.": "US", "America": "US", "UK": "GB", "U.K.": "GB", "Great Britain": "GB",
    "England": "GB", "Korea": "KR", "South Korea": "KR", "Russia": "RU", "Vietnam": "VN", "Taiwan": "TW",
    "Hong Kong": "HK", "Macau": "MO", "UAE": "AE", "Holland": "NL", "Czech Republic": "CZ", "PRC": "CN",
    "中国": "CN", "中国大陆": "CN", "香港": "HK", "中国香港": "HK", "澳门": "MO", "中国澳门": "MO", "台湾": "TW", "中国台湾": "TW",
    "美国": "US", "英国": "GB", "日本": "JP", "韩国": "KR", "德国": "DE", "法国": "FR", "新加坡": "SG", "越南": "VN", "印度": "IN",
    "俄罗斯": "RU", "加拿大": "CA", "澳大利亚": "AU", "马来西亚": "MY", "泰国": "TH",
}
