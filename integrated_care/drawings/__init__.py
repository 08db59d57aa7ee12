"""The charts of each chapter, one module a chapter: data in, an Altair chart out, ended with `charts.finish`."""
