"""The local Slack as people see it: plain HTML rendered here, and a little script."""

from sagewarden_cli.slack.page.site import Site

__all__ = ["Site"]
