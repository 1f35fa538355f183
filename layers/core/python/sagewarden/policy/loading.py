"""From a policy file to a checked model, or to everything that is wrong with it."""

from pathlib import Path

from pydantic import ValidationError

from sagewarden.policy.document import MOST_BYTES, read_document
from sagewarden.policy.explanations import explain
from sagewarden.policy.findings import contradictions, nothing_written, unavailable_rules
from sagewarden.policy.models import GovernancePolicy
from sagewarden.policy.problems import Finding, PolicyError, Problem


def load_policy(path: Path) -> GovernancePolicy:
    """Read a policy file.

    Raises:
        PolicyError: It cannot be read, or something in it is wrong.
    """
    file = str(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        problem = f"it cannot be read: {error.strerror}"
        raise PolicyError(
            [Problem(file, 1, 1, "", problem, "give the path of a readable file")]
        ) from error
    if len(content) > MOST_BYTES:
        problem = f"it has more than {MOST_BYTES} bytes"
        raise PolicyError([Problem(file, 1, 1, "", problem, "remove what is not needed")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        problem = f"byte {column} of the line is no UTF-8 text"
        raise PolicyError(
            [Problem(file, line, column, "", problem, "save the file as UTF-8")]
        ) from error
    return parse_policy(text, file)


def parse_policy(text: str, file: str = "governance.yaml") -> GovernancePolicy:
    """Read a policy's text.

    Args:
        text: The YAML.
        file: What errors call it.

    Raises:
        PolicyError: Something in it is wrong; it carries every problem that was found.
    """
    document = read_document(text, file)
    data = document.data()
    unavailable = tuple(unavailable_rules(data))
    gaps = tuple(nothing_written(data))
    findings = [*unavailable, *gaps, *contradictions(data)]
    policy: GovernancePolicy | None = None
    try:
        policy = GovernancePolicy.model_validate(data, context=document)
    except ValidationError as error:
        said = {*(item.path[:2] for item in unavailable), *(item.path for item in gaps)}
        findings += [item for item in explain(error, document) if not _said(item, said)]
    if policy is None or findings or document.problems:
        raise PolicyError([*document.problems, *map(document.problem, findings)])
    return policy


def _said(finding: Finding, said: set[tuple[str | int, ...]]) -> bool:
    """Whether something above a finding's place has already been found wrong as a whole."""
    return any(finding.path[:length] in said for length in range(1, len(finding.path) + 1))
