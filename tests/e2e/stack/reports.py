"""Monday morning: the topic refuses the week's digest once, and somebody asks for it again."""

from contextlib import AbstractContextManager
from http import HTTPStatus

from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.observation import ObservedCall
from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.scenarios import Chronicle, at


class Refusing:
    """Refuses the first publication of a role, as SNS does without a permission.

    Attributes:
        refused: Whether it did.
    """

    def __init__(self, role: str) -> None:
        self._role = role
        self.refused = False

    def __call__(self, call: ObservedCall) -> None:
        """Look at a call."""
        ours = call.role == self._role and (call.service, call.operation) == ("sns", "Publish")
        if ours and not self.refused:
            self.refused = True
            raise AwsError("AuthorizationError", "not authorized", HTTPStatus.FORBIDDEN)


def weekly_digest(playing: AbstractContextManager[Wiring]) -> Chronicle:
    """A notebook is stopped on Friday; on Monday at nine there is a digest of the week."""
    chronicle = Chronicle()
    with playing as wiring:
        reporter = wiring.functions[wiring.stack.resources["ReporterFunction"].attributes["Arn"]]
        fleet = wiring.sandbox.sagemaker()
        fleet.add_notebook_instance("nb", created_at=at(2, 9), tags={"Owner": "mina"})
        wiring.run_until(at(20, 18, 6))
        wiring.sleep_until(at(23, 8, 59))
        with wiring.sandbox.observers.watching(Refusing(reporter.role)):
            wiring.run_until(at(23, 9, 1))
        wiring.invoke_asynchronously(reporter, '{"version": 1}')
        wiring.invoke_asynchronously(reporter, '{"version": 2}')
        return chronicle.close(wiring)
