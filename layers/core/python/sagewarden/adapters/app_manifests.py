"""Take down what brings a Studio app back, and look at what of it exists."""

from typing import TYPE_CHECKING

from sagewarden.adapters.described import Json, plain, tags_of, unless_gone
from sagewarden.adapters.studio_apps import app_request, space_request
from sagewarden.domain.resources import AppStatus, ResourceRef

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient


def app_manifest(ref: ResourceRef, client: "SageMakerClient") -> dict[str, object]:
    """Describe an app, its tags, and the space that it runs in.

    Args:
        ref: The app.
        client: The client of its region.

    Raises:
        botocore.exceptions.ClientError: A part could not be read: there is no manifest then.
    """
    app: Json = plain(dict(client.describe_app(**app_request(ref))))
    content: dict[str, object] = {"app": app, "tags": tags_of(client, app["AppArn"])}
    if request := space_request(ref):
        content["space"] = plain(dict(client.describe_space(**request)))
    return content


def present_app(ref: ResourceRef, client: "SageMakerClient") -> dict[str, object]:
    """What exists of an app, its space and its user profile, in the manifest's form.

    Raises:
        botocore.exceptions.ClientError: A part could not be read.
    """
    request = app_request(ref)
    app = unless_gone(client.describe_app, **request)
    if app is not None and app["Status"] == AppStatus.DELETED:
        app = None
    content: dict[str, object] = {"app": app, "tags": tags_of(client, app["AppArn"]) if app else {}}
    if space := space_request(ref):
        return {**content, "space": unless_gone(client.describe_space, **space)}
    profile = {key: request[key] for key in ("DomainId", "UserProfileName")}
    return {**content, "user_profile": unless_gone(client.describe_user_profile, **profile)}
