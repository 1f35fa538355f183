"""Branch coverage by ``sys.monitoring`` on Pythons where coverage.py traces each line instead.

``pytest -p tests.support.branch_monitor --cov`` measures with it. coverage.py can do so itself from
Python 3.14 on, and is left alone there. Before, an event tells of a branch, not of which of its two
ways was taken: it is listened to until both were. Code that is not measured costs nothing then, and
code that is measured next to nothing once it ran: moto, botocore and werkzeug, in which most of the
suite's time passes, no longer run twice as long.
"""

import inspect
import sys
from types import CodeType
from typing import Any

import coverage.control
from coverage import env
from coverage.bytecode import bytes_to_lines
from coverage.core import Core
from coverage.disposition import FileDisposition
from coverage.sysmon import DISABLE, CodeInfo, MonitorReturn, SysMonitor

_EVENTS = sys.monitoring.events


class BranchMonitor(SysMonitor):
    """Records the arcs that coverage.py's own monitor records from Python 3.14 on."""

    def __init__(self) -> None:
        super().__init__()
        self._one_way: dict[tuple[int, int], int] = {}

    def start(self) -> None:
        """Listen; branches only in the code that ``sysmon_py_start`` finds is measured."""
        super().start()
        sys.monitoring.register_callback(self.myid, _EVENTS.BRANCH, self.sysmon_branch)

    def sysmon_py_start(self, code: CodeType, instruction_offset: int) -> MonitorReturn:
        """Decide, when code runs for the first time, whether it is measured."""
        del instruction_offset
        self._activity = True
        if id(code) in self.code_infos:
            return DISABLE
        self.code_objects.append(code)  # alive, it keeps its id
        found = self.should_trace_cache.get(code.co_filename)
        if found is None:
            frame = inspect.currentframe()
            assert frame is not None
            assert frame.f_back is not None
            found = self.should_trace(code.co_filename, frame.f_back)
            self.should_trace_cache[code.co_filename] = found
        if not found.trace:
            self.code_infos[id(code)] = CodeInfo(
                tracing=False, file_data=None, byte_to_line=None, branch_resolver=None
            )
            return DISABLE
        assert found.source_filename is not None
        self.lock_data()
        try:
            arcs = self.data.setdefault(found.source_filename, set())
        finally:
            self.unlock_data()
        self.code_infos[id(code)] = CodeInfo(
            tracing=True, file_data=arcs, byte_to_line=bytes_to_lines(code), branch_resolver=None
        )
        with self.lock:
            if self.sysmon_on:
                sys.monitoring.set_local_events(
                    self.myid, code, _EVENTS.LINE | _EVENTS.PY_RETURN | _EVENTS.BRANCH
                )
        return DISABLE

    def sysmon_branch(self, code: CodeType, source: int, destination: int) -> MonitorReturn:
        """Record the way that a branch took, and stop listening to it after both."""
        key = (id(code), source)
        taken = self._one_way.get(key)
        if taken == destination:
            return None
        self.sysmon_branch_either(code, source, destination)
        if taken is None:
            self._one_way[key] = destination
            return None
        return DISABLE


class MonitoringCore(Core):
    """coverage.py's choice of how it measures, made here."""

    def __init__(self, **choice: Any) -> None:
        super().__init__(**choice)
        self.tracer_class = BranchMonitor
        self.tracer_kwargs = {}
        self.file_disposition_class = FileDisposition
        self.supports_plugins = False
        self.supports_dynamic_contexts = False
        self.packed_arcs = False
        self.systrace = False


if not env.PYBEHAVIOR.branch_right_left:
    vars(coverage.control)["Core"] = MonitoringCore  # coverage.py has no option for it
