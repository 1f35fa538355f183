"""What a log line tells of a click or a command."""

from sagewarden.domain.clicks import Asked, Command


def told(asked: Asked | Command) -> dict[str, str]:
    """Who asked for what, of which case, and the run that had told them of it."""
    if isinstance(asked, Command):
        return {"by": asked.name, "command": asked.words}
    run = {"run": asked.run} if asked.run else {}
    return {"by": asked.name, "click": asked.click.value, "case": asked.case_id, **run}
