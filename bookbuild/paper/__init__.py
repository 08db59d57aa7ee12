"""The book away from the browser: a PDF, an EPUB, and the site as one zip file.

``make paper`` runs ``python -m bookbuild.paper`` on the built book. Nothing is written twice: everything here starts from
the HTML that Sphinx made, so what is proved of the site's text, charts and formulas holds for paper too.

pages     the built pages in the order of the contents, cleaned of what only a screen can use
pdf       one print edition, set and tagged by Chromium
lighter   the same PDF in half the bytes
epub      the same pages as an e-book
offline   the site, made fit to be opened from a folder
shelf     the links to the three on the landing page
"""
