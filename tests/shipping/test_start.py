"""What the packaged program leaves in the environment of those whom it starts."""

from __future__ import annotations

import pytest

from shipping.start import keep_libraries_to_ourselves

OURS = "/usr/lib/trader-gui/_internal"


@pytest.mark.parametrize(
    ("found", "left"),
    [
        ({"LD_LIBRARY_PATH": OURS}, {}),
        (
            {"LD_LIBRARY_PATH": f"{OURS}:/opt/lib", "LD_LIBRARY_PATH_ORIG": "/opt/lib"},
            {"LD_LIBRARY_PATH": "/opt/lib"},
        ),
        ({"HOME": "/home/me"}, {"HOME": "/home/me"}),
    ],
)
def test_programs_of_the_system_find_the_libraries_of_the_system(
    found: dict[str, str], left: dict[str, str]
) -> None:
    keep_libraries_to_ourselves(found)
    assert found == left | {"PYINSTALLER_RESET_ENVIRONMENT": "1"}
