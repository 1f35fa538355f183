"""What a text names in Slack: a person, a user group or a channel."""

import re
from collections.abc import Mapping
from enum import StrEnum


class AddressKind(StrEnum):
    """Whom or what an address names."""

    EMAIL = "e-mail address"
    USER = "user id"
    GROUP = "user group"
    CHANNEL = "channel"


_FORMS: Mapping[AddressKind, re.Pattern[str]] = {
    AddressKind.EMAIL: re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+"),
    AddressKind.USER: re.compile(r"[UW][A-Z0-9]{8,20}"),
    AddressKind.GROUP: re.compile(r"@[^\s@]+|S[A-Z0-9]{8,20}"),
    AddressKind.CHANNEL: re.compile(r"#[^\s#]{1,80}|[CG][A-Z0-9]{8,20}"),
}


def kind_of_address(text: str) -> AddressKind | None:
    """What a text names by its form; None where it is no address."""
    return next((kind for kind, form in _FORMS.items() if form.fullmatch(text)), None)
