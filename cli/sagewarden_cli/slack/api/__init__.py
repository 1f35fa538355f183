"""The methods of the Web API, one module for each family of them."""

from sagewarden_cli.slack.api.registry import METHODS

__all__ = ["METHODS"]
