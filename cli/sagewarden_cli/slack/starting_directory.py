"""The people, groups and channels that a local Slack starts with, from a YAML file."""

from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sagewarden_cli.located_values import UnreadableFileError
from sagewarden_cli.slack.local_slack import LocalSlack

_DEFAULT = "starting_directory.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Person(_Strict):
    name: str = Field(min_length=1)
    real_name: str = ""
    email: str = ""
    tz: str = "UTC"
    locale: str = "en-US"


class _Directory(_Strict):
    people: list[_Person] = Field(min_length=1)
    groups: dict[str, list[str]] = Field(default_factory=dict)
    channels: dict[str, list[str]] = Field(default_factory=dict)


def settle(slack: LocalSlack, path: Path | None = None) -> None:
    """Fill a workspace from a file; without one, from the packaged one.

    Raises:
        UnreadableFileError: The file is no such file, and what is wrong with it.
        OSError: It cannot be read.
    """
    packaged = files(__package__).joinpath(_DEFAULT)
    text = (path or packaged).read_text(encoding="utf-8")
    try:
        directory = _Directory.model_validate(yaml.safe_load(text))
        for person in directory.people:
            slack.add_user(**person.model_dump())
        for handle, members in directory.groups.items():
            slack.add_group(handle, members)
        for name, members in directory.channels.items():
            slack.add_channel(name, members)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"]) or "the file"
        raise UnreadableFileError(f"{path}: {place}: {first['msg']}") from error
    except (KeyError, ValueError, yaml.YAMLError) as error:
        told = str(error.args[0]) if isinstance(error, KeyError) else str(error)
        raise UnreadableFileError(f"{path}: {told}") from error
