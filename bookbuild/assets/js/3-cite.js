// "Cite this chapter": buttons that copy. Without scripts the text can be selected.
(() => {
  "use strict";
  for (const button of document.querySelectorAll(".ic-copy")) {
    const source = document.getElementById(button.dataset.copy);
    const said = button.parentElement.querySelector(".ic-copied");
    button.hidden = false;
    button.addEventListener("click", async () => {
      const range = document.createRange();
      range.selectNodeContents(source);
      const selection = getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      try {
        if (navigator.clipboard) await navigator.clipboard.writeText(source.textContent);
        else if (!document.execCommand("copy")) throw new Error();
        said.textContent = "Copied.";
      } catch {
        said.textContent = "Selected: copy it with your keyboard.";
      }
    });
  }
})();
