"""The charts of each chapter, one module a chapter: data in, an Altair chart out, ended with `charts.finish`.

Beside a chart ``NAME`` whose text alternative is made from its data stands ``say_NAME``, which gives it.
"""
