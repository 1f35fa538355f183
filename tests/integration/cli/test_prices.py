"""``sagewarden prices``, against the sandbox's price list."""

import json
import stat
from typing import TYPE_CHECKING

import pytest

from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.observation import ObservedCall

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Desk

FEW = ("--component", "Hosting", "--component", "Notebook")


def usd(desk: "Desk", name: str, component: str = "Hosting", *options: object) -> tuple[str, str]:
    """A price of us-east-1 as it is shown, with its day."""
    result = desk.call(
        "prices", "show", "--component", component, "--region", "us-east-1", "--output", "json",
        *options,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    [found] = [item for item in json.loads(result.stdout)["prices"] if item["name"] == name]
    return found["usd"], found["as_of"]


def reprice(desk: "Desk", usd: str) -> None:
    desk.sandbox.prices.clear()
    desk.sandbox.prices.add(
        "USE1-Host:ml.g5.xlarge", usd, component="Hosting", instanceName="ml.g5.xlarge"
    )


def test_before_any_refresh_the_shipped_prices_are_shown_with_day_unit_and_source(
    desk: "Desk",
) -> None:
    overview = desk.call("prices", "show")
    one = desk.call("prices", "show", "--component", "hosting", "--type", "ml.p5.48")

    assert overview.exit_code == one.exit_code == 0
    assert "Hosting" in overview.stdout
    assert "ServerlessProvisionedConcurrency" in overview.stdout
    assert "[1] flexera-public/policy_templates" in overview.stdout
    row = next(line for line in one.stdout.splitlines() if "us-east-1" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "Hosting", "us-east-1", "ml.p5.48xlarge", "63.296", "instance-hour", "2026-05-20", "[1]",
    ]  # fmt: skip
    assert desk.sandbox.calls.counts() == {}


def test_what_is_not_known_is_said_to_be_so(desk: "Desk") -> None:
    result = desk.call("prices", "show", "--type", "ml.z99")

    assert (result.exit_code, result.stdout) == (0, "no price is known of that\n")
    shown = desk.call("prices", "show", "--type", "ml.z99", "--output", "json").stdout
    assert json.loads(shown) == {"schema": 1, "prices": []}


def test_a_refresh_says_what_it_read_and_what_changed_and_runs_go_by_it(desk: "Desk") -> None:
    reprice(desk, "1.5000000000")
    desk.add_idle_endpoint("churn")

    result = desk.call("prices", "refresh", "--component", "Hosting")
    plan = desk.run("plan", "--rule", "idle", "--output", "json")

    assert result.exit_code == 0, result.output
    assert "1.408" in result.stdout
    assert "1 price table kept in" in result.stdout
    today = desk.now.date().isoformat()
    assert usd(desk, "ml.g5.xlarge") == ("1.5", today)
    [action] = json.loads(plan.stdout)["actions"]
    assert (action["monthly_savings_usd"], action["prices_as_of"]) == (1095.0, today)
    assert action["savings_basis"] == "1 x ml.g5.xlarge at $1.5/h x 730 h"


def test_programs_get_every_change_those_gone_and_new_included(desk: "Desk") -> None:
    reprice(desk, "1.5")
    desk.sandbox.prices.add(
        "USE1-Host:ml.g9.xlarge", "2", component="Hosting", instanceName="ml.g9.xlarge"
    )

    result = desk.call("prices", "refresh", *FEW, "--output", "json")

    document = json.loads(result.stdout)
    changes = {item["name"]: (item["usd_before"], item["usd"]) for item in document["changes"]}
    assert changes["ml.g5.xlarge"] == ("1.408", "1.5")
    assert changes["ml.g9.xlarge"] == (None, "2")
    assert changes["ml.m5.xlarge"] == ("0.23", None)
    assert [item["prices"] for item in document["read"]] == [2]
    assert document["not_listed"] == [{"component": "Notebook", "region": "us-east-1"}]
    assert (document["not_used"], document["incomplete"]) == ([], [])


def test_a_second_refresh_adds_to_the_first_and_finds_nothing_changed(desk: "Desk") -> None:
    desk.call("prices", "refresh", "--component", "Hosting")

    desk.call("prices", "refresh", "--component", "Notebook", "--region", "ap-south-1")
    again = desk.call("prices", "refresh", "--component", "Hosting", "--output", "json")

    assert json.loads(again.stdout)["changes"] == []
    written = json.loads((desk.folder / "cache" / "prices.json").read_text())
    assert [(item["component"], item["region"]) for item in written["tables"]] == [
        ("Hosting", "us-east-1"),
        ("Notebook", "ap-south-1"),
    ]


def test_only_so_many_changes_are_listed_for_people(desk: "Desk") -> None:
    desk.sandbox.prices.clear()
    shown = desk.call("prices", "show", "--component", "Hosting", "--output", "json").stdout
    for item in json.loads(shown)["prices"]:
        desk.sandbox.prices.add(
            f"USE1-Host:{item['name']}", "99", component="Hosting", instanceName=item["name"]
        )

    result = desk.call("prices", "refresh", "--component", "Hosting")

    assert result.stdout.count(" 99 ") == 20
    assert "... and 204 more: --output json has all of them" in result.stdout


def test_a_file_for_the_policy_layer_can_be_read_by_all(desk: "Desk") -> None:
    file = desk.folder / "prices.json"

    result = desk.call("prices", "refresh", "--component", "Hosting", "--file", file)

    assert result.exit_code == 0, result.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert usd(desk, "ml.g5.xlarge", "Hosting", "--file", file)[1] == desk.now.date().isoformat()
    assert usd(desk, "ml.g5.xlarge")[1] == "2026-05-20"


def test_what_cannot_be_read_is_named_and_the_rest_is_kept(desk: "Desk") -> None:
    def refuse(call: ObservedCall) -> None:
        wanted = {item["Value"] for item in call.params["Filters"]}
        if "Notebook" in wanted:
            raise AwsError("InternalErrorException", "later", status=400)  # type: ignore[arg-type]

    with desk.sandbox.observers.watching(refuse):
        result = desk.call("prices", "refresh", *FEW)
        told = desk.call("prices", "refresh", *FEW, "--output", "json")

    assert (result.exit_code, told.exit_code) == (1, 1)
    assert "could not be read: Notebook in us-east-1: InternalErrorException" in result.stderr
    assert "1 price table kept in" in result.stdout
    assert [item["component"] for item in json.loads(told.stdout)["incomplete"]] == ["Notebook"]
    assert usd(desk, "ml.m5.xlarge", "Notebook")[1] == "2026-09-24"


def test_nothing_is_written_where_nothing_was_read(desk: "Desk") -> None:
    result = desk.call("prices", "refresh", "--region", "us-nowhere-1")

    assert result.exit_code == 1
    assert "no price was read, and nothing was written" in result.stdout
    assert "AWS lists no usable price in us-nowhere-1 of Hosting" in result.stderr
    assert not (desk.folder / "cache").exists()


def test_what_the_price_list_says_in_doubt_is_told(desk: "Desk") -> None:
    desk.sandbox.prices.add(
        "USE1-Host:ml.g5.xlarge", "2", component="Hosting", instanceName="ml.g5.xlarge"
    )

    result = desk.call("prices", "refresh", "--component", "Hosting")

    assert "Hosting in us-east-1: ml.g5.xlarge: listed at $1.408, $2" in result.stderr
    assert usd(desk, "ml.g5.xlarge")[0] == "1.408"


def test_a_component_of_an_unknown_name_is_refused_before_any_call(desk: "Desk") -> None:
    result = desk.call("prices", "refresh", "--component", "Lunch")

    assert result.exit_code != 0
    assert "'Lunch' is not one of" in result.stderr
    assert desk.sandbox.calls.counts() == {}


def test_a_damaged_file_stops_a_run_with_a_clear_error(desk: "Desk") -> None:
    (desk.folder / "cache").mkdir()
    (desk.folder / "cache" / "prices.json").write_text("{")
    desk.add_idle_endpoint("churn")

    for arguments in (("prices", "show"), ("prices", "refresh"), ("plan", "--policy", desk.policy)):
        result = desk.call(*arguments)

        assert result.exit_code == 1
        assert "this is no sound price file" in result.stderr
        assert "sagewarden prices refresh" in result.stderr


def test_without_credentials_the_user_is_told_how_to_get_some(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    result = desk.call("prices", "refresh")

    assert result.exit_code == 1
    assert "no AWS credentials: give --profile" in result.stderr


def test_without_a_region_or_a_folder_the_user_is_told_what_to_give(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = desk.call("prices", "refresh", "--file", desk.folder / "none" / "prices.json")
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    no_region = desk.call("prices", "refresh")

    assert "--file: there is no folder" in nowhere.stderr
    assert "no region: give --region, or set AWS_REGION" in no_region.stderr
    assert (nowhere.exit_code, no_region.exit_code) == (1, 1)
