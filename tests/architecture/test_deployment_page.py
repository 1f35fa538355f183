"""The deployment page names what the templates have, and its commands give what they ask for."""

import re

import pytest

from tests.support.templates import ROOT, Json, template

PAGE = (ROOT / "docs/deployment.md").read_text(encoding="utf-8")
HUB, SPOKE = template(), template("spoke.yaml")
_ROW = re.compile(r"^\| (`[^|]+) \| ([^|]+) \|", re.MULTILINE)
_NAMED = re.compile(r"`(\w+)`")
_GIVEN = re.compile(r"ParameterKey=(\w+),ParameterValue=(\S+)")
_STACK_SET = re.compile(r"create-stack-set --stack-set-name (\S+)((?:.*\\\n)*.*)")
_PLACEHOLDER = re.compile(r"<([A-Z]\w+)>")


def shown_as(default: Json) -> str:
    return f"`{default}`" if isinstance(default, str) else str(default)


def test_the_page_shows_every_parameter_of_the_hub_with_its_default() -> None:
    shown: dict[str, str] = {}
    for names, defaults in _ROW.findall(PAGE):
        found = _NAMED.findall(names)
        values = defaults.split(", ") if len(found) > 1 else [defaults]
        shown |= dict(zip(found, values, strict=True))

    assert shown == {
        name: shown_as(item["Default"]) if item["Default"] != "" else "none"
        for name, item in HUB["Parameters"].items()
    }


def test_a_stack_set_of_the_page_gives_parameters_that_the_spoke_has() -> None:
    given = {name: dict(_GIVEN.findall(rest)) for name, rest in _STACK_SET.findall(PAGE)}
    needed = {name for name, item in SPOKE["Parameters"].items() if "Default" not in item}

    assert given.keys() == {"sagewarden-spoke", "sagewarden-spoke-events"}
    assert [name for name, parameters in given.items() if not needed <= parameters.keys()] == []
    assert {key for parameters in given.values() for key in parameters} <= SPOKE[
        "Parameters"
    ].keys()
    assert given["sagewarden-spoke-events"]["Role"] in SPOKE["Parameters"]["Role"]["AllowedValues"]


@pytest.mark.parametrize("output", sorted(set(_PLACEHOLDER.findall(PAGE))))
def test_what_the_page_takes_from_the_hub_is_an_output_of_it(output: str) -> None:
    assert output in HUB["Outputs"]


def test_the_accounts_that_the_page_promises_fit_into_the_parameter() -> None:
    [promised] = re.findall(r"ends at (\d+) ids", PAGE)

    longest = ",".join(["123456789012"] * int(promised))

    assert len(longest) <= 4096 < len(longest) + 13
