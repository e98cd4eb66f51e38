"""Adds up the JUnit reports of a test run: prints "N passed, N failed" last, exits 1 when anything failed.

A report is named after its stage: STAGE.xml, or STAGE.PART.xml of several.

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
    by_stage = {}
    for report in sorted(pathlib.Path(directory).glob("*.xml")):
        found = by_stage.setdefault(report.name.split(".")[0], [0, 0, 0])
        found[:] = map(sum, zip(found, outcomes(report), strict=True))
    for name, (ok, bad, left_out) in by_stage.items():
        print(f"{name}: {ok} passed, {bad} failed, {left_out} skipped")
    passed, failed, skipped = map(sum, zip((0, 0, 0), *by_stage.values(), strict=True))
    explained = {name for name, (_, bad, _) in by_stage.items() if bad}
    for stage in stages:
        print(f"FAILED stage: {stage}")
    failed += sum(stage not in explained for stage in stages)
    if skipped:
        print(f"{skipped} skipped")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
