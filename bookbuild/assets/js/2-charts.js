// Charts: once the reader comes to one that can be explored, it is drawn live over its still picture.
// If anything fails, the picture stays. Colours are CSS variables, so light and dark need no second drawing.
(() => {
  "use strict";
  const figures = [...document.querySelectorAll(".ic-chart")].filter((figure) => figure.querySelector(".ic-spec"));
  if (!figures.length || !("IntersectionObserver" in window)) return;
  const source = document.currentScript.dataset.vega;

  let loading;
  const vega = () => loading || (loading = new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => resolve(window.vegaEmbed);
    script.onerror = () => { loading = undefined; reject(new Error("the chart library did not load")); };
    document.head.append(script);
  }));

  // The signals that make the plots wider: "width" of one view, "concat_0_width" of a stack, "childWidth" of small multiples.
  const widths = (compiled) => {
    const found = typeof compiled.width === "number" ? [["width", compiled.width]] : [];
    for (const signal of compiled.signals || []) {
      if (/(^|_)(childWidth|width)$/.test(signal.name) && typeof signal.value === "number" && !signal.update) {
        found.push([signal.name, signal.value]);
      }
    }
    return found;
  };
  const across = (spec) => (spec.hconcat || []).length || (spec.concat && spec.columns) || (spec.facet && spec.columns) || 1;

  // Let the plots take or give until the whole drawing is as wide as its frame (as bookbuild/drawing.py does).
  const fit = async (live, target) => {
    const drawn = () => live.host.querySelector("svg").width.baseVal.value;
    let slope = 1;
    for (let round = 0; round < 5 && live.widths.length; round++) {
      const width = drawn();
      if (Math.abs(target - width) <= 1.5) return;
      const step = (target - width) / slope;
      for (const entry of live.widths) {
        entry[1] = Math.max(120, entry[1] + step / live.across);
        live.view.signal(entry[0], entry[1]);
      }
      await live.view.resize().runAsync();
      slope = Math.min(1, (drawn() - width) / step);
      if (!(slope >= 0.2)) return;
    }
  };

  const draw = async (figure) => {
    const frame = figure.querySelector(".ic-frame");
    const inputs = figure.querySelector(".ic-inputs");
    const still = frame.querySelector("svg");
    const host = document.createElement("div");
    host.className = "ic-live";
    try {
      const embed = await vega();
      const spec = JSON.parse(figure.querySelector(".ic-spec").textContent);
      if (frame.clientWidth < 500) spec.config.legend = { ...spec.config.legend, columns: 1 };
      // Text is measured now, in the letters that this page is set in; others may still be on their way, or never come.
      spec.config.font = getComputedStyle(frame).fontFamily;
      await Promise.race([document.fonts.ready, new Promise((go) => setTimeout(go, 1000))]);
      frame.append(host);
      const options = { mode: "vega-lite", renderer: "svg", actions: false, defaultStyle: false, tooltip: { disableDefaultStyle: true } };
      if (inputs) options.bind = inputs;
      const result = await embed(host, spec, options);
      const live = { host, view: result.view, widths: widths(result.vgSpec), across: across(spec) };
      await fit(live, frame.clientWidth);
      const name = () => {
        const svg = host.querySelector("svg");
        svg.setAttribute("role", "img");
        svg.setAttribute("aria-label", still.getAttribute("aria-label"));
        for (const part of svg.children) part.setAttribute("aria-hidden", "true"); // one image, one description
      };
      name();
      figure.dataset.state = "live";
      let before = frame.clientWidth;
      new ResizeObserver(() => {
        if (!frame.clientWidth || Math.abs(frame.clientWidth - before) < 2) return; // 0 while a page is printed
        before = frame.clientWidth;
        fit(live, before).then(name);
      }).observe(frame);
    } catch (error) {
      host.remove();
      if (inputs) inputs.textContent = "The controls of this chart did not load. Reload the page to try again.";
      figure.dataset.state = "still";
      console.warn(`chart ${figure.id} stays a picture: ${error.message}`);
    }
  };

  // Nothing is loaded for a reader who only looks at the first screen.
  const acts = ["scroll", "pointermove", "pointerdown", "keydown", "touchstart", "focusin"];
  const begin = (event) => {
    // Chromium lets a pointer that rests "move" by nothing, when the page below it is laid out anew.
    if (event?.type === "pointermove" && !event.movementX && !event.movementY) return;
    for (const act of acts) removeEventListener(act, begin);
    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        observer.unobserve(entry.target);
        draw(entry.target);
      }
    }, { rootMargin: "300px 0px" });
    for (const figure of figures) observer.observe(figure);
  };
  for (const act of acts) addEventListener(act, begin, { passive: true });
  if (location.hash) begin();
})();
