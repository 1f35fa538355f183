"""The interactions' function: what Slack sends to our URL is verified, queued and acknowledged.

Slack waits for three seconds. Whatever takes longer is the responder's; only a form has to be
opened at once.
"""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.adapters.click_records import click_body
from sagewarden.adapters.sessions import Sessions
from sagewarden.adapters.slack.requests import (
    OpenForm,
    Request,
    StrangeRequestError,
    WrongForm,
    read_request,
)
from sagewarden.adapters.slack.texts import CATALOGUE, Language
from sagewarden.adapters.slack_signature import ForgedError, verify
from sagewarden.adapters.sqs_queues import send_messages
from sagewarden.application.messaging import NotNowError, UndeliverableError
from sagewarden.application.ports import Clock
from sagewarden.domain.clicks import Asked, Command
from sagewarden.entrypoints.asked import told
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.metering import Meter
from sagewarden.entrypoints.settings import home
from sagewarden.entrypoints.slack_settings import clicks_queue_url, slack_settings
from sagewarden.slack_bootstrap.access import SlackAccess

type HttpAnswer = dict[str, Any]
type Handler = Callable[[dict[str, Any], LambdaContext], HttpAnswer]


class Interactions:
    """Answers requests; wired on its first invocation, and kept for the next ones.

    Neither a body nor a header is ever logged.

    Args:
        clock: What tells the time; the machine's own when not given.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock
        self._access: SlackAccess | None = None
        self.logger = Logger(service="interactions")
        self.metrics = Metrics(service="interactions")
        self.meter = Meter(self.logger, self.metrics)

    def answer(self, event: Mapping[str, Any], context: LambdaContext) -> HttpAnswer:
        """Answer one request to the function's URL."""
        self.metrics.add_metric(name="RequestsReceived", unit=MetricUnit.Count, value=1)
        region = home(context.invoked_function_arn).region
        if self._access is None:
            sessions = Sessions(tally=self.meter.tally)
            self._access = SlackAccess(slack_settings(), region, self._clock, sessions)
        now = self._access.clock.now()
        answer = self._verified(event, self._access, now, region)
        refused = answer["statusCode"] >= HTTPStatus.BAD_REQUEST
        self.metrics.add_metric(name="RequestsRefused", unit=MetricUnit.Count, value=int(refused))
        return answer

    def _verified(
        self, event: Mapping[str, Any], access: SlackAccess, now: datetime, region: str
    ) -> HttpAnswer:
        """Answer a request that Slack signed; refuse every other."""
        if _method(event) != "POST":
            return _refused(HTTPStatus.METHOD_NOT_ALLOWED, {"allow": "POST"})
        try:
            body = _raw_body(event)
            verify(body, event.get("headers") or {}, access.credentials().signing_secrets, now)
            return self._followed(read_request(body, now), access, region)
        except ForgedError as error:
            self.logger.warning("refused", extra={"reason": str(error)})
            return _refused(HTTPStatus.UNAUTHORIZED)
        except StrangeRequestError as error:
            self.logger.warning("not understood", extra={"reason": str(error)})
            return _refused(HTTPStatus.BAD_REQUEST)

    def _followed(self, request: Request, access: SlackAccess, region: str) -> HttpAnswer:
        match request:
            case Asked() | Command():
                send_messages(region, clicks_queue_url(), [click_body(request)], self.meter.tally)
                self.logger.info("queued", extra=told(request))
                return _heard(access.locale) if isinstance(request, Command) else _done()
            case OpenForm():
                return self._opened(request, access)
            case WrongForm(errors):
                return _json({"response_action": "errors", "errors": dict(errors)})
            case None:
                return _done()

    def _opened(self, form: OpenForm, access: SlackAccess) -> HttpAnswer:
        """Open a form; where that fails, Slack says so beside the button."""
        try:
            access.open_form(form)
        except (NotNowError, UndeliverableError) as error:
            self.logger.warning("no form was opened", extra={"reason": str(error)})
            return _refused(HTTPStatus.SERVICE_UNAVAILABLE)
        return _done()


def _method(event: Mapping[str, Any]) -> str:
    return str(event.get("requestContext", {}).get("http", {}).get("method", ""))


def _raw_body(event: Mapping[str, Any]) -> bytes:
    """The body's bytes as Slack signed them."""
    body = event.get("body") or ""
    try:
        return (
            base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
        )
    except ValueError as error:
        raise StrangeRequestError(f"the body is no base64: {type(error).__name__}") from error


def _done() -> HttpAnswer:
    return {"statusCode": int(HTTPStatus.OK), "body": ""}


def _heard(locale: str) -> HttpAnswer:
    text = CATALOGUE[Language.of_locale(locale)]["command.heard"]
    return _json({"response_type": "ephemeral", "text": text})


def _json(content: Mapping[str, Any]) -> HttpAnswer:
    headers = {"content-type": "application/json"}
    return {"statusCode": int(HTTPStatus.OK), "headers": headers, "body": json.dumps(content)}


def _refused(status: HTTPStatus, headers: Mapping[str, str] | None = None) -> HttpAnswer:
    return {"statusCode": int(status), "headers": dict(headers or {}), "body": ""}


def interact_handler(clock: Clock | None = None) -> Handler:
    """The Lambda handler of what Slack sends.

    Args:
        clock: What tells the time; the machine's own when not given.
    """
    return handler_of(Interactions(clock))
