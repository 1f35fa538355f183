"""A headless Chromium, driven over a pair of pipes in the DevTools protocol."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions")
_WAIT_FOR = """
new Promise((done, fail) => {
  const end = Date.now() + 5000;
  const look = () => {
    const found = (%s);
    if (found) done(found); else if (Date.now() > end) fail(new Error("waited in vain: %s"));
    else setTimeout(look, 20);
  };
  look();
})
"""


class Browser:
    """One page of one browser.

    Args:
        profile: A folder for what the browser writes.
    """

    def __init__(self, profile: Path) -> None:
        self._count = 0
        self._session = ""
        self.problems: list[str] = []
        from_us, self._to_browser = os.pipe()
        self._from_browser, to_us = os.pipe()
        flags = " ".join([*_FLAGS, f"--user-data-dir={profile}", "--remote-debugging-pipe"])
        self._process = subprocess.Popen(  # noqa: S602 - a shell places the pipes where Chromium looks
            f"exec {CHROMIUM} {flags} 3<&{from_us} 4>&{to_us}",
            shell=True,
            executable="/bin/bash",
            pass_fds=(from_us, to_us),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(from_us)
        os.close(to_us)
        self._unread = b""

    def __enter__(self) -> Self:
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)
        os.close(self._to_browser)
        os.close(self._from_browser)

    def open(self, url: str) -> None:
        """Load a page, and wait until it is there."""
        self._call("Page.navigate", url=url)
        self.wait_for(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def run(self, script: str) -> Any:
        """Evaluate an expression, and a promise to its end."""
        answer = self._call(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def wait_for(self, condition: str) -> Any:
        """Wait until an expression is true."""
        return self.run(_WAIT_FOR % (condition, condition.replace('"', "'")))

    def click(self, selector: str) -> None:
        """Click the first element that a selector finds, once it is there."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(found)
        self.run(f"{found}.click()")

    def text(self, selector: str) -> str:
        """Return what the first element that a selector finds shows."""
        return str(self.run(f"document.querySelector({json.dumps(selector)}).innerText"))

    def picture(self, selector: str, width: int) -> bytes:
        """Return what an element shows as PNG, on a page of a width in CSS pixels."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=3000,
            deviceScaleFactor=1,
            mobile=False,
        )
        found = f"document.querySelector({json.dumps(selector)}).getBoundingClientRect()"
        box = self.run(f"(({{x, y, width, height}}) => ({{x, y, width, height}}))({found})")
        answer = self._call("Page.captureScreenshot", clip={**box, "scale": 1})
        return base64.b64decode(answer["data"])

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            received = os.read(self._from_browser, 65_536)
            if not received:
                raise AssertionError("the browser has ended")
            self._unread += received
        message, _, self._unread = self._unread.partition(b"\0")
        parsed: dict[str, Any] = json.loads(message)
        return parsed

    def _note(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        match event.get("method"):
            case "Runtime.exceptionThrown":
                self.problems.append(str(params["exceptionDetails"]))
            case "Log.entryAdded" if params["entry"]["level"] == "error":
                self.problems.append(str(params["entry"]))
            case "Page.javascriptDialogOpening":
                self.problems.append(f"a dialog: {params['message']}")
