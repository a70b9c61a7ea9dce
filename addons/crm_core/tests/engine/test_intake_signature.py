# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib
import hmac

import pytest
from crm_core_engine.intake import SCHEMES, Hmac, Incoming, Refusal, Scheme, accepted, refused, register, same
from hypothesis import given
from hypothesis import strategies as st

SECRET = {"secret": "s3cret"}
NOW = 1_700_000_000
WINDOW = 300


def signed(body=b'{"phone": "1"}', key="", timestamp=NOW, secret="s3cret", **headers):
    """A submission signed by the words of the channel's form, apart from the engine."""
    message = ("%d.%s." % (timestamp, key)).encode() + body
    signature = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    headers = {"x-crm-timestamp": str(timestamp), "x-crm-signature": signature, **headers}
    if key:
        headers["idempotency-key"] = key
    return Incoming(body, headers, {}, NOW)


def verify(incoming, scheme="hmac", credentials=SECRET):
    SCHEMES[scheme].verify(incoming, credentials, WINDOW)


def refusal(incoming, **options):
    with pytest.raises(Refusal) as caught:
        verify(incoming, **options)
    return caught.value.status, caught.value.code


@given(st.binary(max_size=300), st.from_regex(r"[A-Za-z0-9_:/+=-]{0,40}", fullmatch=True))
def test_a_genuine_submission_is_taken(body, key):
    verify(signed(body, key))


@given(st.binary(min_size=1, max_size=100), st.integers(0, 99))
def test_a_changed_body_is_refused(body, position):
    genuine = signed(body)
    position %= len(body)
    changed = body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]
    assert refusal(Incoming(changed, genuine.headers, {}, NOW)) == (401, "signature")


def test_the_idempotency_key_is_signed():
    headers = dict(signed(key="order-1").headers, **{"idempotency-key": "order-2"})
    assert refusal(Incoming(b'{"phone": "1"}', headers, {}, NOW)) == (401, "signature")


def test_another_secret_is_refused():
    assert refusal(signed(secret="other")) == (401, "signature")


def test_without_a_secret_nothing_is_genuine():
    assert refusal(signed(secret=""), credentials={"secret": ""}) == (401, "signature")
    assert refusal(signed(secret=""), credentials={}) == (401, "signature")


@pytest.mark.parametrize("offset", [-WINDOW, 0, WINDOW])
def test_the_window_is_inclusive(offset):
    verify(signed(timestamp=NOW + offset))


@pytest.mark.parametrize("offset", [-WINDOW - 1, WINDOW + 1, 10**9])
def test_outside_the_window_it_is_refused(offset):
    assert refusal(signed(timestamp=NOW + offset)) == (401, "timestamp")


@pytest.mark.parametrize("stamp", ["", "now", "-1", "1e9", "１７", "9" * 17, "1 "])
def test_a_timestamp_that_is_none(stamp):
    headers = dict(signed().headers, **{"x-crm-timestamp": stamp})
    assert refusal(Incoming(b"{}", headers, {}, NOW)) == (401, "timestamp")


@pytest.mark.parametrize("signature", ["", "ü" * 64, "0" * 64, "sha256=", "\x00"])
def test_a_signature_that_is_none(signature):
    headers = dict(signed().headers, **{"x-crm-signature": signature})
    assert refusal(Incoming(b"{}", headers, {}, NOW)) == (401, "signature")


def test_prefix_and_case_of_the_signature_do_not_matter():
    genuine = signed()
    for shown in ("sha256=" + genuine.headers["x-crm-signature"], genuine.headers["x-crm-signature"].upper()):
        verify(Incoming(genuine.body, dict(genuine.headers, **{"x-crm-signature": shown}), {}, NOW))


@pytest.mark.parametrize("key", ["a b", "x" * 129, "a\nb", "ключ", "a.b", "<script>"])
def test_a_malformed_idempotency_key(key):
    headers = dict(signed().headers, **{"idempotency-key": key})
    assert refusal(Incoming(b'{"phone": "1"}', headers, {}, NOW)) == (400, "idempotency_key")


def test_what_makes_a_repetition():
    scheme = SCHEMES["hmac"]
    assert scheme.idempotency_key(signed(key="k")) == scheme.idempotency_key(signed(b"other", key="k"))
    assert scheme.idempotency_key(signed()) == scheme.idempotency_key(signed())
    assert scheme.idempotency_key(signed()) != scheme.idempotency_key(signed(timestamp=NOW + 1))
    token = SCHEMES["token"]
    assert token.idempotency_key(Incoming(b"a")) == token.idempotency_key(Incoming(b"a"))
    assert token.idempotency_key(Incoming(b"a")) != token.idempotency_key(Incoming(b"b"))
    assert len(scheme.idempotency_key(signed(key="k" * 128))) <= 140


def test_the_headers_of_a_test_submission_are_genuine():
    headers = SCHEMES["hmac"].sign_headers(b"{}", SECRET, NOW, "k")
    verify(Incoming(b"{}", {**headers, "idempotency-key": "k"}, {}, NOW))
    assert SCHEMES["token"].sign_headers(b"{}", {}, NOW, "k") == {}


def test_the_token_scheme_takes_whoever_knows_the_address():
    verify(Incoming(b"{}"), scheme="token", credentials={})


def test_a_scheme_of_ones_own():
    @register
    class Header(Scheme):
        name = "test header"

        def verify(self, incoming, credentials, window):
            same(credentials["secret"], incoming.headers.get("x-token", ""))

    try:
        verify(Incoming(b"", {"x-token": "s3cret"}), scheme="test header")
        assert refusal(Incoming(b""), scheme="test header") == (401, "signature")
    finally:
        del SCHEMES["test header"]


def test_answers():
    assert accepted("receipt", "r", True) == (202, b'{"receipt": "r", "status": "known"}')
    assert refused("vendor", Refusal(401, "signature", "No.")) == (401, b'{"code": 401, "message": "No."}')
    assert Hmac.sign("secret", NOW, b"{}") == Hmac.sign("secret", NOW, b"{}", "")
