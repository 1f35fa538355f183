"""Whether a role can be assumed: moto knows neither roles that are missing nor closed accounts."""

from http import HTTPStatus

from sagewarden_cli.sandbox.backend import Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError, NotEmulatedError


class Entry(Backend):
    """Refuses AssumeRole where nobody is let in; every other is moto's."""

    service = "sts"

    @operation("AssumeRole")
    def assume_role(self, params: Params) -> Json:
        """Refuse to assume a role of an account that is closed, or that has none."""
        role = params["RoleArn"]
        if self.here.organization.lets_in(role.split(":")[4]):
            raise NotEmulatedError
        caller = f"arn:{self.here.partition}:iam::{self.here.account}:root"
        message = f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}"
        raise AwsError("AccessDenied", message, HTTPStatus.FORBIDDEN)
