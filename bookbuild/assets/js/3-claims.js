// The page Claims: a search box and filters over the list. Without this script the list stands whole.
(() => {
  "use strict";
  const form = document.querySelector(".ic-filter");
  if (!form) return;
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const entries = [...document.querySelectorAll(".ic-claim")].map((element) => ({ element, text: plain(element.textContent) }));
  const sections = [...document.querySelectorAll("section")].filter((section) =>
    section.querySelector(".ic-claim") && !section.contains(form));
  const status = form.querySelector(".ic-count");
  const fields = [...form.querySelectorAll("input, select")];
  const none = "No claim has all of this. Take a word or a filter away.";

  // The address keeps what is chosen, so that it can be reloaded, sent or marked.
  const remember = () => {
    const chosen = new URLSearchParams(fields.filter((field) => field.value).map((field) => [field.name, field.value]));
    const query = String(chosen) ? `?${chosen}` : "";
    if (query !== location.search) history.replaceState(null, "", location.pathname + query + location.hash);
  };

  let waiting = 0;
  const say = (text) => { clearTimeout(waiting); waiting = setTimeout(() => { status.textContent = text; }, 150); };

  const show = () => {
    const words = plain(form.elements.q.value).split(/\s+/).filter(Boolean);
    const classes = fields.filter((field) => field.matches("select") && field.value).map((field) => field.value);
    let seen = 0;
    for (const { element, text } of entries) {
      const fits = classes.every((name) => element.classList.contains(name)) && words.every((word) => text.includes(word));
      element.hidden = !fits;
      seen += fits;
    }
    for (const section of sections) section.hidden = !section.querySelector(".ic-claim:not([hidden])");
    say(seen === entries.length ? `All ${seen} claims` : seen ? `${seen} of ${entries.length} claims` : none);
    remember();
  };

  // A link to a claim that is filtered away shows all claims again.
  const arrive = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.closest("[hidden]")) return;
    form.reset();
    show();
    target.scrollIntoView();
  };

  const given = new URLSearchParams(location.search);
  for (const field of fields) {
    if (!given.has(field.name)) continue;
    field.value = given.get(field.name);
    if (field.selectedIndex < 0) field.value = ""; // an option that this book does not have
  }
  form.hidden = false;
  show();
  arrive();
  form.addEventListener("input", show);
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", arrive);
  addEventListener("pageshow", (event) => { if (event.persisted) show(); });
})();
