"""A student at the notebook page: opens, waits, writes, runs, downloads; and what the page asked for and complained of."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import BrowserContext, Page

from bookbuild.lite.make import STAMP

from .servers import Server

# Two shared cores may be ten times slower than two idle ones; a test that waits for Python waits this long, in seconds.
PATIENCE = 420
# Run cells one after the other in the page's own kernel, and gather what each gives, as a notebook would store it.
RUN = """
async ([sources]) => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const OUTPUTS = ["stream", "display_data", "execute_result", "error"], all = [];
  for (const code of sources) {
    const outputs = [];
    const future = kernel.requestExecute({ code, stop_on_error: false });
    future.onIOPub = ({ header, content }) => {
      const type = header.msg_type, last = outputs.at(-1);
      if (type === "stream" && last?.output_type === "stream" && last.name === content.name) last.text += content.text;
      else if (OUTPUTS.includes(type)) outputs.push({ output_type: type, ...content });
    };
    await future.done;
    all.push(outputs);
  }
  return JSON.stringify(all);
}
"""


@dataclass
class Student:
    context: BrowserContext
    site: str
    host: Server
    cdn: Server | None
    page: Page = None
    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, notebook: str, until: str = "load") -> "Student":
        """Open a notebook in a new tab; its page comes from the address that the book links to.

        ``until``: what is waited for; "commit", the first byte, where a part of the page never comes.
        """
        if self.page:
            self.page.close()
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(f"{self.site}lite/notebooks/index.html?path={notebook}", wait_until=until)
        return self

    def first_asked(self, part: str) -> int:
        """Which request of the page was the first whose address holds ``part``."""
        return next(i for i, url in enumerate(self.asked) if part in url)

    @property
    def says(self) -> str:
        """The line at the bottom of the page."""
        return self.page.locator("#ic-says").inner_text()

    def notes(self) -> dict[str, str]:
        """The notes above that line, by kind."""
        boxes = self.page.locator(".ic-note").all()
        return {box.get_attribute("data-kind"): box.locator("p").inner_text() for box in boxes}

    def wait(self, condition: str, argument: Any = None, seconds: float = PATIENCE) -> None:
        """Until a JavaScript condition holds."""
        self.page.wait_for_function(condition, arg=argument, timeout=seconds * 1000, polling=100)

    def until_read(self) -> "Student":
        """Until the notebook can be read."""
        self.wait("() => !document.getElementById('ic-wait')")
        return self

    def until_ready(self) -> "Student":
        """Until Python is ready."""
        self.wait("() => document.getElementById('ic-says').textContent.startsWith('Python is ready')")
        return self

    def until_note(self, kind: str, seconds: float = PATIENCE) -> str:
        self.page.wait_for_selector(f'[data-kind="{kind}"]', timeout=seconds * 1000)
        return self.notes()[kind]

    def run(self, sources: list[str]) -> list[list[dict[str, Any]]]:
        """The outputs of each of these cells, run in the page's kernel without touching the notebook."""
        return json.loads(self.page.evaluate(RUN, [sources]))

    def fresh(self) -> None:
        """Forget all names, as a restarted kernel would, without loading Python again."""
        self.run(["get_ipython().reset(new_session=True)"])

    def write(self, answers: dict[str, str]) -> None:
        """Write into the solution cells: grade id -> source."""
        self.page.evaluate(
            """(answers) => {
              for (const cell of window.jupyterapp.shell.currentWidget.content.model.cells) {
                const id = (cell.sharedModel.getMetadata("nbgrader") ?? {}).grade_id;
                if (id in answers) cell.sharedModel.setSource(answers[id]);
              }
            }""",
            answers,
        )

    def run_all(self) -> list[dict[str, Any]]:
        """Run all cells with the menu's command; the code cells, as they are then."""
        self.page.evaluate("async () => void (await window.jupyterapp.commands.execute('notebook:run-all-cells'))")
        self.wait("() => window.jupyterapp.shell.currentWidget.sessionContext.kernelDisplayStatus === 'idle'")
        return [cell for cell in self.notebook()["cells"] if cell["cell_type"] == "code"]

    def notebook(self) -> dict[str, Any]:
        """The notebook as it stands in the page."""
        return json.loads(
            self.page.evaluate("JSON.stringify(window.jupyterapp.shell.currentWidget.content.model.toJSON())")
        )

    def save(self) -> None:
        """Start saving; where it fails, JupyterLab's promise waits for its dialog, so nobody waits for it here."""
        self.page.evaluate("void window.jupyterapp.shell.currentWidget.context.save().catch(() => {})")

    def download(self, path: Path) -> Path:
        """Press *Download my work*."""
        with self.page.expect_download() as coming:
            self.page.get_by_role("button", name="Download my work").last.click()
        published = self.notebook()["metadata"][STAMP]["notebook"]
        assert coming.value.suggested_filename == published.split("/")[-1], "it is handed in under this name"
        coming.value.save_as(path)
        return path


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    """The code cells of a notebook's file."""
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def outcome(cell: dict[str, Any]) -> str:
    """ "" for a cell that ran well, else its error as the student reads it."""
    return next((f"{o['ename']}: {o['evalue']}" for o in cell["outputs"] if o["output_type"] == "error"), "")
