# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Amounts in Chinese capital numerals (人民币大写), as contracts, invoices and bank slips want them.

Source: People's Bank of China, rules for filling in bills and settlement vouchers (正确填写票据和结算凭证的基本规定).
"""

from decimal import ROUND_HALF_UP, Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "兆")
_LIMIT = Decimal(10) ** (4 * len(_GROUPS))

#: ISO code: what stands before the amount. Any other currency is written with its code.
_NAMES = {"CNY": "人民币", "USD": "美元", "EUR": "欧元", "HKD": "港币", "JPY": "日元", "GBP": "英镑", "TWD": "新台币", "SGD": "新加坡元"}


def in_words(amount: Decimal, currency: str = "CNY") -> str:
    """``amount`` in capital numerals, with the currency's name in front; rounded half up to the cent (分).

    >>> in_words(Decimal("0.01")), in_words(Decimal("1001.10")), in_words(Decimal("123456789.00"))
    ('人民币壹分', '人民币壹仟零壹元壹角', '人民币壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖元整')

    A zero is written where places are skipped, once:

    >>> in_words(Decimal("100001000")), in_words(Decimal("10.05")), in_words(Decimal("0"))
    ('人民币壹亿零壹仟元整', '人民币壹拾元零伍分', '人民币零元整')
    >>> in_words(Decimal("-20"), "USD"), in_words(Decimal("7"), "CHF")
    ('美元负贰拾元整', 'CHF柒元整')

    :raise ValueError: not a finite number below 10¹⁶
    """
    if not amount.is_finite() or abs(amount) >= _LIMIT:
        raise ValueError(f"No amount to write in words: {amount}")
    cents = int((abs(amount) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    whole, rest = divmod(cents, 100)
    sign = "负" if amount < 0 and cents else ""
    return _NAMES.get(currency, currency) + sign + _write(whole, *divmod(rest, 10))


def _write(whole: int, tenths: int, hundredths: int) -> str:
    words = f"{_integer(whole)}元" if whole or not (tenths or hundredths) else ""
    if not (tenths or hundredths):
        return f"{words}整"
    if tenths:
        words += f"{_DIGITS[tenths]}角"
    elif words:
        words += "零"
    return words + (f"{_DIGITS[hundredths]}分" if hundredths else "")


def _integer(number: int) -> str:
    """Groups of four digits, each with its own unit.

    >>> _integer(100100000), _integer(20000000000), _integer(12340567)
    ('壹亿零壹拾万', '贰佰亿', '壹仟贰佰叁拾肆万零伍佰陆拾柒')
    """
    if not number:
        return _DIGITS[0]
    words, skipped = "", False
    for index in reversed(range(len(_GROUPS))):
        group = number // 10 ** (4 * index) % 10000
        if group:
            words += "零" if words and (skipped or group < 1000) else ""
            words += _four(group) + _GROUPS[index]
        skipped = not group
    return words


def _four(group: int) -> str:
    """A group of up to four digits.

    >>> _four(1001), _four(1010), _four(20)
    ('壹仟零壹', '壹仟零壹拾', '贰拾')
    """
    words, skipped = "", False
    for place in reversed(range(4)):
        digit = group // 10**place % 10
        if digit:
            words += "零" if words and skipped else ""
            words += _DIGITS[digit] + _PLACES[place]
        skipped = not digit
    return words
