"""What a hostile student puts into a notebook: each piece tries to run a script, which would call ``hit(...)``."""

import base64

import nbformat

HIT = "window.hacked='{0}';fetch('/hacked?{0}')"


def _hit(name: str) -> str:
    return HIT.format(name)


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SVG = f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"{_hit('svgout')}\"><script>{_hit('svgout2')}</script></svg>"
COVER = "position:fixed;top:0;left:0;width:100vw;height:100vh;background:url(/hacked?inline)"
TIP = f"title='<img src=x onerror={_hit('tooltip')}>'"
HTML = {
    "script": f"<script>{_hit('script')}</script>",
    "late-script": f"<div>text</div>\n\n<script defer>{_hit('late')}</script>",
    "onerror": f'<img src=x onerror="{_hit("onerror")}">',
    "slash-onerror": f'<img/src=x/onerror="{_hit("slash")}">',
    "svg-onload": f'<svg onload="{_hit("svg")}"><circle r="4"/></svg>',
    "svg-script": f"<svg><script>{_hit('svgscript')}</script></svg>",
    "svg-animate": f'<svg><animate onbegin="{_hit("animate")}" attributeName=x dur=1s></svg>',
    "svg-use": f"<svg><a xlink:href=\"javascript:{_hit('svguse')}\"><text y=20>click me</text></a></svg>",
    "math": f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={_hit("math")}&gt;">',
    "iframe": f'<iframe src="javascript:parent.{_hit("iframe")}"></iframe>',
    "iframe-srcdoc": f"<iframe srcdoc=\"<script>parent.{_hit('srcdoc')}</script>\"></iframe>",
    "object": f'<object data="data:text/html;base64,{_b64("<script>" + _hit("object") + "</script>")}"></object>',
    "embed": f'<embed src="data:image/svg+xml;base64,{_b64(SVG)}">',
    "autofocus": f'<input autofocus onfocus="{_hit("autofocus")}">',
    "details": f'<details open ontoggle="{_hit("toggle")}"><summary>s</summary></details>',
    "video": f'<video><source onerror="{_hit("video")}"></video>',
    "style": "<style>@import 'data:text/css,';body{background:url(/hacked?style)}</style>",
    "inline-style": f'<div style="{COVER}">x</div>',
    "link": '<link rel="stylesheet" href="/hacked?link">',
    "refresh": '<meta http-equiv="refresh" content="0;url=/hacked?refresh">',
    "base": '<base href="/hacked?base/">',
    "form": f'<form action="/hacked?form"><button id=b>x</button></form><script>{_hit("form")};b.click()</script>',
    "a-javascript": f'<a href="javascript:{_hit("a")}">click me</a>',
    "a-encoded": f'<a href="jav&#x09;ascript&colon;{_hit("aenc")}">click me</a>',
    "a-data": f'<a href="data:text/html,<script>{_hit("adata")}</script>">click me</a>',
    "a-file": '<a href="evil.html">click me</a>',
    "data-link": f'<a data-link="x" data-toggle="tooltip" data-html="true" {TIP} class="nbtip">x</a>',
    "comment": f"<!--><img src=x onerror=\"{_hit('comment')}\">-->",
    "unclosed": f'<img src=x alt="`><script>{_hit("unclosed")}</script>',
    "textarea": f'<textarea></textarea><img src=x onerror="{_hit("textarea")}">',
    "template": f'<template><script>{_hit("template")}</script></template>',
    "remote-image": '<img src="http://hacked.example/hacked?pixel" alt="x">',
}  # fmt: skip

MARKDOWN = {
    "link": f"[click me](javascript:{_hit('mdlink').replace('(', '%28').replace(')', '%29')})",
    "entity-link": f"[click me](javascript&colon;{_hit('mdentity').replace('(', '%28').replace(')', '%29')})",
    "reference": f"[click me][r]\n\n[r]: javascript:{_hit('mdref').replace('(', '%28').replace(')', '%29')}",
    "autolink": f"<javascript:{_hit('mdauto')}>",
    "file": "[click me](evil.html)",
    "missing": "![x](attachment:missing.png) breaks the page",
    "image": f'![x](x"onerror="{_hit("mdimage")})',
    "image-title": f"![x](y 'x\" onerror=\"{_hit('mdtitle')}')",
    "remote": "![x](http://hacked.example/hacked?mdpixel)",
    "mermaid": f"```mermaid\n</pre><script>{_hit('mermaid')}</script>\n```",
    "mermaid-image": f"```mermaid\n<img src=x onerror=\"{_hit('mermaid2')}\">\n```",
    "code-info": f"```\"><img/src=x/onerror={_hit('info')}>\nx\n```",
    "math": f"$$</p><img src=x onerror=\"{_hit('mdmath')}\">$$",
    "math-env": f"\\begin{{a}}<img src=x onerror=\"{_hit('mdenv')}\">\\end{{a}}",
    "inline-code": f"`` ` `` <b title=`x`><img src=x onerror=\"{_hit('mdcode')}\">",
    "heading": f"# x<img src=x onerror=\"{_hit('mdhead')}\">",
    "table": f"| a |\n|---|\n| <img src=x onerror=\"{_hit('mdtable')}\"> |",
    "block": f"<div>\n\n`<script>{_hit('mdblock')}</script>`\n</div>\n<div>`<script>{_hit('mdblock2')}</script>`</div>",
    "autolink-slash": f"<div>\n<https://x/onmouseover={_hit('mdslash')}/autofocus/onfocus={_hit('mdslash2')}/tabindex=1>\n</div>",
    "long": "x" * 60_000 + f"<script>{_hit('mdlong')}</script>",
    "fence": f"````\n```\n````\n<script>{_hit('mdfence')}</script>",
}  # fmt: skip

OUTPUTS = {
    "application/javascript": {"application/javascript": _hit("js")},
    "text/html": {"text/html": f"<script>{_hit('html')}</script><b>kept</b>"},
    "list": {"text/html": ["<scr", f"ipt>{_hit('htmllist')}</script>"]},
    "isolated": {"text/html": f"<script>parent.{_hit('isolated')}</script>"},
    "svg": {"image/svg+xml": SVG},
    "markdown": {"text/markdown": f"<img src=x onerror=\"{_hit('mdout')}\">"},
    "latex": {"text/latex": f"$x$<img src=x onerror=\"{_hit('latex')}\">"},
    "plain": {"text/plain": f"\x1b[31m<img src=x onerror=\"{_hit('plain')}\">\x1b[0m"},
    "png": {"image/png": f'x" onerror="{_hit("png")}'},
    "jpeg": {"image/jpeg": f'"><script>{_hit("jpeg")}</script>'},
    "widget": {"application/vnd.jupyter.widget-view+json": {"model_id": f"</script><script>{_hit('widget')}</script>"}},
    "vega": {"application/vnd.vegalite.v5+json": {"usermeta": {"embedOptions": {"x": f"<script>{_hit('v')}</script>"}}}},
    "pdf": {"application/pdf": "JVBERi0="},
    f"<img src=x onerror={_hit('mime')}>": {f"text/<img src=x onerror={_hit('mime')}>": "x"},
}  # fmt: skip


def notebook(**answers: str) -> nbformat.NotebookNode:
    """A notebook with every piece of the above, in cells of every kind and in every corner of the metadata."""
    mark = '"><img src=x onerror="{}">'
    cells = []
    for name, html in HTML.items():
        cells.append(nbformat.v4.new_markdown_cell(html, id=f"html-{name}"))
        output = nbformat.v4.new_output("display_data", {"text/html": html, "text/plain": "x"})
        cells.append(nbformat.v4.new_code_cell(f"# {html}", outputs=[output], id=f"out-{name}"))
    cells += [nbformat.v4.new_markdown_cell(text, id=f"md-{name}") for name, text in MARKDOWN.items()]
    for number, data in enumerate(OUTPUTS.values()):
        kinds = {
            kind: {"isolated": number == 3, "width": mark.format(_hit("width")), "alt": mark.format(_hit("alt"))}
            for kind in data
        }
        output = nbformat.v4.new_output("execute_result", data, metadata=kinds)
        cells.append(nbformat.v4.new_code_cell("1", outputs=[output], id=f"bundle-{number}"))
    for name in ("stdout", "stderr"):
        stream = nbformat.v4.new_output("stream", name=name, text=f"<script>{_hit(name)}</script>")
        cells.append(nbformat.v4.new_code_cell("1", outputs=[stream]))
    error = nbformat.v4.new_output(
        "error", ename=mark.format(_hit("ename")), evalue=mark.format(_hit("evalue")), traceback=[HTML["onerror"]]
    )
    cells.append(nbformat.v4.new_code_cell("1", outputs=[error]))
    cells.append(nbformat.v4.new_raw_cell(HTML["script"]))
    cells.append(
        nbformat.v4.new_raw_cell(HTML["onerror"], metadata={"raw_mimetype": "text/html", "format": "text/html"})
    )
    pictures = {"a.png": {'image/png;base64,x" onerror="' + _hit("attachment"): "eA=="}}
    cells.append(nbformat.v4.new_markdown_cell("![x](attachment:a.png)", attachments=pictures))
    role = {"grade": False, "solution": True, "locked": False, "task": False, "schema_version": 3}
    for number, kind in enumerate((nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell)):
        bad = mark.format(_hit(f"gradeid{number}"))
        metadata = {"tags": [bad], "name": bad, "nbgrader": role | {"grade_id": bad, "points": bad, "comment": bad}}
        cells.append(kind("x", metadata=metadata))
    bad = mark.format(_hit("notebook"))
    widgets = {
        "application/vnd.jupyter.widget-state+json": {"state": {}, "x": f"</script><script>{_hit('state')}</script>"}
    }
    metadata = {
        "title": f"</title><script>{_hit('title')}</script>",
        "authors": [{"name": HTML["script"]}],
        "widgets": widgets,
        "kernelspec": {"name": bad, "display_name": bad, "language": bad},
        "language_info": {"name": bad, "pygments_lexer": bad, "codemirror_mode": {"name": bad}},
    }
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)
