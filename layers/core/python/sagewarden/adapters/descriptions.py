"""Endpoint configs and models as SageMaker describes them, each asked for once in a run."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from sagewarden.adapters.sessions import Sessions
from sagewarden.domain.advice.workload import Container


class Descriptions:
    """Reads configs and models, and remembers them; safe to share between threads.

    Two threads that ask for the same at once may both read it. What fails is asked for again.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._known: dict[tuple[str, str, str], Mapping[str, Any]] = {}
        self._lock = threading.Lock()

    def config(self, region: str, name: str) -> Mapping[str, Any]:
        """The answer of DescribeEndpointConfig."""
        client = self._sessions.client("sagemaker", region)
        return self._once(
            ("config", region, name),
            lambda: client.describe_endpoint_config(EndpointConfigName=name),
        )

    def model(self, region: str, name: str) -> Mapping[str, Any]:
        """The answer of DescribeModel."""
        client = self._sessions.client("sagemaker", region)
        return self._once(("model", region, name), lambda: client.describe_model(ModelName=name))

    def _once(
        self, key: tuple[str, str, str], read: Callable[[], Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        with self._lock:
            known = self._known.get(key)
        if known is not None:
            return known
        found = read()
        with self._lock:
            self._known[key] = found
        return found


def variants_of(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The variants of a config as DescribeEndpointConfig tells them, shadow variants too."""
    return [*config["ProductionVariants"], *config.get("ShadowProductionVariants", ())]


def containers_of(model: Mapping[str, Any]) -> tuple[Container, ...]:
    """The containers of a model as DescribeModel tells them."""
    primary = model.get("PrimaryContainer")
    listed = [*([primary] if primary else []), *model.get("Containers", ())]
    return tuple(
        Container(item.get("Image"), multi_model=item.get("Mode") == "MultiModel")
        for item in listed
    )
