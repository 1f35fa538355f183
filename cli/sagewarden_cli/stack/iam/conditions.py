"""IAM's condition operators (IAM User Guide, "Condition operators"), as far as anybody needs them.

An operator that is not known here is an error, never a guess.
"""

from collections.abc import Callable, Mapping, Sequence

from sagewarden_cli.stack.iam import patterns
from sagewarden_cli.stack.iam.requests import Context

type Conditions = Mapping[str, Mapping[str, tuple[str, ...]]]
type _Test = Callable[[str, str, Context], bool]


class UnknownOperatorError(ValueError):
    """A condition operator is not implemented here."""


def _ignoring_case(wanted: str, found: str, context: Context) -> bool:
    return patterns.equals(wanted, found, context, ignore_case=True)


def _same_truth(wanted: str, found: str, _context: Context) -> bool:
    return wanted.lower() == found.lower()


_TESTS: Mapping[str, _Test] = {
    "StringEquals": patterns.equals,
    "StringEqualsIgnoreCase": _ignoring_case,
    "StringLike": patterns.matches,
    "ArnEquals": patterns.arn_matches,
    "ArnLike": patterns.arn_matches,
    "Bool": _same_truth,
    "NumericEquals": lambda wanted, found, _: float(found) == float(wanted),
    "NumericLessThan": lambda wanted, found, _: float(found) < float(wanted),
    "NumericLessThanEquals": lambda wanted, found, _: float(found) <= float(wanted),
    "NumericGreaterThan": lambda wanted, found, _: float(found) > float(wanted),
    "NumericGreaterThanEquals": lambda wanted, found, _: float(found) >= float(wanted),
}
_NEGATIONS: Mapping[str, str] = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
}


def hold(conditions: Conditions, context: Context) -> bool:
    """Tell whether every key of every operator of a statement holds.

    Raises:
        UnknownOperatorError: An operator is not known here.
    """
    return all(
        _holds(operator, key.lower(), values, context)
        for operator, keys in conditions.items()
        for key, values in keys.items()
    )


def _holds(operator: str, key: str, wanted: Sequence[str], context: Context) -> bool:
    found = context.get(key, ())
    if operator == "Null":
        return (not found) == (wanted[0].lower() == "true")
    quantifier, _, name = operator.rpartition(":")
    name, if_exists = name.removesuffix("IfExists"), name.endswith("IfExists")
    negated = name in _NEGATIONS
    test = _TESTS.get(_NEGATIONS.get(name, name))
    if test is None or quantifier not in {"", "ForAllValues", "ForAnyValue"}:
        known = ", ".join(sorted([*_TESTS, *_NEGATIONS, "Null"]))
        raise UnknownOperatorError(f"condition operator {operator!r} is not among {known}")
    answers = [any(test(value, item, context) for value in wanted) != negated for item in found]
    if not found:
        return if_exists or quantifier == "ForAllValues" or (negated and not quantifier)
    if quantifier == "ForAnyValue":
        return any(answers)
    # Without a quantifier a key should have one value; all of several must hold to be sure.
    return all(answers)
