// The worker of JupyterLite's kernel, which does not wait to be asked: it loads Python and imports what the notebook needs at once.
// start.js creates it and says in its name what is wanted.

const { kernel, pyodide, options, imports } = JSON.parse(self.name);
importScripts(kernel); // it listens from here on
let load, early;
// The kernel evaluates pyodide.js once more, and then asks for this: it gets the Python that is on its way.
Object.defineProperty(self, "loadPyodide", {
  get: () => (early ? () => early : load),
  set: (defined) => (load = defined),
});
importScripts(pyodide);
early = load(options).then((python) => {
  // For embed(), IPython would import a terminal and the half megabyte of prompt_toolkit; there is no terminal here.
  python.runPython(`
def start():
    import importlib, sys, types

    terminal = types.ModuleType("IPython.terminal.embed")
    terminal.embed = None
    sys.modules[terminal.__name__] = terminal
    for name in ${JSON.stringify(imports)}:
        try:
            importlib.import_module(name)
        except ImportError:  # it was lost on the way; a cell that imports it has it fetched once more
            pass

start()
del start
`);
  return python;
});
early.catch((error) => postMessage({ icBroken: String(error) })); // JupyterLite's kernel would keep it to itself
