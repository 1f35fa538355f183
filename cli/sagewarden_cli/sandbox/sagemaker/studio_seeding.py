"""An in-process builder of SageMaker Studio: domains, people, spaces and apps of any age."""

from collections.abc import Mapping
from datetime import datetime

from sagewarden_cli.sandbox.backend import Json
from sagewarden_cli.sandbox.sagemaker.app_settings import resource_spec
from sagewarden_cli.sandbox.sagemaker.domains import domain_details
from sagewarden_cli.sandbox.sagemaker.seeder import Seeder, known_status
from sagewarden_cli.sandbox.sagemaker.studio_resources import (
    App,
    Domain,
    Space,
    UserProfile,
    app_key,
)


class StudioSeeder(Seeder):
    """Puts what belongs to Studio straight into one account and region."""

    def add_domain(  # one argument per field of a domain
        self,
        domain_id: str,
        *,
        name: str | None = None,
        status: str = "InService",
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        **details: object,
    ) -> str:
        """Add a domain and return its ARN.

        Args:
            domain_id: Its id, such as ``d-research``; what is put into it names it.
            name: Its name; the id without ``d-`` unless given.
            status: Any of its statuses.
            created_at: When it was created.
            modified_at: When it last changed.
            tags: Its tags.
            details: More members of CreateDomain, such as ``DefaultUserSettings={...}``.
        """
        created = self._created(created_at)
        given: Json = {
            "AuthMode": "IAM",
            "DefaultUserSettings": {"ExecutionRole": self._role},
            "SubnetIds": ["subnet-1"],
            "VpcId": "vpc-1",
            **details,
        }
        domain = Domain(
            name=name or domain_id.removeprefix("d-"),
            arn=self._store.arn(Domain.kind, domain_id),
            created_at=created,
            modified_at=modified_at or created,
            status=known_status(Domain.kind, status),
            details=domain_details(given),
            domain_id=domain_id,
        )
        return self._put(domain, tags)

    def add_user_profile(  # one argument per field of a user profile
        self,
        name: str,
        *,
        domain: str,
        status: str = "InService",
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        **details: object,
    ) -> str:
        """Add a user profile and return its ARN.

        Args:
            name: Its name.
            domain: The domain's id.
            status: Any of its statuses.
            created_at: When it was created.
            modified_at: When it last changed.
            tags: Its tags.
            details: More members of CreateUserProfile, such as ``UserSettings={...}``.
        """
        created = self._created(created_at)
        profile = UserProfile(
            name=name,
            arn=self._store.arn(UserProfile.kind, f"{domain}/{name}"),
            created_at=created,
            modified_at=modified_at or created,
            status=known_status(UserProfile.kind, status),
            details=dict(details),
            domain_id=domain,
        )
        return self._put(profile, tags)

    def add_space(  # noqa: PLR0913  # one argument per field of a space
        self,
        name: str,
        *,
        domain: str,
        owner: str | None = None,
        sharing: str = "Private",
        app_type: str = "JupyterLab",
        volume_gb: int | None = None,
        status: str = "InService",
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        **details: object,
    ) -> str:
        """Add a space and return its ARN.

        Args:
            name: Its name.
            domain: The domain's id.
            owner: The name of the user profile that it belongs to.
            sharing: ``Private`` or ``Shared``; said only of a space that has an owner, as on AWS.
            app_type: The type of the apps that run in it.
            volume_gb: The size of its volume; None where AWS does not tell.
            status: Any of its statuses.
            created_at: When it was created.
            modified_at: When it last changed.
            tags: Its tags.
            details: More members of CreateSpace; ``SpaceSettings`` replaces what ``app_type`` says.
        """
        created = self._created(created_at)
        settings: Json = {"AppType": app_type}
        if volume_gb is not None:
            storage = {"EbsStorageSettings": {"EbsVolumeSizeInGb": volume_gb}}
            settings["SpaceStorageSettings"] = storage
        given: Json = {"SpaceSettings": settings}
        if owner is not None:
            given["OwnershipSettings"] = {"OwnerUserProfileName": owner}
            given["SpaceSharingSettings"] = {"SharingType": sharing}
        space = Space(
            name=name,
            arn=self._store.arn(Space.kind, f"{domain}/{name}"),
            created_at=created,
            modified_at=modified_at or created,
            status=known_status(Space.kind, status),
            details={**given, **details},
            domain_id=domain,
        )
        return self._put(space, tags)

    def add_app(  # noqa: PLR0913  # one argument per field of an app
        self,
        name: str = "default",
        *,
        domain: str,
        user_profile: str | None = None,
        space: str | None = None,
        app_type: str = "JupyterLab",
        instance_type: str | None = None,
        status: str = "InService",
        created_at: datetime | None = None,
        last_user_activity_at: datetime | None = None,
        last_health_check_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        **details: object,
    ) -> str:
        """Add an app and return its ARN.

        Args:
            name: Its name.
            domain: The domain's id.
            user_profile: The name of the user profile that it runs for, unless it is in a space.
            space: The name of the space that it runs in.
            app_type: Such as ``JupyterLab`` or ``CodeEditor``.
            instance_type: What it runs on; ``ml.t3.medium`` unless given, and ``system``, which is
                free, for ``JupyterServer``.
            status: Any of its statuses.
            created_at: When it was created.
            last_user_activity_at: When its user last did something; when it was created unless
                given.
            last_health_check_at: When AWS last looked at it; the same.
            tags: Its tags; none are taken from the domain or the user profile.
            details: More of what DescribeApp gives, such as a whole ``ResourceSpec``.

        Raises:
            ValueError: It runs for a user profile and in a space, or for neither.
        """
        if (user_profile is None) == (space is None):
            raise ValueError(f"app {name!r}: give either user_profile or space")
        created = self._created(created_at)
        spec = {} if instance_type is None else {"InstanceType": instance_type}
        key = app_key(domain, user_profile or space, app_type, name)
        app = App(
            name=name,
            arn=self._store.arn(App.kind, key),
            created_at=created,
            modified_at=created,
            status=known_status(App.kind, status),
            details={"ResourceSpec": resource_spec(app_type, spec), **details},
            domain_id=domain,
            app_type=app_type,
            user_profile=user_profile,
            space=space,
            user_active_at=last_user_activity_at or created,
            checked_at=last_health_check_at or created,
        )
        return self._put(app, tags)
