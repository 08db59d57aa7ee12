"""A deck of slides a chapter: static, offline, in one folder.

``make slides`` runs ``python -m bookbuild.slides`` on the built book. Nothing is written twice: a slide is a part of a
built page, chosen by rule (:mod:`deck`). What moves from slide to slide is reveal.js, as the package ``sphinx-revealjs``
carries it; its files are copied beside the decks.

deck      a built chapter -> its slides
folder    the slides -> pages of one folder, with style sheet, script and fonts
"""
