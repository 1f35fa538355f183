"""AddTags, ListTags and DeleteTags on what the sandbox emulates; moto answers for the rest."""

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import NotEmulatedError, ValidationException
from sagewarden_cli.sandbox.sagemaker.bases import Resource
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.tagging import as_tag_list, check_tag_count, tags_in


class Tags(Backend):
    """The operations on tags."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)

    @operation("AddTags")
    def add(self, params: Params) -> Json:
        """Add tags, over those of the same key; all tags are given back."""
        resource = self._resource(params["ResourceArn"])
        tags = tags_in(params)
        check_tag_count(resource.tags, tags)
        resource.tag(tags)
        return {"Tags": as_tag_list(resource.tags)}

    @operation("ListTags")
    def list_page(self, params: Params) -> Json:
        """List a resource's tags: never more than 50, so always all of them."""
        return {"Tags": as_tag_list(self._resource(params["ResourceArn"]).tags)}

    @operation("DeleteTags")
    def delete(self, params: Params) -> Json:
        """Take tags off; keys that are not there are ignored."""
        resource = self._resource(params["ResourceArn"])
        for key in params["TagKeys"]:
            resource.tags.pop(key, None)
        return {}

    def _resource(self, arn: str) -> Resource:
        kind = arn.split(":", 5)[5].partition("/")[0]
        try:
            found = self._store.by_arn(arn)
        except KeyError:
            raise NotEmulatedError(kind) from None
        if found is None:
            if kind == "notebook-instance":
                raise ValidationException("RecordNotFound")
            words = kind.replace("endpoint-config", "endpoint configuration").replace("-", " ")
            raise ValidationException(f'Could not find {words} "{arn}".')
        return found
