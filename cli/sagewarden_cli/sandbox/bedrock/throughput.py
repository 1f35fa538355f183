"""Provisioned throughput: bought by the hour, or for a term that renews itself."""

import hashlib
import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta

from sagewarden_cli.sandbox.backend import AccountRegion, Json
from sagewarden_cli.sandbox.sagemaker.bases import StatefulResource

TERMS = {"OneMonth": timedelta(days=30), "SixMonths": timedelta(days=180)}
"""How long a commitment lasts, about."""


@dataclass(slots=True, kw_only=True)
class Throughput(StatefulResource):
    """Provisioned throughput of a model; its details are the members that describe it."""

    kind = "provisioned-model"

    def committed_until(self, now: datetime) -> datetime | None:
        """When the running term ends; None without a commitment."""
        term = TERMS.get(self.details.get("commitmentDuration", ""))
        if term is None:
            return None
        return self.created_at + term * ((now - self.created_at) // term + 1)

    def shown(self, now: datetime) -> Json:
        """Everything that describes it."""
        told = {
            **self.details,
            "provisionedModelName": self.name,
            "provisionedModelArn": self.arn,
            "status": self.status,
            "creationTime": self.created_at,
            "lastModifiedTime": self.modified_at,
            "commitmentExpirationTime": self.committed_until(now),
        }
        return {name: value for name, value in told.items() if value is not None}


class BedrockStore:
    """All provisioned throughput of one account and region, by ARN."""

    def __init__(self, here: AccountRegion) -> None:
        self._here = here
        self._numbers = itertools.count()
        self.throughput: dict[str, Throughput] = {}

    def new_arn(self) -> str:
        """Return the ARN of what is bought next; no two are ever the same."""
        place = f"{self._here.account}/{self._here.region}/{next(self._numbers)}"
        digest = hashlib.sha256(place.encode()).hexdigest()
        return self._here.arn("bedrock", f"provisioned-model/{digest[:12]}")

    def model_arn(self, model: str) -> str:
        """Return the ARN of a model, given by it or by its id."""
        if model.startswith("arn:"):
            return model
        partition, region = self._here.partition, self._here.region
        return f"arn:{partition}:bedrock:{region}::foundation-model/{model}"

    def add(self, throughput: Throughput) -> str:
        """Keep what was bought, and return its ARN."""
        self.throughput[throughput.arn] = throughput
        return throughput.arn

    def find(self, which: str) -> Throughput | None:
        """Return provisioned throughput by its name or ARN; None when there is none."""
        every = self.throughput.values()
        return next((item for item in every if which in {item.name, item.arn}), None)


def throughput_details(model_arn: str, units: int, commitment: str | None) -> Json:
    """Return what describing provisioned throughput gives back of the call that bought it."""
    return {
        "modelUnits": units,
        "desiredModelUnits": units,
        "modelArn": model_arn,
        "desiredModelArn": model_arn,
        "foundationModelArn": model_arn,
        **({"commitmentDuration": commitment} if commitment else {}),
    }
