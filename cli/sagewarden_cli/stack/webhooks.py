"""EventBridge's side of API destinations: requests over HTTP, retries by the sandbox's clock.

From the EventBridge User Guide, "API destinations as targets" and "How EventBridge retries
delivering events". The length of the pauses is no documented figure.
"""

import copy
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sagewarden_cli.sandbox import Sandbox

_ATTEMPT_SECONDS = 5
"""How long a request may take."""

_TRIED_AGAIN = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_MANY_REQUESTS,
}
"""The answers below 500 after which it is tried again."""

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=8)
_DAY, _RETRIES = 86400, 185
"""The defaults of a retry policy."""


@dataclass(slots=True)
class _Delivery:
    """An event on its way to an API destination."""

    rule: str
    target: Mapping[str, Any]
    event: Mapping[str, Any]
    since: datetime
    due: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of a request: a status, or none when there was no answer."""

    status: int | None
    why: str
    after: timedelta = timedelta(0)

    @property
    def fine(self) -> bool:
        return (
            self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES
        )

    @property
    def may_pass(self) -> bool:
        """Whether the same request may succeed later."""
        return (
            self.status is None
            or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            or self.status in _TRIED_AGAIN
        )


@dataclass(slots=True)
class Webhooks:
    """What rules send to API destinations.

    Attributes:
        sandbox: The emulated AWS.
        region: Where the stack is.
        record: Told of each invocation: a role, an action and a resource.
        hosts: Where host names lead, in place of DNS and TLS: URLs on this machine. A host that is
            not among them cannot be reached.
    """

    sandbox: Sandbox
    region: str
    record: Callable[[str, str, str], None]
    hosts: dict[str, str] = field(default_factory=dict)
    _underway: list[_Delivery] = field(default_factory=list)
    _sent: dict[tuple[str, datetime], int] = field(default_factory=dict)

    def take(self, rule: str, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Take an event for a target of a rule."""
        now = self.sandbox.clock.now()
        whole = {name: value for name, value in event.items() if name != "ingestion-time"}
        whole["time"] = _as_told(whole["time"])
        self._underway.append(_Delivery(rule, target, copy.deepcopy(whole), now, now))

    def next_moment(self, now: datetime) -> datetime | None:
        """When the next attempt is due after now, if any is."""
        return min((one.due for one in self._underway if one.due > now), default=None)

    def deliver(self) -> bool:
        """Make every attempt that is due; whether there was one."""
        now = self.sandbox.clock.now()
        due = [one for one in self._underway if one.due <= now]
        for one in due:
            self._attempt(one, now)
        return bool(due)

    def _attempt(self, one: _Delivery, now: datetime) -> None:
        arn = str(one.target["Arn"])
        found = self._client("events").describe_api_destination(Name=arn.split("/")[1])
        if not self._within_rate(arn, int(found["InvocationRateLimitPerSecond"]), now):
            one.due = now.replace(microsecond=0) + timedelta(seconds=1)
            return
        self.record(str(one.target["RoleArn"]), "events:InvokeApiDestination", arn)
        one.attempts += 1
        answer = self._post(found, one.event)
        if answer.fine:
            self._underway.remove(one)
            return
        policy = one.target.get("RetryPolicy", {})
        pause = min(_FIRST_PAUSE * 2 ** min(one.attempts - 1, 20), _LONGEST_PAUSE)
        one.due = now + max(pause, answer.after)
        oldest = one.since + timedelta(seconds=policy.get("MaximumEventAgeInSeconds", _DAY))
        if not answer.may_pass:
            self._give_up(one, answer, None)
        elif one.attempts > policy.get("MaximumRetryAttempts", _RETRIES):
            self._give_up(one, answer, "MaximumRetryAttempts")
        elif one.due > oldest:
            self._give_up(one, answer, "MaximumEventAgeInSeconds")

    def _within_rate(self, arn: str, most: int, now: datetime) -> bool:
        second = (arn, now.replace(microsecond=0))
        self._sent[second] = self._sent.get(second, 0) + 1
        return self._sent[second] <= most

    def _post(self, found: Mapping[str, Any], event: Mapping[str, Any]) -> _Answer:
        url = urlsplit(found["InvocationEndpoint"])
        place = self.hosts.get(url.netloc)
        if place is None:
            return _Answer(None, f"{url.netloc} cannot be reached")
        local = urlsplit(place)
        request = urllib.request.Request(  # noqa: S310 - loopback
            urlunsplit((local.scheme, local.netloc, url.path, url.query, "")),
            data=json.dumps(event).encode(),
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Amazon/EventBridge/ApiDestinations",
                **self._key(found["ConnectionArn"]),
            },
            method=found["HttpMethod"],
        )
        try:
            with urllib.request.urlopen(request, timeout=_ATTEMPT_SECONDS) as answer:  # noqa: S310 - loopback
                return _Answer(answer.status, answer.reason)
        except urllib.error.HTTPError as error:
            with error:
                after = error.headers.get("Retry-After", "0")
                wait = timedelta(seconds=int(after)) if after.isdigit() else timedelta(0)
                return _Answer(error.code, error.reason, wait)
        except OSError as error:
            return _Answer(None, str(error))

    def _key(self, connection: str) -> dict[str, str]:
        """The header with the connection's key, from the secret in which EventBridge keeps it."""
        name = connection.split("/")[1]
        secret = self._client("events").describe_connection(Name=name)["SecretArn"]
        found = self._client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
        content = json.loads(found)
        return {content["api_key_name"]: content["api_key_value"]}

    def _give_up(self, one: _Delivery, answer: _Answer, condition: str | None) -> None:
        """Put an event on its target's dead-letter queue, with what EventBridge tells of it."""
        self._underway.remove(one)
        queue = one.target.get("DeadLetterConfig", {}).get("Arn")
        if queue is None:
            return
        attributes = {
            "RULE_ARN": one.rule,
            "TARGET_ARN": str(one.target["Arn"]),
            "ERROR_CODE": "SDK_CLIENT_ERROR" if answer.status is None else str(answer.status),
            "ERROR_MESSAGE": answer.why,
            "RETRY_ATTEMPTS": str(one.attempts - 1),
            **({"EXHAUSTED_RETRY_CONDITION": condition} if condition else {}),
        }
        sqs = self._client("sqs")
        sqs.send_message(
            QueueUrl=sqs.get_queue_url(QueueName=queue.rpartition(":")[2])["QueueUrl"],
            MessageBody=json.dumps(one.event),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in attributes.items()
            },
        )

    def _client(self, service: str) -> Any:  # noqa: ANN401 - a boto3 client
        return self.sandbox.client(service, self.region)


def _as_told(moment: object) -> str:
    """A moment as EventBridge writes it; moto keeps what PutEvents got."""
    at = moment if isinstance(moment, datetime) else datetime.fromtimestamp(float(str(moment)), UTC)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
