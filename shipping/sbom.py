"""The bill of materials: what is inside, in CycloneDX, for who has to know whether a library that
was found to be unsafe is in this program."""

from __future__ import annotations

import re
import sys
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any, Final

from engine import __version__
from shipping.licences import said_of
from shipping.origins import SystemPackage

FILE: Final = "sbom.cdx.json"


def write_sbom(
    place: Path,
    inside: Iterable[Distribution],
    system: Iterable[SystemPackage],
    lock: str,
    epoch_s: int,
) -> None:
    """Write it to `place`. Versions are those installed; a distribution of another version than
    `lock` (the text of the requirements file) pins is an error. Equal input, equal bytes."""
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output.json import JsonV1Dot6

    locked = pins(lock)
    program = Component(name="trader-gui", version=__version__, type=ComponentType.APPLICATION)
    bom = Bom(components=[_python(), *(_of_debian(package) for package in system)])
    for one in inside:
        if one.version not in locked.get(normal(one.name), ()):
            raise ValueError(f"{one.name} {one.version} is installed, the lock pins another.")
        bom.components.add(_of_pypi(one))
    bom.metadata.component = program
    bom.register_dependency(program, bom.components)
    bom.metadata.timestamp = datetime.fromtimestamp(epoch_s, UTC)
    names = " ".join(sorted(str(part.purl) for part in bom.components))
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, f"{__version__} {epoch_s} {names}")
    for part in (program, *bom.components):
        part.bom_ref.value = f"{part.name}@{part.version}"
    place.write_text(JsonV1Dot6(bom).output_as_string(indent=1) + "\n", "utf-8")


def pins(lock: str) -> dict[str, set[str]]:
    """Name -> versions that the lock allows (more than one where Pythons differ)."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;]+)", lock, re.M):
        found.setdefault(normal(name), set()).add(version)
    return found


def normal(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _of_pypi(one: Distribution) -> Any:
    from cyclonedx.model.component import Component
    from cyclonedx.model.license import DisjunctiveLicense
    from packageurl import PackageURL

    name = normal(one.name)
    return Component(
        name=name,
        version=one.version,
        licenses=[DisjunctiveLicense(name=said_of(one))],
        purl=PackageURL("pypi", None, name, one.version),
    )


def _of_debian(package: SystemPackage) -> Any:
    from cyclonedx.model.component import Component
    from packageurl import PackageURL

    purl = PackageURL("deb", "debian", package.name, package.version)
    return Component(name=package.name, version=package.version, purl=purl)


def _python() -> Any:
    from cyclonedx.model.component import Component
    from packageurl import PackageURL

    version = sys.version.split()[0]
    return Component(
        name="cpython", version=version, purl=PackageURL("generic", None, "cpython", version)
    )
