// The page Search: looks through the records of bookbuild/search.py and shows where in the book the words stand.
(() => {
  "use strict";
  const form = document.querySelector(".ic-search-page");
  const input = form.querySelector("input[type=search]");
  const list = document.getElementById("search-results");
  const told = document.getElementById("search-told");
  const help = document.getElementById("search-help");
  const records = (window.icRecords || []).map((record) => ({ t: "", o: "", x: "", ...record }));
  const MOST = 40;
  const WAIT = 25; // ms after a key: who types on is not shown what half a word finds
  const KINDS = { figure: "Figure", term: "Glossary", claim: "Claim", section: "" };

  // One form for a word however it is written: no accents; Arabic without vowel signs, forms of alef, or article.
  const fold = (word) => word.normalize("NFKD").replace(/[\u0300-\u036f\u064b-\u065f\u0670\u0640]/g, "").toLowerCase()
    .replace(/[أإآٱ]/g, "ا").replace(/ى/g, "ي").replace(/ة/g, "ه").replace(/^[وفبكل]?ال(?=..)/, "").replace(/œ/g, "oe").replace(/æ/g, "ae");

  const index = new MiniSearch({
    fields: ["t", "o", "p", "x"],
    idField: "id",
    processTerm: (word) => fold(word) || null,
    searchOptions: {
      boost: { t: 4, o: 4, p: 1.5 },
      prefix: (word) => word.length > 2,
      boostDocument: (id) => ({ term: 1.6, figure: 1.2, claim: 0.9 })[records[id].k] || 1,
    },
  });
  // To forgive a slip takes several times as long as all the rest, so it is asked only of a query that finds nothing.
  const forgive = { fuzzy: (word) => (word.length > 4 && !/\d/.test(word) ? 0.2 : false) };
  index.addAll(records.map((record, id) => ({ id, ...record })));

  // The line of a text around the first word found, with the words marked.
  const passage = (text, terms) => {
    const spans = [];
    for (const match of text.matchAll(/[\p{L}\p{N}\p{M}_]+/gu)) {
      if (spans.length && match.index > spans[0][0] + 190) break; // the line ends before it
      if (terms.has(fold(match[0]))) spans.push([match.index, match.index + match[0].length]);
    }
    const start = spans.length ? Math.max(0, spans[0][0] - 70) : 0;
    const from = start ? text.indexOf(" ", start) + 1 : 0;
    const end = Math.min(text.length, from + 190);
    const to = end < text.length ? text.lastIndexOf(" ", end) : end;
    const line = document.createElement("p");
    line.className = "context";
    line.dir = "auto";
    let at = from;
    for (const [left, right] of spans) {
      if (left < at || right > to) continue;
      const mark = document.createElement("mark");
      mark.textContent = text.slice(left, right);
      line.append(text.slice(at, left), mark);
      at = right;
    }
    line.prepend(from ? "… " : "");
    line.append(text.slice(at, to), to < text.length ? " …" : "");
    return line;
  };

  const item = (found) => {
    const record = records[found.id];
    const out = document.createElement("li");
    const head = document.createElement("p");
    const link = document.createElement("a");
    link.href = record.u;
    link.textContent = record.t || record.p;
    head.append(link);
    const where = [KINDS[record.k] && !record.t.startsWith(KINDS[record.k]) ? KINDS[record.k] : "", record.t ? record.p : ""];
    const words = [...new Set(where.filter(Boolean))].join(", ");
    if (words) {
      const small = document.createElement("span");
      small.className = "ic-search-where";
      small.textContent = words;
      head.append(" ", small);
    }
    out.append(head, passage(record.x, new Set(found.terms)));
    return out;
  };

  const look = () => {
    const query = input.value.trim();
    if (!query) {
      list.replaceChildren();
      told.textContent = "";
      help.hidden = false;
      return;
    }
    let found = index.search(query, { combineWith: "AND" });
    if (!found.length) found = index.search(query, { combineWith: "AND", ...forgive });
    let words = "";
    if (!found.length && /\s/.test(query)) {
      found = index.search(query, forgive);
      words = found.length ? "No place holds all of these words. " : "";
    }
    list.replaceChildren(...found.slice(0, MOST).map(item));
    const number = found.length === 1 ? "1 place" : `${found.length} places`;
    told.textContent = found.length
      ? `${words}${number} in the book${found.length > MOST ? `, the best ${MOST} of them` : ""}.`
      : window.icRecords
        ? `Nothing in the book matches “${query}”.`
        : "The list of places did not load, so nothing can be found. Reload the page to search.";
    help.hidden = found.length > 0;
  };

  let timer = 0;
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, WAIT); });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    look();
    const address = new URL(location.href);
    address.searchParams.set("q", input.value.trim());
    try { history.replaceState(null, "", address); } catch { /* a folder on disk */ }
  });
  // Down and up go from the field through the results and back; everything else is as in any form and list.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [input, ...list.querySelectorAll("li a")];
    const at = stops.indexOf(document.activeElement);
    const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  });

  input.value ||= new URLSearchParams(location.search).get("q") || ""; // what was typed meanwhile counts
  look();
  if (!input.value) input.focus();
})();
