"""Does nothing: what the runtime itself takes."""


def handler(_event: object, _context: object) -> dict[str, str]:
    """Answer nothing."""
    return {}
