"""CloudFormation's intrinsic functions, as far as our template uses them; the rest is refused."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

type Json = Any  # a template's values are what JSON can hold

NO_VALUE = "AWS::NoValue"
_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]+)\}")


class IntrinsicError(ValueError):
    """A template asks for something that is not understood here, or refers to nothing."""


class References(Protocol):
    """What names in a template stand for."""

    def ref(self, name: str) -> Json:
        """The value of a parameter, a pseudo parameter or a resource."""
        ...

    def attribute(self, logical_id: str, name: str) -> Json:
        """The value of a resource's attribute."""
        ...


class _Absent:
    """What ``AWS::NoValue`` leaves behind: nothing."""


_ABSENT = _Absent()


class Resolver:
    """Replaces intrinsic functions by their values.

    Args:
        template: The template: its ``Conditions`` and ``Mappings`` are read.
        references: What ``Ref`` and ``Fn::GetAtt`` find.
    """

    def __init__(self, template: Mapping[str, Json], references: References) -> None:
        self._conditions: Mapping[str, Json] = template.get("Conditions", {})
        self._mappings: Mapping[str, Json] = template.get("Mappings", {})
        self._references = references
        self._functions: Mapping[str, Callable[[Json], Json]] = {
            "Ref": self._ref,
            "Condition": self.condition,
            "Fn::GetAtt": self._attribute,
            "Fn::Sub": self._substitute,
            "Fn::Join": self._join,
            "Fn::If": self._if,
            "Fn::Equals": self._equals,
            "Fn::And": lambda values: all(self._values(values)),
            "Fn::Or": lambda values: any(self._values(values)),
            "Fn::Not": lambda values: not self._values(values)[0],
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::FindInMap": self._find_in_map,
        }

    def resolve(self, value: Json) -> Json:
        """Return a value without intrinsic functions.

        Raises:
            IntrinsicError: A function is not known here, or refers to nothing.
        """
        resolved = self._value(value)
        return None if resolved is _ABSENT else resolved

    def condition(self, name: str) -> bool:
        """Tell whether a condition of the template holds.

        Raises:
            IntrinsicError: There is none of this name.
        """
        if name not in self._conditions:
            raise IntrinsicError(f"Conditions has no {name!r}; it has {sorted(self._conditions)}")
        return bool(self._value(self._conditions[name]))

    def _value(self, value: Json) -> Json:
        if isinstance(value, list):
            return self._values(value)
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name in self._functions and not self._is_policy_condition(name, argument):
                return self._functions[name](argument)
            if name.startswith("Fn::"):
                known = ", ".join(sorted(self._functions))
                raise IntrinsicError(f"{name} is not understood here; there are {known}")
        members = {name: self._value(member) for name, member in value.items()}
        return {name: member for name, member in members.items() if member is not _ABSENT}

    @staticmethod
    def _is_policy_condition(name: str, argument: Json) -> bool:
        """Tell an IAM ``Condition`` block from a reference to a condition of the template."""
        return name == "Condition" and not isinstance(argument, str)

    def _values(self, values: Json) -> list[Json]:
        return [found for value in values if (found := self._value(value)) is not _ABSENT]

    def _ref(self, name: str) -> Json:
        return _ABSENT if name == NO_VALUE else self._references.ref(name)

    def _attribute(self, argument: Json) -> Json:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        return self._references.attribute(parts[0], self._value(parts[1]))

    def _substitute(self, argument: Json) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else argument
        names = {name: self._value(value) for name, value in given.items()}

        def found(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            if name in names:
                return str(names[name])
            return str(self._attribute(name) if "." in name else self._ref(name))

        return _PLACEHOLDER.sub(found, text)

    def _join(self, argument: Json) -> str:
        separator, values = argument
        return str(separator).join(str(value) for value in self._value(values))

    def _if(self, argument: Json) -> Json:
        name, then, otherwise = argument
        return self._value(then if self.condition(name) else otherwise)

    def _equals(self, argument: Json) -> bool:
        left, right = self._values(argument)
        return str(left) == str(right)

    def _select(self, argument: Json) -> Json:
        index, values = argument
        return self._value(values)[int(self._value(index))]

    def _split(self, argument: Json) -> list[str]:
        separator, text = argument
        return str(self._value(text)).split(separator)

    def _find_in_map(self, argument: Json) -> Json:
        name, first, second = self._values(argument)
        try:
            return self._mappings[name][first][second]
        except KeyError as missing:
            raise IntrinsicError(f"Mappings.{name} has no {first}.{second}: {missing}") from None
