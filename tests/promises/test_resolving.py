"""The promise that `docs/resolving.md` says how well look-ups resolve the strings of real inventories."""

import pytest

from tools import resolve_report


@pytest.mark.slow
def test_the_report_is_that_of_the_packs_and_nothing_is_answered_wrongly():
    report = resolve_report.build_report()

    assert report == resolve_report.REPORT.read_text(encoding="utf-8"), "run make resolve-report"
    assert "### Wrong" not in report
    assert "\nWrong: " not in report
