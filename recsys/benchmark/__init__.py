"""Suites of measurements, every model of a suite under the same conditions.

A suite is one file here whose `run(asked)` yields records, and one line in `SUITES`. Nothing in
this file or in `suites` imports torch: the command line lists the suites and the app shows their
saved results without it.
"""

from recsys.benchmark.suites import SUITES, Suite, SuiteRequest, run_suite

__all__ = ["SUITES", "Suite", "SuiteRequest", "run_suite"]
