"""viewer: where the page's bundle is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import viewer
from citykernel.errors import InstallationError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_clone_without_a_build_is_told_how_to_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the folder and the command."""
    monkeypatch.setattr(viewer, "__file__", str(tmp_path / "__init__.py"))
    with pytest.raises(InstallationError, match="npm run build") as refusal:
        viewer.assets_folder()
    assert str(tmp_path / "assets") in str(refusal.value)


def test_the_page_keeps_its_own_content_policy() -> None:
    """No inline script or style, no address of another host, every file below the page."""
    try:
        folder = viewer.assets_folder()
    except InstallationError as missing:
        pytest.skip(str(missing))
    page = (folder / "index.html").read_text("utf-8")
    assert "style=" not in page
    assert "<style" not in page
    assert "://" not in page
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))
    files = re.findall(r"(?:src|href)=\"\./([^\"]+)\"", page)
    assert len(files) >= 3
    assert all((folder / name).is_file() for name in files)
    assert (folder / "licences.txt").read_text("utf-8").count("three 0.187.0 (MIT)") == 1
