"""Long counts of the identification benchmarks: chunks of cases in worker processes that map one index file.

Each chunk has its own seed, so it comes out alike whoever counts it and whenever. Finished chunks are written to a file
of JSON lines; a run that is broken off goes on from there. The first line says what was counted with which engine, and
a file that says anything else is begun anew.
"""

import ast
import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from hashlib import blake2b
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from registry import identification
from registry.identification.engine import Engine
from registry.identification.index import load

__all__ = ["Chunk", "counted", "engine_digest", "partial_option"]

Chunk = dict[str, Any]
"""What a task says of one chunk, as JSON knows it."""
Task = Callable[[Engine, int, int, Mapping[str, Any]], Chunk]
"""(engine, number of the chunk, cases in it, settings) to counts; a function of a module, for it is sent by name."""

OF_CODES_ALONE = frozenset({
    "blocks.py", "code_background.py", "codes.py", "lattice.py", "learning.py", "near_codes.py", "nearest.py",
    "reader_model.py", "router.py", "compiled/__init__.py", "compiled/blocks.py", "compiled/codes.py",
    "compiled/costs.py",
})  # fmt: skip
"""Modules that no read passes through; the compiled package's own only names the loops of the others."""

_engines: list[Engine] = []
"""In a worker process, its engine; set once by ``_start``."""


def engine_digest(kind: str = "") -> str:
    """A hash of the engine's code without its comments: figures of another engine are figures of another engine.

    ``kind`` "signatures" leaves out the modules that only codes need, for what is counted of reads alone.
    """
    digest = blake2b(digest_size=6)
    folder = Path(identification.__file__).parent
    for file in sorted(folder.rglob("*.py")):
        name = str(file.relative_to(folder))
        if kind != "signatures" or name not in OF_CODES_ALONE:
            digest.update(f"{name}\n{_code_of(file)}\n".encode())
    return digest.hexdigest()


def _code_of(file: Path) -> str:
    """What a module does: its tree without docstrings and other texts that stand for themselves."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [one for one in node.body if not _is_text(one)]
    return ast.dump(tree)


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def partial_option(parser: ArgumentParser) -> None:
    """Where the finished chunks of every count are kept."""
    parser.add_argument("--partial", type=Path, help="folder where finished chunks are kept, to go on after a break")


def counted(
    task: Task,
    index_file: Path,
    cases: int,
    *,
    settings: Mapping[str, Any],
    chunk: int = 1000,
    partial: Path | None = None,
    processes: int = 2,
) -> Iterator[Chunk]:
    """What the task says of each chunk, as the chunks are done; those in ``partial`` come first."""
    sizes = {number: min(chunk, cases - first) for number, first in enumerate(range(0, cases, chunk))}
    heading = {"task": task.__module__, "chunk": chunk, "engine": engine_digest(), **settings}
    done = _finished(partial, heading)
    yield from (done[number] for number in sizes if number in done and done[number]["cases"] == sizes[number])
    waiting = {number: size for number, size in sizes.items() if number not in done or done[number]["cases"] != size}
    if not waiting:
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), _start, (index_file,)) as pool:
        futures: list[Future[Chunk]] = [
            pool.submit(_count, task, number, size, dict(settings)) for number, size in waiting.items()
        ]
        for future in as_completed(futures):
            result = future.result()
            if partial:
                with partial.open("a", encoding="utf-8") as target:
                    target.write(json.dumps(result) + "\n")
            yield result


def _finished(partial: Path | None, heading: Mapping[str, Any]) -> dict[int, Chunk]:
    if partial is None:
        return {}
    whole: list[str] = []
    if partial.exists():
        lines = partial.read_text(encoding="utf-8").splitlines()
        if lines and json.loads(lines[0]) == heading:
            whole = [line for line in lines[1:] if line.endswith("}")]  # The last may be broken off.
    partial.parent.mkdir(parents=True, exist_ok=True)
    partial.write_text("".join(f"{line}\n" for line in [json.dumps(heading), *whole]), encoding="utf-8")
    return {result["number"]: result for result in map(json.loads, whole)}


def _start(index_file: Path) -> None:
    _engines[:] = [Engine(load(index_file))]


def _count(task: Task, number: int, size: int, settings: Mapping[str, Any]) -> Chunk:
    (engine,) = _engines
    return {"number": number, "cases": size, **task(engine, number, size, settings)}
