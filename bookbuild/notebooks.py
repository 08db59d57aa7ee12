"""Re-execute notebooks and write them in the one form that the repository keeps (``make notebooks``).

The form: stable cell ids, code cells numbered in order, no timing, little metadata, ``indent=1``, and the numbers of the prose
computed by its last cell (:mod:`prose`). Run twice, the second run changes no byte.

    python -m bookbuild.notebooks                 every chapter and exercise source
    python -m bookbuild.notebooks chapters/05_inequality.ipynb
    python -m bookbuild.notebooks --check         write nothing; name what is not in the form
"""

import argparse
import os
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from . import prose

ROOT = Path(__file__).resolve().parent.parent
CELL_ID = re.compile(r"[a-z][a-z0-9_-]{1,40}\Z")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT_CELL_METADATA = {"tags", "nbgrader", "jupyter"}

ROLE = re.compile(r"\{[a-z]+(?::[a-z]+)?\}`[^`\n]*`")  # MyST's roles, such as {cite:p}`freeman1978`
CODE = re.compile(r"^(?:> ?)?```.*?^(?:> ?)?```|`[^`\n]+`", re.DOTALL | re.MULTILINE)  # there a tag is only text


class NotebookProblem(Exception):
    """Something that a person must mend; its text names the notebook and the cell."""


def sources() -> list[Path]:
    """Every chapter and every exercise source, in order."""
    return sorted(ROOT.glob("chapters/*.ipynb")) + sorted(ROOT.glob("exercises/*/*.ipynb"))


def folding(cell: nbformat.NotebookNode) -> dict[str, bool]:
    """How JupyterLab folds a cell: what the book hides is folded there, too; one line opens it."""
    tags = cell.metadata.get("tags", [])
    if "hide-input" in tags:
        return {"source_hidden": True}
    if cell.id == prose.NUMBERS:
        return {"source_hidden": True, "outputs_hidden": True}
    return {}


def tidy(nb: nbformat.NotebookNode) -> None:
    """Bring a notebook into the form, in place."""
    nb.metadata = nbformat.from_dict(METADATA)
    nb.nbformat, nb.nbformat_minor = 4, 5
    number = 0
    for cell in nb.cells:
        kept = {k: v for k, v in cell.metadata.items() if k in KEPT_CELL_METADATA - {"jupyter"}}
        folded = folding(cell)
        cell.metadata = nbformat.from_dict(kept | ({"jupyter": folded} if folded else {}))
        if cell.cell_type == "code":
            # nbval takes a cell without a number for one that never ran, and passes over its outputs.
            cell.execution_count = number = number + 1
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = number
                if "metadata" in output:
                    output.metadata = nbformat.from_dict({})


def open_tags(source: str) -> list[str]:
    """Tags of a markdown cell that are begun and not ended, or the other way round; browsers guess and the build is silent."""
    source = CODE.sub("", source)
    names = sorted(set(re.findall(r"</?(details|summary|span|div|p|table|tr|td|th|strong|em|sub|sup)\b", source)))
    return [n for n in names if len(re.findall(rf"<{n}\b[^<>]*>", source)) != source.count(f"</{n}>")]


def problems(nb: nbformat.NotebookNode) -> list[str]:
    """What keeps a notebook from being in the form: one sentence each, naming the cell."""
    found = []
    if dict(nb.metadata) != METADATA:
        found.append("the notebook's metadata hold more than kernelspec and language_info")
    seen: set[str] = set()
    number = 0
    for cell in nb.cells:
        say = f"cell {cell.id!r}: ".__add__
        if not CELL_ID.match(cell.id):
            found.append(say("its id is not a short readable slug"))
        if cell.id in seen:
            found.append(say("its id stands twice"))
        seen.add(cell.id)
        if extra := sorted(set(cell.metadata) - KEPT_CELL_METADATA):
            found.append(say(f"metadata {', '.join(extra)} do not belong in git"))
        if cell.metadata.get("jupyter", {}) != folding(cell):
            found.append(say("it is not folded as its tags say: run make notebooks"))
        if cell.cell_type != "code":
            if role := ROLE.search(cell.source):
                found.append(say(f"{role[0]} shows as it stands outside the book: write a link"))
            for tag in open_tags(cell.source):
                found.append(say(f"<{tag}> and </{tag}> do not come in pairs"))
            continue
        number += 1
        if cell.execution_count != number:
            found.append(say(f"it is numbered {cell.execution_count}, but is code cell {number}: run make notebooks"))
        for output in cell.outputs:
            if output.output_type == "error":
                found.append(say(f"it stores an error, {output.ename}: {output.evalue}"))
            if output.get("name") == "stderr":
                found.append(say(f"it wrote to stderr: {output.text.strip()[:80]!r}"))
            data = output.get("data") or {}
            rich = [mime for mime in data if mime != "text/plain"]
            if len(rich) > 1:
                found.append(say(f"an output stores {len(rich)} rich types ({', '.join(rich)}); one is enough"))
            if "\n" in data.get("text/html", "").strip():
                found.append(say("an HTML output has more than one line; use integrated_care.tables.show"))
    return found


def run(nb: nbformat.NotebookNode, folder: Path) -> None:
    """Execute a notebook in ``folder``, in place."""
    # jupyter-book, nbgrader and this script may leave these set; a notebook must not run as if it were graded.
    env = {key: value for key, value in os.environ.items() if not key.startswith("NBGRADER_")}
    client = NotebookClient(nb, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    client.coalesce_streams = True  # whether a stream comes in one piece or in two depends on the speed of the machine
    client.record_timing = False
    try:
        client.execute(env=env)
    except CellExecutionError as error:
        cell = next((c for c in nb.cells if any(o.output_type == "error" for o in c.get("outputs", []))), nb.cells[0])
        raise NotebookProblem(f"cell {cell.id!r} failed with {error.ename}: {error.evalue}") from None


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def text(nb: nbformat.NotebookNode) -> str:
    """The bytes that the repository keeps, as text."""
    return nbformat.writes(nb, indent=1) + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bookbuild.notebooks", description=__doc__.split("\n")[0])
    parser.add_argument("paths", nargs="*", type=Path, help="notebooks (default: every chapter and exercise source)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a notebook is not in the form")
    options = parser.parse_args(arguments)
    paths = options.paths or sources()
    from tqdm import tqdm

    failed = 0
    for path in tqdm(paths, unit="notebook", disable=options.check or None):
        try:
            nb = read(path)
            if not options.check:
                prose.gather(nb)
                run(nb, path.resolve().parent)
                prose.fill(nb)
                tidy(nb)
            for problem in problems(nb):
                failed += 1
                print(f"{path}, {problem}", file=sys.stderr)
            if not options.check and (new := text(nb)) != path.read_text(encoding="utf-8"):
                path.write_text(new, encoding="utf-8")
                tqdm.write(f"{path} rewritten")
        except NotebookProblem as problem:
            failed += 1
            print(f"{path}, {problem}", file=sys.stderr)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
