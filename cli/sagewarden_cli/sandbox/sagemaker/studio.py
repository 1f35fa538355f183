"""What the backends of SageMaker Studio share: finding, refusing, and states over time."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sagewarden_cli.sandbox.backend import AccountRegion
from sagewarden_cli.sandbox.errors import ResourceInUse, ResourceNotFound
from sagewarden_cli.sandbox.sagemaker.bases import Resource, StatefulResource
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.studio_resources import App, Domain, Space, UserProfile

_NOUNS = {
    "domain": "Domain",
    "user-profile": "UserProfile",
    "space": "Space",
    "app": "App",
    "studio-lifecycle-config": "StudioLifecycleConfig",
}
_AT_REST = frozenset({"InService", "Failed", "Update_Failed", "Delete_Failed"})


class Studio:
    """Studio in one account and region."""

    def __init__(self, here: AccountRegion) -> None:
        self._here = here
        self._store = here.part(SageMakerStore)

    def domain(self, domain_id: str) -> Domain:
        """Return a domain, or refuse as AWS does."""
        found: Domain = self.find(Domain.kind, domain_id)
        return found

    def user_profile(self, domain_id: str, name: str) -> UserProfile:
        """Return a user profile, or refuse as AWS does."""
        found: UserProfile = self.find(UserProfile.kind, f"{domain_id}/{name}")
        return found

    def space(self, domain_id: str, name: str) -> Space:
        """Return a space, or refuse as AWS does."""
        found: Space = self.find(Space.kind, f"{domain_id}/{name}")
        return found

    def find(self, kind: str, key: str) -> Any:  # noqa: ANN401  # one of the kinds above
        """Return a resource of Studio, or refuse as AWS does."""
        found = self._store.of_kind(kind).get(key)
        if found is None:
            arn = self._store.arn(kind, key)
            raise ResourceNotFound(f"{_NOUNS[kind]} [{arn}] does not exist.")
        return found

    def apps(self) -> Iterable[App]:
        """Return all apps that are not deleted."""
        return [app for app in self._store.apps.values() if not app.is_gone]

    def add(self, resource: Resource) -> None:
        """Add a resource, unless there is one of its name.

        Raises:
            ResourceInUse: There is.
        """
        others = self._store.of_kind(resource.kind)
        present = others.get(resource.key)
        if present is not None and not present.is_gone:
            raise ResourceInUse(f"{_NOUNS[resource.kind]} [{resource.arn}] already exists.")
        others[resource.key] = resource

    def go(self, resource: StatefulResource, transient: str, final: str = "InService") -> None:
        """Let a resource be in a transient status for a while, and then in another."""

        def arrive(at: datetime) -> None:
            resource.enter(final, at)

        resource.enter(transient, self._here.now())
        resource.await_change(self._here.after(resource.kind, transient, arrive))

    def vanish(self, resource: StatefulResource) -> None:
        """Let a resource be Deleting for a while, and then be gone."""
        resource.enter("Deleting", self._here.now())
        gone = self._here.after(resource.kind, "Deleting", lambda _at: self.forget(resource))
        resource.await_change(gone)

    def forget(self, resource: Resource) -> None:
        """Take a resource away, unless another of its name has come in its place."""
        others = self._store.of_kind(resource.kind)
        if others.get(resource.key) is resource:
            del others[resource.key]

    def require_rest(self, resource: StatefulResource, wanted: str) -> None:
        """Refuse to do something with what is in the middle of something else.

        Raises:
            ResourceInUse: It is.
        """
        if resource.status not in _AT_REST:
            raise ResourceInUse(
                f"Unable to {wanted} {_NOUNS[resource.kind]} [{resource.arn}] because it is in "
                f"status {resource.status}.",
            )

    def require_empty(self, resource: StatefulResource, associated: Mapping[str, bool]) -> None:
        """Refuse to delete what still has something else in it.

        Args:
            resource: What is to be deleted.
            associated: Whether something is in it, by AWS's word for that.

        Raises:
            ResourceInUse: There is something in it.
        """
        for noun, is_there in associated.items():
            if is_there:
                raise ResourceInUse(
                    f"Unable to delete {_NOUNS[resource.kind]} [{resource.arn}] because {noun}(s) "
                    "are associated with it.",
                )


def merged(known: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with those given put over them, member by member at any depth."""
    both = dict(known)
    for name, value in given.items():
        before = both.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            both[name] = merged(before, value)
        else:
            both[name] = value
    return both
