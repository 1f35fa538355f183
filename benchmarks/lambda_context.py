"""What Lambda tells a function of itself."""

from aws_lambda_powertools.utilities.typing import LambdaContext


class Context(LambdaContext):
    """The context of an invocation with all of its time left, in the sandbox's own account."""

    def __init__(self) -> None:
        self._function_name = "a-function"
        self._function_version = "$LATEST"
        self._invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:a-function"
        self._memory_limit_in_mb = 512
        self._aws_request_id = "8c1d4ee0-0000-4000-8000-000000000001"

    def get_remaining_time_in_millis(self) -> int:  # type: ignore[override]  # theirs is static
        """Fifteen minutes."""
        return 900_000
