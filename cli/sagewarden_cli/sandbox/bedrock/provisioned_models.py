"""The operations on provisioned throughput, and on its tags."""

from datetime import datetime
from http import HTTPStatus

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.bedrock.throughput import (
    BedrockStore,
    Throughput,
    throughput_details,
)
from sagewarden_cli.sandbox.errors import AwsError, NotEmulatedError, ValidationException
from sagewarden_cli.sandbox.pagination import page_after

_DEFAULT_PAGE = 10
_NAMED = ":provisioned-model/"


class ProvisionedModels(Backend):
    """The operations on provisioned throughput; everything else of Bedrock is moto's."""

    service = "bedrock"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(BedrockStore)

    @operation("CreateProvisionedModelThroughput")
    def create(self, params: Params) -> Json:
        """Buy throughput; it is Creating, then InService, and billed from then on."""
        name, now = params["provisionedModelName"], self.here.now()
        if self._store.find(name) is not None:
            raise ValidationException(f"A provisioned model named {name} already exists.")
        model = self._store.model_arn(params["modelId"])
        commitment = params.get("commitmentDuration")
        throughput = Throughput(
            name=name,
            arn=self._store.new_arn(),
            created_at=now,
            modified_at=now,
            status="Creating",
            details=throughput_details(model, params["modelUnits"], commitment),
        )
        throughput.tag({tag["key"]: tag["value"] for tag in params.get("tags", ())})
        self._go(throughput, "Creating")
        return {"provisionedModelArn": self._store.add(throughput)}

    @operation("GetProvisionedModelThroughput")
    def get(self, params: Params) -> Json:
        """Describe provisioned throughput, by its name or ARN."""
        return self._one(params).shown(self.here.now())

    @operation("ListProvisionedModelThroughputs")
    def list_page(self, params: Params) -> Json:
        """List provisioned throughput, the newest first unless asked otherwise."""
        found = [item for item in self._store.throughput.values() if _is_wanted(item, params)]
        descending = params.get("sortOrder", "Descending") == "Descending"

        def key(item: Throughput) -> tuple[object, ...]:
            return (item.created_at.timestamp(), item.arn)

        found.sort(key=key, reverse=descending)
        limit = params.get("maxResults", _DEFAULT_PAGE)
        page, token = page_after(found, key, params.get("nextToken"), limit, descending=descending)
        now = self.here.now()
        return {"provisionedModelSummaries": [item.shown(now) for item in page], "nextToken": token}

    @operation("UpdateProvisionedModelThroughput")
    def update(self, params: Params) -> Json:
        """Give it another name, or another model."""
        found = self._one(params)
        found.name = params.get("desiredProvisionedModelName", found.name)
        if model := params.get("desiredModelId"):
            arn = self._store.model_arn(model)
            found.details |= {"modelArn": arn, "desiredModelArn": arn}
        self._go(found, "Updating")
        return {}

    @operation("DeleteProvisionedModelThroughput")
    def delete(self, params: Params) -> Json:
        """Delete it at once, unless a term that was committed to is running."""
        found = self._one(params)
        until = found.committed_until(self.here.now())
        if until is not None:
            raise AwsError(
                "ConflictException",
                f"{found.name} cannot be deleted before its commitment ends at "
                f"{until.isoformat()}.",
            )
        found.await_change(None)
        del self._store.throughput[found.arn]
        return {}

    @operation("ListTagsForResource")
    def list_tags(self, params: Params) -> Json:
        """List the tags of provisioned throughput."""
        tags = self._tagged(params).tags
        return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}

    @operation("TagResource")
    def tag(self, params: Params) -> Json:
        """Tag provisioned throughput."""
        self._tagged(params).tag({tag["key"]: tag["value"] for tag in params["tags"]})
        return {}

    @operation("UntagResource")
    def untag(self, params: Params) -> Json:
        """Take tags off provisioned throughput."""
        tags = self._tagged(params).tags
        for key in params["tagKeys"]:
            tags.pop(key, None)
        return {}

    def _go(self, throughput: Throughput, transient: str) -> None:
        def arrive(at: datetime) -> None:
            throughput.enter("InService", at)

        throughput.enter(transient, self.here.now())
        throughput.await_change(self.here.after(throughput.kind, transient, arrive))

    def _one(self, params: Params) -> Throughput:
        return self._found(params["provisionedModelId"])

    def _tagged(self, params: Params) -> Throughput:
        arn = params["resourceARN"]
        if _NAMED not in arn:
            raise NotEmulatedError(arn)
        return self._found(arn)

    def _found(self, which: str) -> Throughput:
        found = self._store.find(which)
        if found is None:
            raise AwsError(
                "ResourceNotFoundException",
                f"Could not find provisioned model {which}.",
                HTTPStatus.NOT_FOUND,
            )
        return found


def _is_wanted(item: Throughput, params: Params) -> bool:
    model = item.details["modelArn"]
    if params.get("statusEquals", item.status) != item.status:
        return False
    if params.get("modelArnEquals", model) != model:
        return False
    after = params.get("creationTimeAfter", item.created_at)
    before = params.get("creationTimeBefore", item.created_at)
    return params.get("nameContains", "") in item.name and after <= item.created_at <= before
