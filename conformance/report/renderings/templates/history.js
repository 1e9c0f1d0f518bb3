"use strict";
// Filters the requirements; everything else is plain HTML.
(() => {
  const $ = (id) => document.getElementById(id);
  const rows = [...document.querySelectorAll("tr.course")];
  const texts = rows.map((r) => r.textContent.toLowerCase());
  const search = $("search"), buttons = [...document.querySelectorAll(".only")];
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const only = buttons.filter((b) => b.getAttribute("aria-pressed") === "true").map((b) => b.dataset.only);
    let shown = 0;
    rows.forEach((r, i) => {
      r.hidden = (only.length > 0 && !only.includes(r.dataset.trend)) || words.some((w) => !texts[i].includes(w));
      if (!r.hidden) shown += 1;
    });
    $("shown").textContent = shown.toLocaleString("en") + " of " + rows.length.toLocaleString("en") + " requirements";
  };
  if (search) {
    search.addEventListener("input", apply);
    search.form.addEventListener("submit", (e) => { e.preventDefault(); apply(); });
    for (const b of buttons) b.addEventListener("click", () => {
      b.setAttribute("aria-pressed", String(b.getAttribute("aria-pressed") !== "true"));
      apply();
    });
    document.addEventListener("keydown", (e) => {
      if (e.key === "/" && document.activeElement.tagName !== "INPUT") { e.preventDefault(); search.focus(); }
    });
    apply();
  }
  const dark = () => document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  $("theme").addEventListener("click", () => { document.documentElement.dataset.theme = dark() ? "light" : "dark"; });
})();
