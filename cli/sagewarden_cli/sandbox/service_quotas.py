"""Service Quotas of SageMaker's endpoints, settable per account and region.

The instances that endpoints may have of a type, ``ml.g5.xlarge for endpoint usage``, have a quota
once one was set: what an account starts with depends on the type, and is not known here.
"""

from dataclasses import dataclass

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError, NotEmulatedError
from sagewarden_cli.sandbox.pagination import page_after
from sagewarden_cli.sandbox.world import World

_SERVICE = "sagemaker"
_DEFAULT_REGION = "us-east-1"
_DEFAULT_PAGE = 100
# Source: SageMaker Developer Guide, "Deploy models with Serverless Inference", "Quotas".
_LARGE_REGIONS = frozenset(
    {
        "us-east-1",
        "us-east-2",
        "us-west-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "eu-central-1",
        "eu-west-1",
    },
)
_ENDPOINTS, _LARGE_CONCURRENCY, _CONCURRENCY = 50.0, 1000.0, 500.0


@dataclass(frozen=True, slots=True)
class _Quota:
    """One quota; codes that begin with ``L-SANDBOX`` are ours, AWS's own are not known here."""

    code: str
    name: str
    is_concurrency: bool

    def default_in(self, region: str) -> float:
        """Return the value that an account starts with in a region."""
        if not self.is_concurrency:
            return _ENDPOINTS
        return _LARGE_CONCURRENCY if region in _LARGE_REGIONS else _CONCURRENCY


_QUOTAS = (
    _Quota("L-SANDBOX-ENDPOINTS", "Maximum number of serverless endpoints", is_concurrency=False),
    _Quota(
        "L-96300102",
        "Maximum total concurrency that can be allocated across all serverless endpoints",
        is_concurrency=True,
    ),
    _Quota(
        "L-SANDBOX-PROVISIONED",
        "Maximum total provisioned concurrency that can be allocated across all serverless "
        "endpoints",
        is_concurrency=True,
    ),
)


_HOSTING = " for endpoint usage"


def _hosting(name: str) -> _Quota | None:
    """The quota for instances of a type, if that is its name."""
    kind = name.removesuffix(_HOSTING)
    if kind == name or not kind.startswith("ml."):
        return None
    return _Quota(f"L-SANDBOX-{kind}", name, is_concurrency=False)


class QuotaStore:
    """The values that were set in one account and region, by quota code; and what has a quota."""

    def __init__(self, here: AccountRegion) -> None:
        self.here = here
        self.applied: dict[str, float] = {}
        self.quotas: list[_Quota] = list(_QUOTAS)


class ServiceQuotas(Backend):
    """The operations on quotas of service code ``sagemaker``; other services' are moto's."""

    service = "service-quotas"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(QuotaStore)
        self._applied = self._store.applied

    @operation("GetServiceQuota")
    def get(self, params: Params) -> Json:
        """Give the value that applies to the account."""
        return {"Quota": self._shown(self._asked_for(params), is_default=False)}

    @operation("GetAWSDefaultServiceQuota")
    def get_default(self, params: Params) -> Json:
        """Give the value that an account starts with."""
        return {"Quota": self._shown(self._asked_for(params), is_default=True)}

    @operation("ListServiceQuotas")
    def list_page(self, params: Params) -> Json:
        """List the values that apply to the account."""
        return self._page(params, is_default=False)

    @operation("ListAWSDefaultServiceQuotas")
    def list_defaults(self, params: Params) -> Json:
        """List the values that an account starts with."""
        return self._page(params, is_default=True)

    def _page(self, params: Params, *, is_default: bool) -> Json:
        _require_sagemaker(params)
        quotas = sorted(self._store.quotas, key=lambda quota: quota.code)
        wanted = [q for q in quotas if params.get("QuotaCode", q.code) == q.code]
        page, token = page_after(
            wanted,
            lambda quota: (quota.code,),
            params.get("NextToken"),
            params.get("MaxResults", _DEFAULT_PAGE),
            invalid=AwsError("InvalidPaginationTokenException", "The token is invalid."),
        )
        shown = [self._shown(quota, is_default=is_default) for quota in page]
        return {"Quotas": shown, "NextToken": token}

    def _asked_for(self, params: Params) -> _Quota:
        _require_sagemaker(params)
        found = next(
            (quota for quota in self._store.quotas if quota.code == params["QuotaCode"]), None
        )
        if found is None:
            raise AwsError(
                "NoSuchResourceException",
                f"The request failed because quota {params['QuotaCode']} of service {_SERVICE} "
                "does not exist.",
            )
        return found

    def _shown(self, quota: _Quota, *, is_default: bool) -> Json:
        value = quota.default_in(self.here.region)
        if not is_default:
            value = self._applied.get(quota.code, value)
        return {
            "ServiceCode": _SERVICE,
            "ServiceName": "Amazon SageMaker",
            "QuotaArn": self.here.arn("servicequotas", f"{_SERVICE}/{quota.code}"),
            "QuotaCode": quota.code,
            "QuotaName": quota.name,
            "Value": value,
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
            "QuotaAppliedAtLevel": "ACCOUNT",
        }


class QuotaSetter:
    """Plays the part of AWS's support: grants and takes."""

    def __init__(self, world: World) -> None:
        self._world = world

    def set(
        self,
        quota: str,
        value: float,
        *,
        account: str | None = None,
        region: str = _DEFAULT_REGION,
    ) -> None:
        """Set what applies to an account in a region.

        Args:
            quota: A quota's name or code.
            value: Its value, 0 or more.
            account: The account, the default one if None.
            region: The region.

        Raises:
            ValueError: There is no such quota, or the value is negative.
        """
        here = self._world.at(account, region)
        with here.lock:
            known_here = here.part(QuotaStore).quotas
            if (hosting := _hosting(quota)) and hosting not in known_here:
                known_here.append(hosting)
        found = next((q for q in known_here if quota in {q.code, q.name}), None)
        if found is None:
            known = ", ".join(f"{q.code} ({q.name})" for q in _QUOTAS)
            raise ValueError(f"no quota {quota!r}: there are {known}")
        if value < 0:
            raise ValueError(f"{found.name} cannot be {value}: give 0 or more")
        with here.lock:
            here.part(QuotaStore).applied[found.code] = float(value)


def _require_sagemaker(params: Params) -> None:
    if params["ServiceCode"] != _SERVICE:
        raise NotEmulatedError(params["ServiceCode"])
