# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import time

import pytest
from crm_core_engine import normalise
from crm_core_engine.company_name import parse_company
from hypothesis import example, given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("13800138000", ["+8613800138000"]),
        ("+86 138 0013 8000", ["+8613800138000"]),
        ("0086-138-0013-8000", ["+8613800138000"]),
        ("８６１３８００１３８０００", ["+8613800138000"]),
        ("手机：13800138000", ["+8613800138000"]),
        ("138.0013.8000（微信同号）", []),
        ("010-62345678", ["+861062345678"]),
        ("(0755) 2600-1234", ["+8675526001234"]),
        ("０７５５－２６００１２３４", ["+8675526001234"]),
        ("0755—26001234", ["+8675526001234"]),
        ("0755-26001234-801", ["+8675526001234;ext=801"]),
        ("0755-26001234转801", ["+8675526001234;ext=801"]),
        ("0755-26001234 分机 801", ["+8675526001234;ext=801"]),
        ("0755-26001234 ext.801", ["+8675526001234;ext=801"]),
        ("400-820-8820", ["+864008208820"]),
        ("13800138000/13900139000", ["+8613800138000", "+8613900139000"]),
        ("13800138000 13900139000", ["+8613800138000", "+8613900139000"]),
        ("13800138000、0755-26001234；13800138000", ["+8613800138000", "+8675526001234"]),
        ("+852 2123 4567", ["+85221234567"]),
        ("+1 (650) 253-0000", ["+16502530000"]),
        ("26001234", []),
        ("10000000000", []),
        ("12345", []),
        ("n/a", []),
        ("", []),
        (None, []),
        (13800138000, []),
    ],
)
def test_phones(text, keys):
    assert list(normalise.phones(text)) == keys


def test_phones_of_another_country_are_read_as_that_countrys():
    assert normalise.phones("(650) 253-0000", "US") == ("+16502530000",)
    assert normalise.phones("13800138000", "US") == ()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Li.Lei@Example.com", ["li.lei@example.com"]),
        ("Li Lei <li@example.com>, hr@example.com.cn", ["li@example.com", "hr@example.com.cn"]),
        ("ＬＩ＠ｅｘａｍｐｌｅ．ｃｏｍ", ["li@example.com"]),
        ("mailto:li@example.com", ["li@example.com"]),
        ("li@example", []),
        ("@example.com", []),
        ("li at example.com", []),
    ],
)
def test_emails(text, keys):
    assert list(normalise.emails(text)) == keys


@pytest.mark.parametrize(
    ("text", "keys"),
    [("微信号: LiLei_88", ["lilei_88"]), ("wxid_abc123", ["wxid_abc123"]), ("13800138000", ["13800138000"]), ("无", []), ("同手机号", [])],
)
def test_wechats(text, keys):
    assert list(normalise.wechats(text)) == keys


def test_a_credit_code_with_a_wrong_check_digit_is_none():
    assert normalise.credit_codes("91110000600037341L") == ("91110000600037341L",)
    assert normalise.credit_codes("91110000600037342L") == ()


@pytest.mark.parametrize("text", ["个人", "无", "暂无", "N/A", "-", "test", "公司", "123456", "", "x"])
def test_who_has_no_company_has_no_key(text):
    assert normalise.companies(text) == ()


@given(st.text(max_size=300) | st.text("01xX OYLtd有限公司分:.中国", max_size=12))
@example("0:OY")
@example("00有限公司")
@example("Ñ:O")
def test_any_text_is_survived_and_a_key_is_its_own_key(text):
    """Keys are read again from keys: by the similar names, and when everything is written anew."""
    for keys in (normalise.phones, normalise.emails, normalise.wechats, normalise.credit_codes, normalise.companies):
        for key in keys(text):
            assert key
            assert keys is normalise.phones or keys(key) == (key,)
    assert all("\x00" not in key for _kind, key in normalise.person_and_company_keys(dict.fromkeys(["company", "email"], text)))


@given(st.text(alphabet="深圳市华强电子有限责任公司集团股份科技（）() 中国北京银行分店厂一二ABC.,&Co", max_size=40))
def test_the_parts_of_a_name_are_never_empty(text):
    name = parse_company(text)
    if name:
        assert name.key
        assert name.core
        assert name.brand
        again = parse_company(name.key)
        assert again is None or again.key == name.key


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.lists(st.sampled_from([" ", "-", "\u3000"]), max_size=3))
def test_separators_do_not_matter(number, separators):
    typed = number[:3] + "".join(separators[:1]) + number[3:7] + "".join(separators[1:2]) + number[7:]
    assert normalise.phones(typed) == ("+86" + number,)


def test_speed():
    """20,000 leads a second and core is the goal; a busy machine gets slack."""
    rows = [
        {"mobile": "139%08d" % number, "email": "a%d@example.com" % number, "company": "深圳市第%d华强电子有限公司" % number}
        for number in range(5000)
    ]
    started = time.process_time()
    for row in rows:
        list(normalise.person_and_company_keys(row))
    assert len(rows) / (time.process_time() - started) > 8000
