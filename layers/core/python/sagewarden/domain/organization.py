"""Which accounts of an organisation a policy governs, and why it leaves out the others."""

from collections.abc import Mapping
from dataclasses import dataclass

from sagewarden.domain.scope import TagMatch

ACTIVE = "ACTIVE"
"""The only state of an account in which it is governed.

The others: ``PENDING_ACTIVATION``, ``SUSPENDED``, ``PENDING_CLOSURE`` and ``CLOSED`` (API reference
of AWS Organizations, Account).
"""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of an organisation.

    Attributes:
        id: Its 12 digits.
        name: What people call it.
        state: Its state, as AWS Organizations has it.
    """

    id: str
    name: str
    state: str = ACTIVE


@dataclass(frozen=True, slots=True)
class OrganizationTargets:
    """Which accounts of an organisation are meant.

    Attributes:
        units: The ids of roots and organisational units; what lies below them is meant, too. None
            of them means the whole organisation.
        tags: Conditions on an account's own tags that must all hold.
        except_accounts: The ids of accounts that are never meant.
        except_units: The ids of organisational units below which none is.
    """

    units: tuple[str, ...] = ()
    tags: tuple[TagMatch, ...] = ()
    except_accounts: tuple[str, ...] = ()
    except_units: tuple[str, ...] = ()

    def spares(self, account: Account) -> str | None:
        """Why an account is left out whatever its tags say; None when it is not."""
        if account.id in self.except_accounts:
            return "the policy excepts it"
        if account.state != ACTIVE:
            return f"it is {account.state.lower().replace('_', ' ')}"
        return None

    def lacks(self, tags: Mapping[str, str]) -> str | None:
        """Why an account with these tags is left out; None when it is not."""
        missing = [str(match) for match in self.tags if not match.matches(tags)]
        return f"it has no tag {', '.join(missing)}" if missing else None
