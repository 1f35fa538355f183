"""User profiles: the people of a Studio domain."""

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.sagemaker.idle_settings import check_idle_settings
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.studio import Studio, merged
from sagewarden_cli.sandbox.sagemaker.studio_resources import UserProfile
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in

_NOT_DETAILS = frozenset({"DomainId", "UserProfileName", "Tags"})


class UserProfiles(Backend):
    """The operations on user profiles."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._studio = here.part(Studio)

    @operation("CreateUserProfile")
    def create(self, params: Params) -> Json:
        """Create a user profile; it is Pending, then InService."""
        domain, name = self._studio.domain(params["DomainId"]), params["UserProfileName"]
        check_idle_settings(params.get("UserSettings", {}))
        now = self.here.now()
        profile = UserProfile(
            name=name,
            arn=self._store.arn(UserProfile.kind, f"{domain.domain_id}/{name}"),
            created_at=now,
            modified_at=now,
            status="Pending",
            details={k: v for k, v in params.items() if k not in _NOT_DETAILS},
            domain_id=domain.domain_id,
        )
        profile.tag(tags_in(params))
        self._studio.add(profile)
        self._studio.go(profile, "Pending")
        return {"UserProfileArn": profile.arn}

    @operation("DescribeUserProfile")
    def describe(self, params: Params) -> Json:
        """Describe a user profile: its own settings, not those that the domain adds."""
        profile = self._one(params)
        return {
            **profile.details,
            **_identity(profile),
            "UserProfileArn": profile.arn,
            "FailureReason": profile.failure_reason,
        }

    @operation("ListUserProfiles")
    def list_page(self, params: Params) -> Json:
        """List user profiles, the oldest first unless asked otherwise."""
        domain = params.get("DomainIdEquals")
        wanted = [p for p in self._store.user_profiles.values() if domain in {None, p.domain_id}]
        query = {**params, "NameContains": params.get("UserProfileNameContains", "")}
        page, token = listed(wanted, query, sort_order="Ascending")
        return {"UserProfiles": [_identity(profile) for profile in page], "NextToken": token}

    @operation("UpdateUserProfile")
    def update(self, params: Params) -> Json:
        """Change a user profile's settings, member by member."""
        profile = self._one(params)
        self._studio.require_rest(profile, "update")
        settings = merged(profile.details.get("UserSettings", {}), params.get("UserSettings", {}))
        check_idle_settings(settings)
        profile.details["UserSettings"] = settings
        self._studio.go(profile, "Updating")
        return {"UserProfileArn": profile.arn}

    @operation("DeleteUserProfile")
    def delete(self, params: Params) -> Json:
        """Delete a user profile that runs no app and owns no space."""
        profile = self._one(params)
        self._studio.require_rest(profile, "delete")
        whose = (profile.domain_id, profile.name)
        spaces = self._store.spaces.values()
        associated = {
            "App": any((a.domain_id, a.user_profile) == whose for a in self._studio.apps()),
            "Space": any((s.domain_id, s.owner) == whose for s in spaces),
        }
        self._studio.require_empty(profile, associated)
        self._studio.vanish(profile)
        return {}

    def _one(self, params: Params) -> UserProfile:
        return self._studio.user_profile(params["DomainId"], params["UserProfileName"])


def _identity(profile: UserProfile) -> Json:
    return {
        "DomainId": profile.domain_id,
        "UserProfileName": profile.name,
        "Status": profile.status,
        "CreationTime": profile.created_at,
        "LastModifiedTime": profile.modified_at,
    }
