"""AWS's price list as its Query API answers it: DescribeServices, GetAttributeValues, GetProducts.

Bulk files (ListPriceLists, GetPriceListFileUrl) are not emulated.
"""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.pagination import page_after
from sagewarden_cli.sandbox.pricing_products import Product, known_products, made
from sagewarden_cli.sandbox.world import World

ENDPOINTS = ("us-east-1", "eu-central-1", "ap-south-1")
"""The only regions in which AWS answers. Source: AWS Billing user guide, "Price List Query API"."""

_FORMAT = "aws_v1"
_DEFAULT_PAGE = 100
_SERVICES = (
    "AmazonBedrock",
    "AmazonBedrockFoundationModels",
    "AmazonEC2",
    "AmazonEFS",
    "AmazonSageMaker",
)

_MATCHES: Mapping[str, Callable[[str, str], bool]] = {
    "TERM_MATCH": lambda found, wanted: found == wanted,
    "EQUALS": lambda found, wanted: found == wanted,
    "CONTAINS": lambda found, wanted: wanted in found,
    "ANY_OF": lambda found, wanted: found in wanted.split(","),
    "NONE_OF": lambda found, wanted: found not in wanted.split(","),
}


class ProductStore:
    """The price list as one account sees it through one endpoint."""

    def __init__(self, here: AccountRegion) -> None:
        self.here = here
        self.products: list[Product] = [*known_products()]


class PriceListQueries(Backend):
    """The operations of the Price List Query API."""

    service = "pricing"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(ProductStore)

    @operation("DescribeServices")
    def describe_services(self, params: Params) -> Json:
        """Name the services, or one, with the attributes of their products."""
        self._check(params)
        wanted = params.get("ServiceCode")
        codes = [code for code in _SERVICES if wanted in {None, code}]
        if not codes:
            raise _not_found(str(wanted))
        shown = [{"ServiceCode": code, "AttributeNames": self._attributes(code)} for code in codes]
        page, token = _page(shown, lambda item: str(item["ServiceCode"]), params)
        return {"FormatVersion": _FORMAT, "NextToken": token, "Services": [*page]}

    @operation("GetAttributeValues")
    def attribute_values(self, params: Params) -> Json:
        """List the values that an attribute has among a service's products."""
        self._check(params)
        name = params["AttributeName"]
        values = {product.value(name) for product in self._of(params["ServiceCode"])} - {None}
        if not values:
            raise AwsError("InvalidParameterException", f"Invalid AttributeName: {name}")
        page, token = _page(sorted(map(str, values)), lambda value: value, params)
        return {"NextToken": token, "AttributeValues": [{"Value": value} for value in page]}

    @operation("GetProducts")
    def products(self, params: Params) -> Json:
        """Give the products that match every filter, each as a JSON document of its own."""
        self._check(params)
        filters = params.get("Filters", [])
        found = [
            product
            for product in self._of(params["ServiceCode"])
            if all(_matches(product, one) for one in filters)
        ]
        numbered = list(enumerate(found))
        page, token = _page(numbered, lambda item: item[0], params)
        documents = [product.document for _, product in page]
        return {"FormatVersion": _FORMAT, "NextToken": token, "PriceList": documents}

    def _check(self, params: Params) -> None:
        if self.here.region not in ENDPOINTS:
            raise AwsError(
                "UnknownEndpoint",
                f"There is no endpoint of the price list in {self.here.region}: "
                f"only in {', '.join(ENDPOINTS)}",
                HTTPStatus.NOT_FOUND,
            )
        if params.get("FormatVersion", _FORMAT) != _FORMAT:
            raise AwsError(
                "InvalidParameterException", f"Invalid FormatVersion: {params['FormatVersion']}"
            )

    def _of(self, service: str) -> list[Product]:
        if service not in _SERVICES:
            raise _not_found(service)
        return [product for product in self._store.products if product.service == service]

    def _attributes(self, service: str) -> list[str]:
        names = {name for product in self._of(service) for name in product.attributes}
        return sorted(names | {"productFamily"})


class PriceSetter:
    """Plays the part of AWS where it lists a product, changes a price or takes a product away.

    The default account sees it through every endpoint.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def add(  # noqa: PLR0913 - what AWS says of a product
        self,
        usage_type: str,
        usd: str,
        *,
        region: str = "us-east-1",
        unit: str = "Hrs",
        family: str = "ML Instance",
        service: str = "AmazonSageMaker",
        published: str = "2026-11-01",
        **attributes: str,
    ) -> None:
        """List one more product.

        Args:
            usage_type: For example ``USE1-Host:ml.m5.xlarge``.
            usd: Its price, written as it is to be answered.
            region: The region it is sold in.
            unit: What the price is for one of.
            family: Its ``productFamily``.
            service: Its service code.
            published: The day of publication.
            attributes: Its other attributes, such as ``component``.
        """
        named = {**attributes, "usagetype": usage_type, "regionCode": region}
        self._put(made(service, family, named, unit, usd, published))

    def add_document(self, document: str, **attributes: str) -> None:
        """List a SageMaker product with any document, also one that is malformed.

        Args:
            document: What GetProducts gives.
            attributes: What filters find it by.
        """
        self._put(Product("AmazonSageMaker", "ML Instance", attributes, document))

    def clear(self) -> None:
        """Take every product away."""
        for store in self._stores():
            store.products.clear()

    def _put(self, product: Product) -> None:
        for store in self._stores():
            store.products.append(product)

    def _stores(self) -> list[ProductStore]:
        return [self._world.at(None, endpoint).part(ProductStore) for endpoint in ENDPOINTS]


def _matches(product: Product, wanted: Params) -> bool:
    found = product.value(wanted["Field"])
    if found is None:
        return bool(wanted["Type"] == "NONE_OF")
    return _MATCHES[wanted["Type"]](found, wanted["Value"])


def _page[T](
    items: Sequence[T], key: Callable[[T], str | int], params: Params
) -> tuple[Sequence[T], str | None]:
    return page_after(
        items,
        lambda item: (key(item),),
        params.get("NextToken"),
        params.get("MaxResults", _DEFAULT_PAGE),
        invalid=AwsError("InvalidNextTokenException", "The pagination token is invalid."),
    )


def _not_found(service: str) -> AwsError:
    return AwsError("NotFoundException", f"The service code {service} was not found.")
