"""The kinds of resource that the demo holds beside endpoints and ordinary notebook instances."""

from typing import Any

from sagewarden_cli.demo.rest.capacity import CAPACITY
from sagewarden_cli.demo.rest.jobs import JOBS
from sagewarden_cli.demo.rest.kinds import Kind
from sagewarden_cli.demo.rest.node_groups import NODE_GROUPS
from sagewarden_cli.demo.rest.reporting_notebooks import REPORTING_NOTEBOOKS
from sagewarden_cli.demo.rest.services import SERVICES
from sagewarden_cli.demo.rest.studio_apps import STUDIO_APPS

KINDS: tuple[Kind[Any], ...] = (
    CAPACITY,
    STUDIO_APPS,
    REPORTING_NOTEBOOKS,
    NODE_GROUPS,
    JOBS,
    *SERVICES,
)
"""In the order of the report."""
