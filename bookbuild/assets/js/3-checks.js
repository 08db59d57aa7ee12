// Check yourself: which questions were answered is kept on this device only, told in words, and forgotten on request.
// Without scripts, or where the device keeps nothing, the answers open and say whether they are right all the same.
(() => {
  "use strict";
  const STORE = "ic-answers";
  let memory = {};
  let kept = true; // a full device can be read and not written: then this page's own memory counts
  const load = () => {
    if (!kept) return memory;
    try {
      const found = JSON.parse(localStorage.getItem(STORE) || "{}");
      if (found && typeof found === "object" && !Array.isArray(found)) memory = found;
    } catch { /* nothing is kept, or something else wrote there: this page's own memory serves */ }
    return memory;
  };
  const save = () => {
    try {
      if (Object.keys(memory).length) localStorage.setItem(STORE, JSON.stringify(memory));
      else localStorage.removeItem(STORE);
      kept = true;
    } catch { kept = false; }
  };
  const keeps = () => { try { localStorage.setItem("ic-try", "1"); localStorage.removeItem("ic-try"); return true; } catch { return false; } };

  // A page -> the names of its answered questions.
  const answered = (page) => (Array.isArray(load()[page]) ? memory[page] : []);

  const counted = (number, of) => `${number} of ${of} answered`;
  const marks = () => {
    for (const link of document.querySelectorAll(".ic-contents a[data-questions]")) {
      const of = Number(link.dataset.questions);
      const number = Math.min(answered(link.dataset.page).length, of);
      let mark = link.querySelector(".ic-mark-answered");
      if (!number) { if (mark) mark.remove(); continue; }
      if (!mark) {
        mark = document.createElement("span");
        mark.className = "ic-mark-answered";
        link.append(" ", mark);
      }
      mark.textContent = counted(number, of);
    }
  };

  const boxes = [...document.querySelectorAll(".ic-box-check[data-question]")];
  const foot = document.querySelector(".ic-progress");
  const page = foot && foot.dataset.page;
  const asked = boxes.map((box) => box.dataset.question);

  const progress = () => {
    if (!foot) return;
    const still = answered(page).filter((name) => asked.includes(name));
    if (still.length < answered(page).length) { // a question was reworded: the contents should not count it either
      if (still.length) memory[page] = still;
      else delete memory[page];
      save();
    }
    const number = still.length;
    foot.querySelector(".ic-progress-count").textContent = `${counted(number, boxes.length)} on this page.`;
    foot.querySelector(".ic-progress-where").textContent = keeps()
      ? "This is kept on your device only. It is not a grade."
      : "Your browser keeps nothing for this page, so this is forgotten when you leave. It is not a grade.";
    for (const button of foot.querySelectorAll("button")) button.hidden = false;
    foot.querySelector(".ic-forget").disabled = !number;
    foot.querySelector(".ic-forget-all").disabled = !Object.keys(memory).length;
    foot.hidden = false;
    marks();
  };

  for (const box of boxes) {
    const told = document.createElement("p");
    told.className = "ic-check-told";
    told.setAttribute("role", "status");
    box.append(told);
    for (const option of box.querySelectorAll(".ic-options details")) {
      // A click, which Enter and Space are too: what printing or a search in the page opens is no answer.
      option.querySelector("summary").addEventListener("click", () => {
        if (option.open) return; // it is closing
        const names = answered(page).filter((name) => asked.includes(name)); // of questions that are still asked
        if (!names.includes(box.dataset.question)) names.push(box.dataset.question);
        memory[page] = names;
        save();
        const verdict = { right: "Right. ", wrong: "Not this one; open another. " }[option.dataset.verdict] || "";
        told.textContent = `${verdict}${counted(names.length, boxes.length)} on this page.`;
        progress();
      });
    }
  }

  const forget = (all) => {
    load();
    if (all) memory = {};
    else delete memory[page];
    save();
    for (const box of boxes) {
      box.querySelector(".ic-check-told").textContent = "";
      for (const option of box.querySelectorAll(".ic-options details")) option.open = false;
    }
    progress();
    foot.querySelector(".ic-progress-count").textContent = all ? "All pages are forgotten." : "The answers on this page are forgotten.";
  };
  if (foot && boxes.length) {
    foot.querySelector(".ic-forget").addEventListener("click", () => forget(false));
    foot.querySelector(".ic-forget-all").addEventListener("click", () => forget(true));
    progress();
  }
  marks();
  const again = () => (foot && boxes.length ? progress() : marks());
  addEventListener("storage", (event) => { if (event.key === STORE || event.key === null) { memory = {}; again(); } });
  addEventListener("pageshow", (event) => { if (event.persisted) again(); }); // a page that slept heard of nothing
})();
