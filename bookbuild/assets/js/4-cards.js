// Cards: what a linked term, claim, table or reference is. A card opens when its link is pointed at, focused or tapped; it
// stays while the pointer is on it, and Escape closes it and moves nothing (WCAG 1.4.13). A tap shows the card with a link;
// with a mouse or a keyboard the link itself leads on at once, as without scripts.
(() => {
  "use strict";
  const source = document.getElementById("ic-cards");
  if (!source) return;
  const cards = JSON.parse(source.textContent);
  const card = document.createElement("div");
  card.className = "ic-card";
  card.id = "ic-card";
  card.hidden = true;
  let shown = null; // the link whose card is open
  let timer = 0;
  let pointer = "mouse";

  const of = (target) => {
    const link = target instanceof Element && target.closest("a[href]");
    return link && Object.hasOwn(cards, link.getAttribute("href")) && !card.contains(link) ? link : null;
  };
  const line = (name, text, attributes = {}) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.textContent = text;
    return element;
  };

  const fill = (link, tapped) => {
    const { kind, title, text, fr, ar } = cards[link.getAttribute("href")];
    const told = document.createElement("div");
    told.id = "ic-card-text";
    told.append(line("p", kind, { class: "ic-card-kind" }));
    if (title) told.append(line("p", title, { class: "ic-card-title" }));
    if (text) told.append(line("p", text));
    if (fr || ar) {
      const other = line("p", "", { class: "ic-term-other" });
      if (fr) other.append(line("span", fr, { lang: "fr" }));
      if (ar) other.append(line("span", ar, { lang: "ar", dir: "rtl" }));
      told.append(other);
    }
    card.replaceChildren(told);
    if (tapped) {
      const go = line("p", "", { class: "ic-card-go" });
      go.append(line("a", "Read more", { href: link.getAttribute("href") }));
      card.append(go);
    }
  };

  const place = (link) => {
    const rects = link.getClientRects();
    const at = rects[rects.length - 1] || link.getBoundingClientRect();
    const edge = 10;
    const across = document.documentElement.clientWidth;
    const left = Math.min(Math.max(edge, at.left - 12), across - card.offsetWidth - edge);
    const first = rects[0] || at;
    const below = at.bottom + card.offsetHeight + edge < innerHeight || first.top < card.offsetHeight + edge;
    card.style.left = `${Math.max(edge, left) + scrollX}px`;
    card.style.top = `${(below ? at.bottom + 4 : first.top - card.offsetHeight - 4) + scrollY}px`;
  };

  const show = (link, tapped = false) => {
    clearTimeout(timer);
    if (shown && shown !== link) hide();
    shown = link;
    fill(link, tapped);
    if (!card.isConnected) document.body.append(card);
    card.hidden = false;
    place(link);
    link.setAttribute("aria-describedby", "ic-card-text");
  };
  const hide = () => {
    clearTimeout(timer);
    if (!shown) return;
    shown.removeAttribute("aria-describedby");
    card.hidden = true;
    shown = null;
  };
  const soon = (act, wait) => { clearTimeout(timer); timer = setTimeout(act, wait); };

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const link = of(event.target);
    if (link && link !== shown) soon(() => show(link), shown ? 60 : 180);
    else if (link || card.contains(event.target)) clearTimeout(timer);
    else if (shown && document.activeElement !== shown) soon(hide, 260);
    else if (!shown) clearTimeout(timer);
  });
  document.documentElement.addEventListener("pointerleave", () => { if (shown && document.activeElement !== shown) soon(hide, 260); });
  document.addEventListener("focusin", (event) => {
    const link = of(event.target);
    if (link && link.matches(":focus-visible")) show(link);
    else if (shown && !card.contains(event.target) && event.target !== shown) hide();
  });
  document.addEventListener("focusout", (event) => {
    if (event.target === shown && !card.contains(event.relatedTarget)) soon(hide, 120);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && shown) hide(); });
  document.addEventListener("pointerdown", (event) => {
    pointer = event.pointerType;
    if (shown && !card.contains(event.target) && of(event.target) !== shown) hide();
  });
  document.addEventListener("click", (event) => {
    const link = of(event.target);
    const touched = event.detail > 0 && (event.pointerType || pointer) === "touch";
    if (!link || !touched || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (shown === link && card.querySelector(".ic-card-go")) return; // the second tap leads on
    event.preventDefault();
    show(link, true);
  });
  addEventListener("resize", hide);
  addEventListener("beforeprint", hide);
})();
