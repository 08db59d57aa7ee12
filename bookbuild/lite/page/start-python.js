// The worker of JupyterLite's kernel, with a head start: Python is loaded and imports what the notebook needs before the kernel
// asks for it. start.js creates it and says in the address what is wanted.

const { kernel, pyodide, options, imports } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
importScripts(kernel); // it listens from here on
let load, early;
// The kernel evaluates pyodide.js once more, and then asks for this: it gets the Python that is on its way.
Object.defineProperty(self, "loadPyodide", {
  get: () => (early ? (again) => early.catch(() => load(again)) : load),
  set: (defined) => (load = defined),
});
importScripts(pyodide);
early = load(options).then((python) => {
  python.runPython(`
import importlib
for name in ${JSON.stringify(imports)}:
    importlib.import_module(name)
del importlib, name
`);
  return python;
});
early.catch(() => {}); // whoever asks is told
