"""What Cloud Custodian deploys for a policy (c7n.mu's handler template)."""

from c7n import handler


def run(_event: object, _context: object) -> bool:
    """Answer nothing; as it is deployed, it calls `handler.dispatch_event` here."""
    return callable(handler.dispatch_event)
