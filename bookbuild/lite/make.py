"""Puts ``lite/`` together: JupyterLite, our page round a notebook, the notebooks, the tables, the wheel.

The folder is made anew only when an input changed: a digest of all of them stands in ``lite/made-from.txt``.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

import integrated_care

from ..chapter import title_of
from ..exercises import NoEdition, student_edition
from ..markup import json_in_html
from .needs import needs

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path(__file__).resolve().parent / "page"
PYODIDE = "0.27.7"  # the newest that JupyterLite's kernel 0.6.1 runs and that the tests have a mirror of
CDN = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE}/full/"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
STAMP = "learning_from_reform"  # a notebook's metadata: which edition it is
THEIRS = ("piplite", "ipykernel", "pyodide_kernel")  # wheels that come with the kernel
# The kernel asks for these; nothing that a notebook of ours does needs them, and they are 3.8 MB. In their place it gets an
# empty package. (ssl has no sockets to work with in a browser; IPython completes without jedi. It does need sqlite3.)
ABSENT = ("ssl", "jedi")
# What starts the kernel, in the words of its own code: it then installs nothing one by one.
BASE = ["micropip", "piplite", "ssl", "sqlite3", "ipykernel", "comm", "pyodide_kernel", "jedi", "ipython"]
NOTHING = "nothing"
PAGE_MB = 2.0  # JupyterLite itself, as sent to a notebook page; a test measures it


class LiteProblem(Exception):
    """Something that a person must mend; its text says what."""


# ------------------------------------------------------------------------------------------------------------- the wheel


def _settings(root: Path) -> str:
    return (root / "student" / "pyproject.toml").read_text(encoding="utf-8")


# What the browser's wheel has beyond the students' own: `needs` as a module, and an IPython startup file that imports it. (As a
# startup file itself it would live among the student's names, and go when they are cleared.) It continues the last table of
# student/pyproject.toml, which is force-include.
IN_THE_BROWSER = """"needs.py" = "integrated_care_kernel.py"

[tool.hatch.build.targets.wheel.shared-data]
"startup.py" = "etc/ipython/startup/00-integrated-care.py"
"""


def build_wheel(root: Path, out: Path) -> Path:
    """The wheel of ``integrated_care`` with the tables, and the kernel's startup file beside it; the same bytes every time."""
    from hatchling.builders.wheel import WheelBuilder

    with tempfile.TemporaryDirectory() as work:
        here = Path(work)
        (here / "pyproject.toml").write_text(_settings(root) + IN_THE_BROWSER, encoding="utf-8")
        shutil.copy(Path(__file__).with_name("needs.py"), here)
        (here / "startup.py").write_text('__import__("integrated_care_kernel")\n', encoding="utf-8")
        without = shutil.ignore_patterns("__pycache__", "_datasets")
        shutil.copytree(root / "integrated_care", here / "integrated_care", ignore=without)
        shutil.copytree(root / "datasets", here / "datasets", ignore=shutil.ignore_patterns("__pycache__", "recipes"))
        out.mkdir(parents=True, exist_ok=True)
        return Path(next(WheelBuilder(str(here)).build(directory=str(out), versions=["standard"])))


def empty_wheel(out: Path) -> Path:
    """A wheel with nothing in it, to stand for the packages in :data:`ABSENT`."""
    import zipfile

    path, info = out / f"{NOTHING}-0-py3-none-any.whl", f"{NOTHING}-0.dist-info"
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {NOTHING}\nVersion: 0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: bookbuild\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return path


def _entry(name: str, path: Path, site: Path, imports: list[str], depends: list[str]) -> dict[str, Any]:
    """A package of ours, whose wheel lies below ``site``, in the form of Pyodide's lock file."""
    return {
        "name": name,
        "version": path.name.split("-")[1],
        "file_name": path.relative_to(site).as_posix(),
        "install_dir": "site",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": imports,
        "depends": depends,
        "unvendored_tests": False,
    }


def packages(root: Path, site: Path) -> dict[str, dict[str, Any]]:
    """What the page adds to Pyodide's lock file: our wheel, the kernel's own wheels, and an empty package for each absent one."""
    wheels = site / "wheels"
    ours = build_wheel(root, wheels)
    # A page that stays open over a new release asks for the wheel it knows: the address says which bytes are meant.
    home = wheels / hashlib.sha256(ours.read_bytes()).hexdigest()[:8]
    home.mkdir()
    ours = ours.rename(home / ours.name)
    names = [d.split(">")[0].split("=")[0] for d in tomllib.loads(_settings(root))["project"]["dependencies"]]
    always = [name for name in names if name not in ("scipy", "networkx")]  # these two only where a notebook needs them
    made = {"integrated-care": _entry("integrated-care", ours, site, ["integrated_care"], always)}
    folder = site / "extensions" / KERNEL / "static" / "pypi"
    for name in THEIRS:
        (path,) = folder.glob(f"{name}-*.whl")
        key = name.replace("_", "-")
        made[key] = _entry(key, path, site, [name], [])
    nothing = empty_wheel(wheels)
    for name in ABSENT:
        made[name] = _entry(name, nothing, site, [], [])
    return made


# --------------------------------------------------------------------------------------------------------- the notebooks


def notebooks(root: Path, cache: Path) -> Iterator[tuple[str, Path]]:
    """Each notebook of the site: its path there, and the file with its content. Chapters, then student editions."""
    for path in sorted(root.glob("chapters/*.ipynb")):
        yield f"chapters/{path.name}", path
    for path in sorted(root.glob("exercises/*/*.ipynb")):
        if path.parent.name == path.stem:
            try:
                yield f"exercises/{path.stem}/{path.name}", student_edition(root, path.stem, cache)
            except NoEdition as error:
                raise LiteProblem(f"exercises/{path.stem}: {error}") from None


def edition(path: Path) -> str:
    """The name of this state of a notebook: the version of the course, and eight digits of its own."""
    return f"{integrated_care.__version__}-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"


def describe(name: str, path: Path, nb: nbformat.NotebookNode, package: Path) -> dict[str, Any]:
    """What the page must know of a notebook: title, edition, the modules that it needs."""
    title = next(filter(None, (title_of(cell.source) for cell in nb.cells if cell.cell_type == "markdown")))
    wanted: set[str] = set()
    for cell in nb.cells:
        if cell.cell_type == "code":
            try:
                wanted |= needs(cell.source, package)
            except SyntaxError as error:
                raise LiteProblem(f"{name}, cell {cell.id!r} is not Python: {error}") from None
    beyond = sorted(wanted - set(sys.stdlib_module_names) - {"integrated_care"})
    return {"title": title, "edition": edition(path), "imports": beyond}


def gather(root: Path, cache: Path, out: Path) -> dict[str, dict[str, Any]]:
    """Write the notebooks, each stamped with its edition, and the tables to ``out``; path -> what the page must know."""
    found = {}
    for name, path in notebooks(root, cache):
        nb = nbformat.read(path, as_version=4)
        found[name] = describe(name, path, nb, root / "integrated_care")
        nb.metadata[STAMP] = {"notebook": name, "edition": found[name]["edition"]}
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(nbformat.writes(nb, indent=1, split_lines=False) + "\n", encoding="utf-8")
    if not found:
        raise LiteProblem(f"there is no chapter and no exercise in {root}")
    for path in sorted(root.glob("datasets/*")):
        if path.suffix in (".csv", ".json"):
            (out / "datasets").mkdir(exist_ok=True)
            shutil.copy(path, out / "datasets")
    return found


# -------------------------------------------------------------------------------------------------------------- the site


def fingerprint(root: Path, cache: Path) -> str:
    """Changes with anything that the folder is made from."""
    from importlib.metadata import version

    paths = [path for _, path in notebooks(root, cache)]
    paths += sorted(
        path for path in Path(__file__).parent.rglob("*") if path.suffix in (".py", ".js", ".html", ".json")
    )
    paths += sorted(
        [*root.glob("integrated_care/**/*.py"), *root.glob("datasets/*.*"), root / "student/pyproject.toml"]
    )
    digest = hashlib.sha256()
    for name in ("jupyterlite-core", "jupyterlite-pyodide-kernel", "hatchling"):
        digest.update(f"{name} {version(name)}\n".encode())
    for path in paths:
        digest.update(f"{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _jupyterlite(work: Path) -> None:
    """Have JupyterLite's own builder make ``work/site`` from ``work/files``."""
    extension = Path(sys.prefix, "share", "jupyter", "labextensions", KERNEL)
    if not extension.is_dir():
        raise LiteProblem(f"{extension} is not there: install jupyterlite-pyodide-kernel into this environment")
    settings = {
        "LiteBuildConfig": {
            "apps": ["notebooks", "tree", "edit"],
            "contents": ["files"],
            "output_dir": "site",
            "no_sourcemaps": True,
            # Every labextension of the environment would be copied otherwise, and nbgrader's breaks the page.
            "ignore_sys_prefix": ["federated_extensions"],
            "federated_extensions": [str(extension)],
        }
    }
    (work / "jupyter_lite_config.json").write_text(json.dumps(settings), encoding="utf-8")
    env = {**os.environ, "SOURCE_DATE_EPOCH": "315532800"}
    done = subprocess.run(
        [sys.executable, "-m", "jupyterlite_core", "build"], cwd=work, env=env, capture_output=True, text=True
    )
    if done.returncode or not (work / "site" / "jupyter-lite.json").exists():
        raise LiteProblem(f"JupyterLite could not be built:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")


SETTINGS = {
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 10},  # seconds; work survives a reload
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "defer"},
}


def _config(site: Path) -> dict[str, Any]:
    """JupyterLite's configuration for the notebook page, its addresses relative to ``lite/``.

    JupyterLite's own page gathers it from six files, two of which are never there; ours has it in the page.
    """
    name = "jupyter-config-data"
    root = json.loads((site / "jupyter-lite.json").read_text(encoding="utf-8"))[name]
    page = json.loads((site / "notebooks" / "jupyter-lite.json").read_text(encoding="utf-8"))[name]
    page = {key: value.replace("../", "./") if isinstance(value, str) else value for key, value in page.items()}
    config = root | page | {"exposeAppInBrowser": True, "settingsOverrides": SETTINGS}
    config["faviconUrl"] = "./notebooks/favicon.ico"
    plugin = {"pyodideUrl": f"{CDN}pyodide.js", "disablePyPIFallback": True}
    config["litePluginSettings"][f"{KERNEL}:kernel"] |= plugin
    return config


def _sizes(site: Path, own: dict[str, dict[str, Any]]) -> dict[str, list[int]]:
    """File or package -> its bytes as sent (compressed where the CDN compresses) and as unpacked by the browser."""
    sizes = json.loads(PAGE.with_name("sizes.json").read_text(encoding="utf-8"))
    ours = {name: (site / entry["file_name"]).stat().st_size for name, entry in own.items()}
    return sizes | {name: [size, size] for name, size in ours.items()}


def _worker(site: Path) -> str:
    """The script of the kernel's worker, for a page that is not isolated; start-python.js stands beside it."""
    folder = site / "extensions" / KERNEL / "static"
    texts = {path: path.read_text(encoding="utf-8") for path in folder.glob("*.js")}
    found = [path for path, text in texts.items() if "initRuntime" in text and "Atomics.wait" not in text]
    if len(found) != 1:
        raise LiteProblem(f"{folder} has {len(found)} scripts that look like the kernel's worker: see start-python.js")
    return found[0].relative_to(site).as_posix()


def finish(site: Path, found: dict[str, dict[str, Any]], own: dict[str, dict[str, Any]], made_from: str) -> None:
    """Put our page, its script and our service worker where JupyterLite's are."""
    stock = (site / "notebooks" / "index.html").read_text(encoding="utf-8")
    bundle = stock.split('href="../build/notebooks/')[1].split('"')[0]
    (core,) = (site / "build").glob("jlab_core.*.js")
    options = {
        "cdn": CDN,
        "bundle": f"build/notebooks/{bundle}",
        "core": core.relative_to(site).as_posix(),
        "worker": (worker_script := _worker(site)),
        "base": BASE,
        "packages": own,
        "notebooks": found,
        "sizes": _sizes(site, own),
        "version": integrated_care.__version__,
        "stamp": STAMP,
    }
    page = (PAGE / "notebook.html").read_text(encoding="utf-8")
    start = (PAGE / "start.js").read_text(encoding="utf-8")
    for mark, value in {"CONFIG": _config(site), "OPTIONS": options}.items():
        page = page.replace(f"@{mark}@", json_in_html(value, ensure_ascii=True))
    page = page.replace("@PAGE_MB@", str(PAGE_MB)).replace("@VERSION@", hashlib.sha256(start.encode()).hexdigest()[:8])
    (site / "notebooks" / "index.html").write_text(page, encoding="utf-8")
    (site / "notebooks" / "start.js").write_text(start, encoding="utf-8")
    shutil.copy(PAGE / "start-python.js", (site / worker_script).parent)
    worker = (PAGE / "service-worker.js").read_text(encoding="utf-8")
    os.replace(site / "service-worker.js", site / "jupyterlite-service-worker.js")
    worker = worker.replace("@BUILD@", made_from[:12]).replace("@PYODIDE@", PYODIDE).replace("@CDN@", CDN)
    (site / "service-worker.js").write_text(worker, encoding="utf-8")


def make(html: Path, root: Path = ROOT) -> bool:
    """Make ``html/lite``; False when it was there already and nothing changed."""
    if not (html / "index.html").is_file():
        raise LiteProblem(f"{html} holds no built book: run make book")
    cache = html.parent / ".doctrees" / "exercises"
    cache.mkdir(parents=True, exist_ok=True)
    made_from, target = fingerprint(root, cache), html / "lite"
    stamp = target / "made-from.txt"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == made_from:
        return False
    with tempfile.TemporaryDirectory(dir=html.parent, prefix=".lite-") as folder:
        work = Path(folder)
        (work / "files").mkdir()
        found = gather(root, cache, work / "files")
        _jupyterlite(work)
        site = work / "site"
        finish(site, found, packages(root, site), made_from)
        (site / stamp.name).write_text(made_from, encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        os.replace(site, target)
    return True


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bookbuild.lite", description="Make lite/ of a built book.")
    parser.add_argument("html", type=Path, help="the folder of the built book, such as _build/html")
    html = parser.parse_args(arguments).html.resolve()
    try:
        made = make(html)
    except LiteProblem as problem:
        print(f"the notebooks for the browser could not be made: {problem}", file=sys.stderr)
        return 1
    print(f"The notebooks for the browser are in {html / 'lite'}" + ("" if made else " (unchanged)"))
    return 0
