import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from sagewarden.policy import json_schema, load_policy
from sagewarden_cli.policy_reference import REFERENCE, SCHEMA, reference_text, schema_text, write
from tests.support.policies import SHIPPED

DOCS = Path(__file__).parents[3] / "docs"
REWRITE = "run: python -m sagewarden_cli.policy_reference docs"


@pytest.fixture(scope="module")
def editor() -> jsonschema.Draft202012Validator:
    """Checks a policy as an editor does."""
    return jsonschema.Draft202012Validator(json_schema())


@pytest.fixture
def shipped() -> dict[str, Any]:
    """The shipped policy as YAML libraries read it."""
    found = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def _fields(schema: object) -> list[tuple[str, object]]:
    """Every field that a schema describes, by its key."""
    if isinstance(schema, list):
        return [field for item in schema for field in _fields(item)]
    if not isinstance(schema, dict):
        return []
    found = list(schema.get("properties", {}).items())
    return found + [field for value in schema.values() for field in _fields(value)]


def test_the_published_reference_is_what_the_models_say() -> None:
    published = (DOCS / REFERENCE).read_text(encoding="utf-8")

    assert published == reference_text(), REWRITE


def test_the_published_schema_is_what_the_models_say() -> None:
    published = (DOCS / SCHEMA).read_text(encoding="utf-8")

    assert published == schema_text(), REWRITE


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == [SCHEMA, REFERENCE]
    assert (tmp_path / SCHEMA).read_bytes() == (DOCS / SCHEMA).read_bytes()


def test_the_schema_is_valid_and_describes_every_key() -> None:
    schema = json.loads(schema_text())

    jsonschema.Draft202012Validator.check_schema(schema)
    undescribed = [
        key
        for key, field in _fields(schema)
        if not isinstance(field, dict) or not field.get("description")
    ]
    assert schema["title"] == "Sagewarden governance policy"
    assert schema["$schema"].endswith("2020-12/schema")
    assert undescribed == []
    assert '"null"' not in schema_text()


def test_the_reference_explains_every_key_of_the_schema() -> None:
    keys = {key for key, _ in _fields(json_schema())}
    reference = reference_text()

    missing = {key for key in keys if f"| `{key}` |" not in reference}

    assert missing == set()


def test_an_editor_accepts_the_shipped_policy(
    editor: jsonschema.Draft202012Validator, shipped: dict[str, Any]
) -> None:
    load_policy(SHIPPED)

    assert list(editor.iter_errors(shipped)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "enforced"},
        {"mod": "warn"},
        {"timezone": None},
        {"calendars": {"two words": {"from": "09:00", "to": "18:00"}}},
        {"calendars": {"office": {"from": "09:00", "till": "18:00"}}},
        {"targets": {"regions": ["us-east-1a"]}},
        {"rules": [{"name": "a", "resources": "endpoint", "idle": {"for": "3 weeks"}}]},
        {"rules": [{"name": "a", "resources": "training-job"}]},
        {"protect": [{"values": ["prod"]}]},
    ],
)
def test_an_editor_marks_what_would_be_refused(
    editor: jsonschema.Draft202012Validator, shipped: dict[str, Any], change: dict[str, Any]
) -> None:
    policy = shipped | change

    assert not editor.is_valid(policy)
