"""What SageMaker Studio holds: domains, the people and spaces in them, and what they run."""

from dataclasses import dataclass
from datetime import datetime

from sagewarden_cli.sandbox.sagemaker.bases import Resource, StatefulResource


@dataclass(slots=True, kw_only=True)
class Domain(StatefulResource):
    """A domain."""

    kind = "domain"

    domain_id: str

    @property
    def key(self) -> str:
        """Its id."""
        return self.domain_id


@dataclass(slots=True, kw_only=True)
class InDomain(StatefulResource):
    """What lives in a domain, under a name that is unique there only."""

    domain_id: str

    @property
    def key(self) -> str:
        """Its domain and name."""
        return f"{self.domain_id}/{self.name}"


@dataclass(slots=True, kw_only=True)
class UserProfile(InDomain):
    """One person in a domain."""

    kind = "user-profile"


@dataclass(slots=True, kw_only=True)
class Space(InDomain):
    """A place in a domain, of one person or shared, with storage of its own."""

    kind = "space"

    @property
    def owner(self) -> str | None:
        """The name of the user profile that it belongs to, if any."""
        owner: str | None = self.details.get("OwnershipSettings", {}).get("OwnerUserProfileName")
        return owner


@dataclass(slots=True, kw_only=True)
class App(InDomain):
    """An application that runs, and costs, for a person or in a space.

    Attributes:
        user_profile: The name of the user profile that it runs for; None if it runs in a space.
        space: The name of the space that it runs in; None if it runs for a user profile.
        user_active_at: When its user last did something, or AWS last looked.
        checked_at: When AWS last looked whether it is healthy.
    """

    kind = "app"

    app_type: str
    user_profile: str | None
    space: str | None
    user_active_at: datetime | None = None
    checked_at: datetime | None = None

    @property
    def key(self) -> str:
        """What AWS makes its ARN of."""
        return app_key(self.domain_id, self.user_profile or self.space, self.app_type, self.name)

    @property
    def is_gone(self) -> bool:
        """Whether it is deleted, though still to be seen for a day."""
        return self.status == "Deleted"

    def entered(self, at: datetime) -> None:
        """Have its health checked once it runs."""
        if self.status == "InService":
            self.checked_at = self.user_active_at = at


@dataclass(slots=True, kw_only=True)
class StudioLifecycleConfig(Resource):
    """A script that runs when a Studio app starts."""

    kind = "studio-lifecycle-config"


@dataclass(slots=True, kw_only=True)
class NotebookLifecycleConfig(Resource):
    """Scripts that run when a notebook instance is created or started."""

    kind = "notebook-instance-lifecycle-config"


def app_key(domain_id: str, owner: str | None, app_type: str, name: str) -> str:
    """Return what an app is kept under."""
    return f"{domain_id}/{owner}/{app_type}/{name}"
