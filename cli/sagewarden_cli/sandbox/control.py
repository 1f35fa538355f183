"""The sandbox's remote control: time, transitions, forced states, metrics, calls and latency.

Its paths start with ``/sagewarden/``, beside the API that it serves. Bodies are JSON; an
account or region that is left out is the default account and us-east-1.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sagewarden_cli.sandbox.backend import Json
from sagewarden_cli.sandbox.cloudwatch.loading import MetricLoader
from sagewarden_cli.sandbox.codecs import Answer
from sagewarden_cli.sandbox.requests import Environ, body_of
from sagewarden_cli.sandbox.sagemaker.seeding import SageMakerFleet
from sagewarden_cli.sandbox.world import World

DEFAULT_REGION = "us-east-1"


class Control:
    """Answers the control paths.

    Args:
        world: What is controlled.
        reset: What a reset does; it is told the time at which to freeze, or None.
    """

    def __init__(self, world: World, reset: Callable[[datetime | None], None]) -> None:
        self._world = world
        self._reset = reset
        self._paths: dict[tuple[str, str], Callable[[Json], Json]] = {
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._set_clock,
            ("POST", "reset"): self._restart,
            ("GET", "transition-times"): self._transition_times,
            ("POST", "transition-times"): self._set_transition_times,
            ("POST", "status"): self._force_status,
            ("POST", "metrics"): self._load_metrics,
            ("GET", "calls"): self._calls,
            ("DELETE", "calls"): self._clear_calls,
            ("GET", "latency"): self._latency,
            ("POST", "latency"): self._set_latency,
        }

    def answer(self, environ: Environ) -> Answer:
        """Answer one control request: 404 for an unknown path, 400 for a bad body."""
        method = environ["REQUEST_METHOD"]
        name = environ["PATH_INFO"].removeprefix("/sagewarden/").strip("/")
        handler = self._paths.get((method, name))
        if handler is None:
            known = ", ".join(f"{m} /sagewarden/{n}" for m, n in self._paths)
            return _json(404, {"error": f"no {method} /sagewarden/{name}; there are {known}"})
        try:
            return _json(200, handler(_body(environ)))
        except KeyError as missing:
            return _json(400, {"error": f"{name}: the body lacks {missing}"})
        except (TypeError, ValueError) as wrong:
            return _json(400, {"error": f"{name}: {wrong}"})

    def _clock(self, _body: Json) -> Json:
        clock = self._world.clock
        return {"now": clock.now().isoformat(), "frozen": clock.is_frozen}

    def _set_clock(self, body: Json) -> Json:
        if "now" in body:
            self._world.clock.set(datetime.fromisoformat(body["now"]))
        elif "advance_seconds" in body:
            self._world.clock.advance(timedelta(seconds=float(body["advance_seconds"])))
        else:
            raise ValueError('give {"now": <ISO time>} or {"advance_seconds": <number>}')
        return self._clock(body)

    def _restart(self, body: Json) -> Json:
        now = body.get("now")
        self._reset(None if now is None else datetime.fromisoformat(now))
        return self._clock(body)

    def _transition_times(self, _body: Json) -> Json:
        return self._world.times.as_seconds()

    def _set_transition_times(self, body: Json) -> Json:
        if "all" in body:
            self._world.times.set_all(timedelta(seconds=float(body["all"])))
        for kind, statuses in body.items():
            if kind != "all":
                for status, seconds in statuses.items():
                    self._world.times.set(kind, status, timedelta(seconds=float(seconds)))
        return self._transition_times(body)

    def _force_status(self, body: Json) -> Json:
        account, region = body.get("account"), body.get("region", DEFAULT_REGION)
        fleet = SageMakerFleet(lambda: self._world.at(account, region))
        reason = body.get("failure_reason")
        fleet.force_status(body["kind"], body["name"], body["status"], reason)
        return {"kind": body["kind"], "name": body["name"], "status": body["status"]}

    def _load_metrics(self, body: Json) -> Json:
        points = [(datetime.fromisoformat(at), float(value)) for at, value in body["points"]]
        MetricLoader(self._world).load(
            body.get("account"),
            body.get("region"),
            body["namespace"],
            body["metric"],
            body["dimensions"],
            points,
            unit=body.get("unit", "None"),
        )
        return {"loaded": len(points)}

    def _calls(self, _body: Json) -> Json:
        return {"calls": self._world.calls.counts()}

    def _clear_calls(self, body: Json) -> Json:
        self._world.calls.clear()
        return self._calls(body)

    def _latency(self, _body: Json) -> Json:
        return {"seconds": self._world.latency.length / timedelta(seconds=1)}

    def _set_latency(self, body: Json) -> Json:
        self._world.latency.set(timedelta(seconds=float(body["seconds"])))
        return self._latency(body)


def _body(environ: Environ) -> Json:
    body = body_of(environ)
    parsed: Any = json.loads(body) if body else {}
    if not isinstance(parsed, dict):
        raise TypeError("the body must be a JSON object")
    return parsed


def _json(status: int, value: Json) -> Answer:
    return status, [("Content-Type", "application/json")], json.dumps(value).encode()
