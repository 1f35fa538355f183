"""What is read from the emulator's log and from the process."""

from benchmarks.emulator import init_duration, peak_memory

LOG = """\
25 Nov 2026 21:01:10,255 [INFO] (rapid) INIT START(type: on-demand, phase: init)
25 Nov 2026 21:01:11,378 [INFO] (rapid) INIT RTDONE(status: success)
25 Nov 2026 21:01:11,378 [INFO] (rapid) INIT REPORT(durationMs: 1123.892000)
REPORT RequestId: ad1eaf92	Init Duration: 0.11 ms	Duration: 1126.31 ms
"""


def test_the_init_phase_is_the_one_of_the_init_report_not_of_the_report_line() -> None:
    assert init_duration(LOG) == 1123.892


def test_a_phase_that_failed_has_no_duration() -> None:
    assert init_duration(LOG.replace("success", "error")) is None


def test_a_log_without_a_report_has_no_duration() -> None:
    assert init_duration("INIT RTDONE(status: success)") is None


def test_the_peak_memory_is_the_high_water_mark_in_megabytes() -> None:
    status = "Name:\tpython\nVmPeak:\t  999 kB\nVmHWM:\t   66560 kB\nVmRSS:\t   1024 kB\n"

    assert peak_memory(status) == 65.0
    assert peak_memory("Name:\tpython\n") is None
