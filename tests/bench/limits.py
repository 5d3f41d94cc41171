"""What this machine can do at best: the limits beside this checkout, run in the same go."""

import json
import os
import subprocess
import warnings
from pathlib import Path
from typing import Any

from tests.archive.shared import CHECKOUT

LIMITS = CHECKOUT.parent / "shared" / "bench"
BASE = Path(os.environ.get("BENCH_BASE", Path.home() / ".cache" / "desk-bench"))


def limit(name: str) -> dict[str, Any] | None:
    """Run that limit and return its line; None, said loudly, where it can't be run here."""
    python, script = BASE / "v" / "bin" / "python", LIMITS / "limits" / f"{name}.py"
    for needed, remedy in (
        (script, "Put the shared folder beside this checkout."),
        (python, f"Run {LIMITS / 'setup.sh'} once, or name its folder by BENCH_BASE."),
    ):
        if not needed.exists():
            warnings.warn(f"NOT MEASURED beside {name}: no {needed}. {remedy}", stacklevel=2)
            return None
    ran = subprocess.run(
        [python, script],
        env=os.environ | {"BENCH_BASE": str(BASE)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told
