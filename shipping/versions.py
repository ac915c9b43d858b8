"""What Windows and macOS show of a program's version, as the files that PyInstaller reads."""

from __future__ import annotations

import plistlib
from pathlib import Path
from typing import Final

TITLES: Final = {"trader-gui": "Trader", "trader-engine": "Trader, without a window"}
"""The program's names."""


def write_versions(folder: Path, version: str) -> None:
    for name in TITLES:
        (folder / f"{name}.version").write_text(windows_note(name, version), "utf-8")
    (folder / "Info.plist").write_bytes(plistlib.dumps(macos_note(version)))


def windows_note(name: str, version: str) -> str:
    """The version resource of an .exe, in the words of PyInstaller."""
    numbers = tuple(int(part) for part in (*version.split("."), "0", "0", "0")[:4])
    told = {
        "CompanyName": "The trader-gui authors",
        "FileDescription": TITLES[name],
        "FileVersion": version,
        "InternalName": name,
        "LegalCopyright": "MIT licence",
        "OriginalFilename": f"{name}.exe",
        "ProductName": "Trader",
        "ProductVersion": version,
    }
    words = ", ".join(f"StringStruct({key!r}, {text!r})" for key, text in told.items())
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, "
        "flags=0, OS=0x40004, fileType=1, subtype=0), kids=[StringFileInfo([StringTable("
        f"'040904B0', [{words}])]), VarFileInfo([VarStruct('Translation', [1033, 1200])])])\n"
    )


def macos_note(version: str) -> dict[str, object]:
    """Of the bundle's Info.plist what differs from PyInstaller's own."""
    return {
        "CFBundleDisplayName": "Trader",
        "CFBundleExecutable": "trader-gui",
        "CFBundleName": "Trader",
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "LSBackgroundOnly": False,  # else PyInstaller says True of a bundle of files
        "LSApplicationCategoryType": "public.app-category.finance",
        "LSMinimumSystemVersion": "13.0",
        "NSHighResolutionCapable": True,
        "NSAppSleepDisabled": True,  # bots trade while the window is hidden
        "NSHumanReadableCopyright": "MIT licence",
    }
