"""Read what Service Quotas allows for endpoints."""

import threading
from collections.abc import Mapping

from sagewarden.adapters.errors import AWS_ERRORS
from sagewarden.adapters.sessions import Sessions
from sagewarden.domain.provisioned_concurrency.quotas import Quotas, documented_quotas

_HOSTING = " for endpoint usage"
"""How the name of a quota for instances ends: ``ml.g5.xlarge for endpoint usage``."""


class ServiceQuotas:
    """The quota source on boto3; each region is read once.

    Quotas are found by their names: AWS publishes no list of their codes.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._known: dict[str, Mapping[str, float] | None] = {}
        self._lock = threading.Lock()

    def of(self, region: str) -> Quotas:
        """What a region allows; the documented defaults, marked as assumed, when unreadable.

        Calls: the pages of ListServiceQuotas (100 a page), once per region.
        """
        documented = documented_quotas(region)
        totals: list[int] = []
        singles: list[int] = [documented.per_endpoint]
        for name, value in (self._named(region) or {}).items():
            if "serverless" in name and "concurrency" in name:
                (totals if "total" in name else singles).append(int(value))
        if not totals:
            return documented
        return Quotas(region_total=min(totals), per_endpoint=min(singles))

    def hosting(self, region: str) -> Mapping[str, int] | None:
        """How many instances of each type endpoints may have; None when unreadable.

        Calls: the same, once per region.
        """
        named = self._named(region)
        if named is None:
            return None
        return {
            name.removesuffix(_HOSTING): int(value)
            for name, value in named.items()
            if name.endswith(_HOSTING)
        }

    def _named(self, region: str) -> Mapping[str, float] | None:
        """The quotas of a region by their names in small letters; the least where two share one."""
        with self._lock:
            if region not in self._known:
                self._known[region] = self._read(region)
            return self._known[region]

    def _read(self, region: str) -> Mapping[str, float] | None:
        named: dict[str, float] = {}
        try:
            pages = (
                self._sessions.client("service-quotas", region)
                .get_paginator("list_service_quotas")
                .paginate(ServiceCode="sagemaker", PaginationConfig={"PageSize": 100})
            )
            for page in pages:
                for quota in page["Quotas"]:
                    name = quota["QuotaName"].lower()
                    named[name] = min(quota["Value"], named.get(name, quota["Value"]))
        except AWS_ERRORS:
            return None
        return named
