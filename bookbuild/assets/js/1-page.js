// The page: light and dark, the contents on narrow screens, regions that scroll. Everything works without it.
(() => {
  "use strict";
  const root = document.documentElement;

  // Light and dark: the reader's choice is kept on the device; without one the system's holds.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const button = document.querySelector(".ic-theme");
  const isDark = () => (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  const label = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours");
  };
  if (button) {
    button.hidden = false;
    label();
    dark.addEventListener("change", label);
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      try { localStorage.setItem("ic-theme", root.dataset.theme); } catch { /* private window */ }
      label();
    });
  }

  // Contents on narrow screens.
  const menu = document.querySelector(".ic-menu");
  const contents = document.getElementById("contents");
  const close = contents && contents.querySelector(".ic-close");
  const mark = (yes) => {
    root.classList.toggle("menu-open", yes);
    menu.setAttribute("aria-expanded", String(yes));
  };
  const show = (yes) => {
    mark(yes);
    if (!yes && contents.matches(":target")) location.hash = "main"; // the link opened it before this script ran
  };
  const open = (yes) => {
    show(yes);
    (yes ? close : menu).focus();
  };
  if (menu && close) {
    menu.setAttribute("aria-expanded", "false");
    for (const [link, yes] of [[menu, true], [close, false]]) {
      link.setAttribute("role", "button");
      link.addEventListener("click", (event) => { event.preventDefault(); open(yes); });
      link.addEventListener("keydown", (event) => { if (event.key === " ") { event.preventDefault(); open(yes); } });
    }
    const isOpen = () => root.classList.contains("menu-open") || contents.matches(":target");
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && isOpen()) open(false); });
    contents.addEventListener("click", (event) => { if (event.target.closest("li a")) mark(false); });
    // Whoever tabs on past its last link should not walk unseen behind it.
    contents.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !contents.contains(event.relatedTarget) && isOpen()) show(false);
    });
  }

  // What scrolls sideways can be reached by keyboard and has a name.
  const nameOf = (element) => {
    const caption = element.querySelector("caption");
    if (caption) return caption.textContent;
    return element.matches("pre") ? "Code" : element.matches(".ic-math") ? "Formula" : "Table";
  };
  const region = (element) => {
    const scrolls = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
    if (scrolls && !element.hasAttribute("tabindex")) {
      element.tabIndex = 0;
      element.setAttribute("role", "group");
      element.setAttribute("aria-label", nameOf(element));
    } else if (!scrolls && element.hasAttribute("tabindex")) {
      for (const name of ["tabindex", "role", "aria-label"]) element.removeAttribute(name);
    }
  };
  // To measure is to lay out, so five milliseconds at a time, when there is nothing better to do; but a busy device must get there too.
  const idle = window.requestIdleCallback ? (work) => requestIdleCallback(work, { timeout: 500 }) : (work) => setTimeout(work, 50);
  let left = [];
  let busy = false;
  const regions = () => {
    const until = performance.now() + 5;
    while (left.length && performance.now() < until) region(left.shift());
    busy = left.length > 0;
    if (busy) idle(regions);
  };
  const later = () => {
    left = [...document.querySelectorAll(".ic-table, pre, .ic-math")];
    if (!busy) { busy = true; idle(regions); }
  };
  addEventListener("load", later);
  addEventListener("resize", later);
  document.addEventListener("toggle", later, true);

  // A jump to a place stays on it while what stands above is laid out (css/6-pages.css), unless the reader moves on.
  let jump = 0;
  const stay = () => {
    const place = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!place) return;
    const mine = ++jump;
    const until = performance.now() + 700;
    const step = () => {
      if (mine !== jump) return;
      place.scrollIntoView({ behavior: "instant" });
      if (performance.now() < until) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  };
  addEventListener("hashchange", stay);
  // Not after a reload or on the way back, where the browser knows the place better, nor when the reader has moved on already.
  const came = performance.getEntriesByType("navigation")[0]?.type;
  addEventListener("load", () => { if (!jump && came !== "reload" && came !== "back_forward") stay(); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href*="#"]');
    if (link && link.href === location.href) stay(); // again to the same place: the address does not change
  });
  for (const act of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(act, () => { jump++; }, { passive: true });

  // Where the reader is, in the list of sections.
  const links = new Map();
  for (const link of document.querySelectorAll(".ic-here a")) {
    const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (section) links.set(section, link);
  }
  if (links.size) {
    const seen = new Set();
    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) entry.isIntersecting ? seen.add(entry.target) : seen.delete(entry.target);
      const current = [...links.keys()].findLast((section) => seen.has(section));
      for (const [section, link] of links) {
        if (section === current) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    }, { rootMargin: "-15% 0px -70% 0px" });
    for (const section of links.keys()) observer.observe(section);
  }

  // The box Assumption stays right below the bar on top, however high that is.
  const bar = document.querySelector(".ic-top");
  if (bar && document.querySelector(".ic-box-assumption") && "ResizeObserver" in window) {
    new ResizeObserver(() => {
      const height = getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
      document.documentElement.style.setProperty("--bar", `${height}px`);
    }).observe(bar);
  }

  // Paper shows what is folded away; afterwards it is folded again, so that nobody finds the questions answered.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened.push(...document.querySelectorAll(".ic-options details:not([open])"));
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened.splice(0)) details.open = false;
  });
})();
