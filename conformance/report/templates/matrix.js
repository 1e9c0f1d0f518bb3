"use strict";
// Filters rows and follows deep links; everything else is plain HTML.
(() => {
  const $ = (id) => document.getElementById(id);
  const rows = [...document.querySelectorAll("tr.row")];
  const texts = rows.map((r) => r.textContent.toLowerCase());
  const bodies = [...document.querySelectorAll("table.grid tbody")];
  const search = $("search"), buttons = [...document.querySelectorAll(".only")];
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const only = buttons.filter((b) => b.getAttribute("aria-pressed") === "true").map((b) => b.dataset.only);
    let shown = 0;
    rows.forEach((r, i) => {
      r.hidden = only.some((o) => r.dataset[o] !== "1") || words.some((w) => !texts[i].includes(w));
      if (!r.hidden) shown += 1;
    });
    for (const b of bodies) b.hidden = !b.querySelector("tr.row:not([hidden])");
    $("shown").textContent = shown.toLocaleString("en") + " of " + rows.length.toLocaleString("en") + " requirements";
  };
  let timer = 0;
  search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 80); });
  search.form.addEventListener("submit", (e) => { e.preventDefault(); apply(); });
  for (const b of buttons) b.addEventListener("click", () => {
    b.setAttribute("aria-pressed", String(b.getAttribute("aria-pressed") !== "true"));
    apply();
  });
  const follow = () => {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch { /* not encoded: take it as it is */ }
    const row = id && $(id);
    if (!row || !row.classList.contains("row")) return;
    if (row.hidden) {
      search.value = "";
      buttons.forEach((b) => b.setAttribute("aria-pressed", "false"));
      apply();
    }
    row.scrollIntoView({ block: "center" });
    row.querySelector("a").focus({ preventScroll: true });
  };
  addEventListener("hashchange", follow);
  document.addEventListener("keydown", (e) => {
    if (e.key === "/" && document.activeElement.tagName !== "INPUT") { e.preventDefault(); search.focus(); }
  });
  const dark = () => document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  $("theme").addEventListener("click", () => { document.documentElement.dataset.theme = dark() ? "light" : "dark"; });
  apply();
  follow();
})();
