import shutil
import sys
from pathlib import Path

import pytest

from sagewarden_cli.pages.__main__ import main
from sagewarden_cli.pages.written_pages import PAGES
from tests.support.templates import ROOT


def test_pages_are_written_into_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "template.yaml", tmp_path)
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        (tmp_path / page).write_text(text.replace("| **all** |", "| **none** |"), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["pages", str(tmp_path)])

    main()

    for page in PAGES:
        assert (tmp_path / page).read_bytes() == (ROOT / page).read_bytes()
