"""Only what Slack signed, and signed just now, is believed."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.signature import SignatureVerifier

from sagewarden.adapters.slack_signature import ForgedError, Forgery, verify

CASES = json.loads((Path(__file__).parents[2] / "data/slack_signature_cases.json").read_text())
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
BODY = b"payload=%7B%22type%22%3A%22block_actions%22%7D"
KEY = "8f742231b10e8888abcd99yyyzzz85a5"


def signed(body: bytes = BODY, at: datetime = NOW, key: str = KEY) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    signature = SignatureVerifier(key).generate_signature(timestamp=timestamp, body=body)
    assert signature is not None
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}


def forgery(headers: Mapping[str, str], body: bytes = BODY, keys: str | list[str] = KEY) -> Forgery:
    with pytest.raises(ForgedError) as caught:
        verify(body, headers, keys, NOW)
    return caught.value.reason


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_slacks_own_example_and_its_variations_are_judged_as_slack_does(
    case: dict[str, Any],
) -> None:
    headers = {
        "X-Slack-Request-Timestamp": case["timestamp"],
        "X-Slack-Signature": case["signature"],
    }
    now = datetime.fromtimestamp(case["now"], UTC)

    if case["expect_valid"]:
        verify(case["body"].encode(), headers, case["signing_secret"], now)
    else:
        with pytest.raises(ForgedError):
            verify(case["body"].encode(), headers, case["signing_secret"], now)


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_header_names_may_be_in_any_case(change: Any) -> None:
    headers = {change(name): value for name, value in signed().items()}

    verify(BODY, headers, KEY, NOW)


@pytest.mark.parametrize("name", ["X-Slack-Request-Timestamp", "X-Slack-Signature"])
def test_a_request_without_one_of_the_headers_is_forged(name: str) -> None:
    headers = signed()
    del headers[name]

    assert forgery(headers) is Forgery.MISSING_HEADER


def test_a_header_given_twice_is_not_guessed_about() -> None:
    headers = signed() | {"x-slack-signature": "v0=0"}

    assert forgery(headers) is Forgery.AMBIGUOUS_HEADER


@pytest.mark.parametrize("timestamp", ["now", "-1793610000", "1793610000.5", " 1793610000", "١٢٣"])
def test_a_timestamp_that_is_no_whole_number_of_seconds_is_forged(timestamp: str) -> None:
    headers = signed() | {"X-Slack-Request-Timestamp": timestamp}

    assert forgery(headers) is Forgery.BAD_TIMESTAMP


def test_what_was_signed_more_than_five_minutes_ago_is_stale() -> None:
    verify(BODY, signed(at=NOW - timedelta(seconds=300)), KEY, NOW)

    assert forgery(signed(at=NOW - timedelta(seconds=301))) is Forgery.STALE


def test_what_was_signed_more_than_five_minutes_ahead_is_from_the_future() -> None:
    verify(BODY, signed(at=NOW + timedelta(seconds=300)), KEY, NOW)

    assert forgery(signed(at=NOW + timedelta(seconds=301))) is Forgery.FUTURE


@pytest.mark.parametrize("version", ["", "v1=", "V0=", "v0"])
def test_another_version_of_the_scheme_is_not_accepted(version: str) -> None:
    headers = signed()
    headers["X-Slack-Signature"] = headers["X-Slack-Signature"].replace("v0=", version)

    assert forgery(headers) is Forgery.UNKNOWN_VERSION


def test_a_signature_of_another_body_or_another_secret_does_not_match() -> None:
    assert forgery(signed(), body=BODY + b" ") is Forgery.MISMATCH
    assert forgery(signed(key="another")) is Forgery.MISMATCH
    assert forgery(signed() | {"X-Slack-Signature": "v0=\u00e9\udcff"}) is Forgery.MISMATCH


def test_while_the_secret_is_rotated_the_old_and_the_new_one_are_good() -> None:
    for secret in ("old", "new"):
        verify(BODY, signed(key=secret), ["new", "old"], NOW)

    assert forgery(signed(key="older"), keys=["new", "old"]) is Forgery.MISMATCH


@pytest.mark.parametrize("secret", ["", "  ", [], ["known", ""]])
def test_an_empty_secret_is_a_mistake_of_ours_and_verifies_nothing(secret: str | list[str]) -> None:
    with pytest.raises(ValueError, match="empty"):
        verify(BODY, signed(), secret, NOW)


def test_the_body_is_taken_byte_by_byte() -> None:
    body = b"\xff\xfe\x00 not text"
    timestamp = str(int(NOW.timestamp()))
    digest = hmac.new(KEY.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    headers = signed() | {"X-Slack-Signature": f"v0={digest.hexdigest()}"}

    verify(body, headers, KEY, NOW)


def test_an_error_says_why_and_gives_neither_signature_nor_secret_away() -> None:
    headers = signed(key="another")

    with pytest.raises(ForgedError) as caught:
        verify(BODY, headers, KEY, NOW)

    assert str(caught.value) == "the signature does not match"
