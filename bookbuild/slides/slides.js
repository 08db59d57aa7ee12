// Starts reveal.js. Without scripts, and on a phone, the slides stand one below the other (slides.css).
(() => {
  const root = document.documentElement;
  if (innerWidth < 700 && !/print-pdf/.test(location.search)) return;
  root.classList.add("ic-moved");
  const dark = () => root.dataset.theme === "dark" || (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  Reveal.initialize({
    width: 1280,
    height: 720,
    margin: 0.03,
    center: false,
    hash: true,
    transition: "none",
    slideNumber: "c/t",
    scrollActivationWidth: null,
    pdfSeparateFragments: false,
    pdfMaxPagesPerSlide: 1,
    plugins: [RevealNotes],
  });
  Reveal.addKeyBinding({ keyCode: 68, key: "D", description: "Light or dark" }, () => {
    root.dataset.theme = dark() ? "light" : "dark";
  });
})();
