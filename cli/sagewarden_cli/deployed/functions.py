"""Whether functions are ready, succeed, and have the policy that the stack names."""

from collections.abc import Iterator
from functools import partial

from sagewarden_cli.deployed.finding import Finding, Health, looked, well
from sagewarden_cli.deployed.measured import Measured
from sagewarden_cli.deployed.stack import FUNCTION, DeployedStack
from sagewarden_cli.plan_view import counted


def check_functions(stack: DeployedStack, measured: Measured | None) -> Iterator[Finding]:
    """Look at every function; those that are well are told in one line.

    Args:
        stack: The stack.
        measured: What CloudWatch knows; None when it could not be read.
    """
    functions = stack.of_type(FUNCTION)
    found = [
        finding
        for logical_id, name in functions.items()
        for finding in looked(
            f"function {logical_id}",
            partial(_function, stack, measured, logical_id, name),
        )
    ]
    yield from found
    fine = len(functions) - len({finding.name for finding in found})
    if fine:
        errors = "no errors in 24 h" if measured else "errors unknown"
        yield well("functions", f"{counted(fine, 'function')} active, {errors}")


def _function(
    stack: DeployedStack, measured: Measured | None, logical_id: str, name: str
) -> Iterator[Finding]:
    """What is wrong with one function."""
    is_now = stack.client("lambda").get_function_configuration(FunctionName=name)
    about = f"function {logical_id}"
    state, updated = is_now.get("State", "Active"), is_now.get("LastUpdateStatus", "Successful")
    if state not in {"Active", "Inactive"} or updated == "Failed":
        said = (
            is_now.get("StateReason") or is_now.get("LastUpdateStatusReason") or "no reason given"
        )
        yield Finding(about, Health.FAIL, f"{state}, last update {updated}: {said}", "deploy again")
    policy = stack.outputs.get("PolicyLayerArn")
    layers = [layer["Arn"] for layer in is_now.get("Layers", ())]
    if policy is not None and policy not in layers:
        fix = "it was changed outside of the stack: deploy again"
        yield Finding(about, Health.FAIL, f"it does not have the policy layer {policy}", fix)
    if measured and (errors := round(measured.errors.get(logical_id, 0))):
        fix = "docs/runbook.md, failing: read the lines of level ERROR in its log"
        yield Finding(about, Health.WARN, f"{counted(errors, 'error')} in 24 h", fix)
