"""Who is in a local Slack from the start."""

from pathlib import Path

import pytest

from sagewarden_cli.located_values import UnreadableFileError
from sagewarden_cli.slack import LocalSlack
from sagewarden_cli.slack.starting_directory import settle


def test_without_a_file_there_are_a_few_people() -> None:
    slack = LocalSlack()

    settle(slack)

    assert slack.user("mina").tz == "Asia/Seoul"
    assert slack.user("ana").id in slack.channel("sagewarden-ops").members


def test_a_file_says_who_there_is(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text("people: [{name: kim, tz: Asia/Seoul}]\nchannels: {costs: [kim]}")
    slack = LocalSlack()

    settle(slack, path)

    assert slack.user("kim").id in slack.channel("costs").members


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("people: []", "people"),
        ("people: [{name: kim, zone: Asia/Seoul}]", "people.0.zone"),
        ("people: [{name: kim, tz: Seoul}]", "no time zone"),
        ("people: [{name: kim}, {name: kim}]", "already"),
        ("people: [{name: kim}]\nchannels: {costs: [lee]}", "nobody in the workspace"),
        ("people: [", "people.yaml"),
        ("", "the file"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(text)

    with pytest.raises(UnreadableFileError) as caught:
        settle(LocalSlack(), path)

    assert str(path) in str(caught.value)
    assert told in str(caught.value)
