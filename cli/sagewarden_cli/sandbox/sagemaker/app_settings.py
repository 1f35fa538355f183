"""Which settings an app runs under: those of its domain, its user and its space, in this order."""

from sagewarden_cli.sandbox.backend import Json
from sagewarden_cli.sandbox.errors import ValidationException
from sagewarden_cli.sandbox.sagemaker.studio import Studio, merged

_SMALLEST = "ml.t3.medium"
_FREE = "system"


def settings_of(studio: Studio, domain_id: str, user_profile: str | None) -> Json:
    """Return the user settings that hold for a person; the domain's if it is nobody."""
    settings: Json = studio.domain(domain_id).details.get("DefaultUserSettings", {})
    if user_profile is None:
        return settings
    own = studio.user_profile(domain_id, user_profile).details.get("UserSettings", {})
    return merged(settings, own)


def resource_spec(app_type: str, given: Json, *layers: Json) -> Json:
    """Return what an app runs on.

    Args:
        app_type: Such as ``JupyterLab``.
        given: What CreateApp was told.
        layers: The settings that hold for it, each over those before it.

    Raises:
        ValidationException: It is a JupyterServer, and is not to run on ``system``.
    """
    spec: Json = {"InstanceType": _FREE if app_type == "JupyterServer" else _SMALLEST}
    for settings in layers:
        spec |= settings.get(f"{app_type}AppSettings", {}).get("DefaultResourceSpec", {})
    wanted: Json = {**spec, **given}
    if app_type == "JupyterServer" and wanted["InstanceType"] != _FREE:
        raise ValidationException(f"JupyterServer apps only support the instance type {_FREE}.")
    if app_type == "KernelGateway" and wanted["InstanceType"] == _FREE:
        wanted["InstanceType"] = _SMALLEST
    return wanted
