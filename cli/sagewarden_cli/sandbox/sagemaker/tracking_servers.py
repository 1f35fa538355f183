"""MLflow tracking servers: created, started, stopped and deleted, each of which takes its time."""

from collections.abc import Collection

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError, ResourceNotFound, ValidationException
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.services import SERVING, TrackingServer
from sagewarden_cli.sandbox.sagemaker.studio import Studio
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in

_DEFAULTS: Json = {
    "TrackingServerSize": "Small",
    "MlflowVersion": "3.0",
    "AutomaticModelRegistration": False,
}
_AT_REST = frozenset({*SERVING, "Stopped", "CreateFailed", "StartFailed", "StopFailed"})


def server_details(params: Params) -> Json:
    """Return what describing a tracking server gives back of the call that made it."""
    given = {k: v for k, v in params.items() if k not in {"TrackingServerName", "Tags"}}
    return {**_DEFAULTS, **given}


class TrackingServers(Backend):
    """The operations on MLflow tracking servers."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._states = here.part(Studio)

    @operation("CreateMlflowTrackingServer")
    def create(self, params: Params) -> Json:
        """Create a server; it is Creating for long, then Created, and serves."""
        name, now = params["TrackingServerName"], self.here.now()
        if name in self._store.tracking_servers:
            raise ValidationException(f"Tracking Server with name {name} already exists.")
        server = TrackingServer(
            name=name,
            arn=self._store.arn(TrackingServer.kind, name),
            created_at=now,
            modified_at=now,
            status="Creating",
            details=server_details(params),
        )
        server.tag(tags_in(params))
        self._store.tracking_servers[name] = server
        self._states.go(server, "Creating", "Created")
        return {"TrackingServerArn": server.arn}

    @operation("DescribeMlflowTrackingServer")
    def describe(self, params: Params) -> Json:
        """Describe a server."""
        server = self._one(params)
        site = f"https://{self.here.region}.experiments.sagemaker.aws"
        return {**server.details, **_summary(server), "TrackingServerUrl": site}

    @operation("ListMlflowTrackingServers")
    def list_page(self, params: Params) -> Json:
        """List servers, the newest first unless asked otherwise."""
        version = params.get("MlflowVersion")
        wanted = [
            server
            for server in self._store.tracking_servers.values()
            if version in {None, server.details["MlflowVersion"]}
        ]
        names = {
            "CreatedAfter": "CreationTimeAfter",
            "CreatedBefore": "CreationTimeBefore",
            "TrackingServerStatus": "StatusEquals",
        }
        page, token = listed(wanted, {names.get(k, k): v for k, v in params.items()})
        return {"TrackingServerSummaries": [_summary(item) for item in page], "NextToken": token}

    @operation("UpdateMlflowTrackingServer")
    def update(self, params: Params) -> Json:
        """Change a server's settings."""
        server = self._one(params)
        _require(server, SERVING | {"Stopped"}, "update")
        server.details |= {k: v for k, v in params.items() if k != "TrackingServerName"}
        self._states.go(server, "Updating", "Updated")
        return {"TrackingServerArn": server.arn}

    @operation("StartMlflowTrackingServer")
    def start(self, params: Params) -> Json:
        """Start a server that is stopped."""
        server = self._one(params)
        _require(server, {"Stopped", "StartFailed"}, "start")
        self._states.go(server, "Starting", "Started")
        return {"TrackingServerArn": server.arn}

    @operation("StopMlflowTrackingServer")
    def stop(self, params: Params) -> Json:
        """Stop a server that runs."""
        server = self._one(params)
        _require(server, SERVING | {"StopFailed"}, "stop")
        self._states.go(server, "Stopping", "Stopped")
        return {"TrackingServerArn": server.arn}

    @operation("DeleteMlflowTrackingServer")
    def delete(self, params: Params) -> Json:
        """Delete a server."""
        server = self._one(params)
        _require(server, _AT_REST, "delete")
        self._states.vanish(server)
        return {"TrackingServerArn": server.arn}

    def _one(self, params: Params) -> TrackingServer:
        name = params["TrackingServerName"]
        found = self._store.tracking_servers.get(name)
        if found is None:
            raise ResourceNotFound(f"Tracking Server {name} does not exist.")
        return found


def _require(server: TrackingServer, allowed: Collection[str], wanted: str) -> None:
    if server.status not in allowed:
        raise AwsError(
            "ConflictException",
            f"Cannot {wanted} Tracking Server {server.name} in status {server.status}.",
        )


def _summary(server: TrackingServer) -> Json:
    return {
        "TrackingServerArn": server.arn,
        "TrackingServerName": server.name,
        "CreationTime": server.created_at,
        "LastModifiedTime": server.modified_at,
        "TrackingServerStatus": server.status,
        "IsActive": server.is_active,
        "MlflowVersion": server.details["MlflowVersion"],
    }
