"""Who calls what with which parameters: told to observers before the call is answered."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from moto.iam.models import iam_backends

from sagewarden_cli.sandbox.codecs import CODECS
from sagewarden_cli.sandbox.requests import AwsRequest, Environ

_PARTITION = "aws"


@dataclass(frozen=True, slots=True)
class ObservedCall:
    """One API call, as it arrived.

    Attributes:
        role: The ARN of the role whose session signed it; None for every other caller.
        account: The account it is made in.
        region: The region it was signed for.
        service: boto3's name of the service.
        operation: AWS's name of the operation.
        params: Its parameters; of a REST protocol only ``method``, ``path``, and ``query`` where
            there is one.
    """

    role: str | None
    account: str
    region: str
    service: str
    operation: str
    params: Mapping[str, Any]


type Observer = Callable[[ObservedCall], None]


class Observers:
    """Those who want to know of each call."""

    def __init__(self) -> None:
        self._observers: list[Observer] = []
        self._lock = threading.Lock()

    @contextmanager
    def watching(self, observer: Observer) -> Iterator[None]:
        """Tell an observer of each call for as long as the ``with`` block lasts.

        One that raises AwsError refuses the call: it has no effect, and that is its answer.
        """
        self._observers.append(observer)
        try:
            yield
        finally:
            self._observers.remove(observer)

    def tell(self, request: AwsRequest, environ: Environ) -> None:
        """Tell everybody of a call, one at a time; it costs nothing when nobody listens."""
        if not self._observers:
            return
        call = ObservedCall(
            role=_role_of(request),
            account=request.account,
            region=request.region,
            service=request.service,
            operation=request.operation,
            params=_params_of(request, environ),
        )
        with self._lock:
            for observer in self._observers:
                observer(call)


def _role_of(request: AwsRequest) -> str | None:
    keys = iam_backends[request.account][_PARTITION].access_keys
    key = keys.get(request.access_key)
    role: str | None = key.role_arn if key is not None else None
    return role


def _params_of(request: AwsRequest, environ: Environ) -> Mapping[str, Any]:
    codec = CODECS.get(request.protocol)
    if codec is None:
        query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
        place = {"method": environ["REQUEST_METHOD"], "path": environ["PATH_INFO"]}
        return {**place, "query": query} if query else place
    return codec.read(request, environ)
