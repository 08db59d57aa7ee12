"""The notebooks in the browser: a JupyterLite beside the book, in ``lite/`` of the built site.

    python -m bookbuild.lite _build/html

makes it, and makes it anew only when something that it holds changed. It holds every chapter, the student edition of every
exercise, the tables, and a wheel of ``integrated_care`` with nothing in it that only an instructor needs.

make      puts the folder together
needs     which packages a notebook needs; also the kernel's startup file
page/     the page round a notebook: what is loading and how much, where the work is kept, how to save it
    notebook.html       the page itself (the stock one of JupyterLite's notebook app is replaced)
    start.js            prepares Python's environment, starts JupyterLite, watches over both
    service-worker.js   keeps what was fetched, so that the second visit fetches almost nothing

Python itself comes from Pyodide's CDN, at a version that is pinned in ``make``: the tests need the same files from a mirror.
"""
