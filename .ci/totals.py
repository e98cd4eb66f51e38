"""Adds up the JUnit reports of a test run: prints "N passed, N failed" last, exits 1 when anything failed.

usage: totals.py REPORTS_DIRECTORY [FAILED_STAGE...]. A failed stage without a failed test of its own (a build, a lint)
counts as one failure.
"""

import pathlib
import sys
import xml.etree.ElementTree as xml


def outcomes(report):
    cases = list(xml.parse(report).iter("testcase"))
    failed = sum(any(child.tag in ("failure", "error") for child in case) for case in cases)
    skipped = sum(any(child.tag == "skipped" for child in case) for case in cases)
    return len(cases) - failed - skipped, failed, skipped


def main(directory, stages):
    passed = failed = skipped = 0
    explained = set()
    for report in sorted(pathlib.Path(directory).glob("*.xml")):
        ok, bad, left_out = outcomes(report)
        print(f"{report.stem}: {ok} passed, {bad} failed, {left_out} skipped")
        passed, failed, skipped = passed + ok, failed + bad, skipped + left_out
        if bad:
            explained.add(report.stem)
    for stage in stages:
        print(f"FAILED stage: {stage}")
    failed += sum(stage not in explained for stage in stages)
    if skipped:
        print(f"{skipped} skipped")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
