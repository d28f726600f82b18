"""Long counts that ran for themselves, taken into the document of the whole benchmark."""

import json
from pathlib import Path

from benchmarks.identification_workers import engine_digest
from benchmarks.report import Claim

__all__ = ["earlier_claims"]


def earlier_claims(name: str, file: Path) -> list[Claim]:
    """The claims of ``python -m benchmarks.NAME --json FILE``; one row that says so when there are none.

    What another engine reached is told but not judged.
    """
    command = f"python -m benchmarks.{name}"
    if not file.exists():
        return [
            Claim(
                name.removeprefix("identification_"),
                "not run",
                "",
                "",
                None,
                f"run {command} --json docs/benchmarks/{file.name}",
            )
        ]
    document = json.loads(file.read_text(encoding="utf-8"))
    same = document["versions"].get("engine") in {engine_digest(), engine_digest("signatures")}
    told = f"from {command}" + ("" if same else ", with another state of the engine: to be run again")
    return [
        Claim(
            one["claim"],
            one["value"],
            one["unit"],
            one["reach"],
            one["holds"] if same else None,
            f"{one['detail']}; {told}",
        )
        for one in document["claims"]
    ]
