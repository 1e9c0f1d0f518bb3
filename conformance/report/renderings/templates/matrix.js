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
      if (r.nextElementSibling?.classList.contains("said")) r.nextElementSibling.hidden = r.hidden;
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
  // what each run says of a requirement, in a row of its own below it
  const names = [...document.querySelectorAll("table.grid thead th")].slice(1).map((h) => h.textContent);
  let parsed = null;
  const tell = (row) => {
    if (row.nextElementSibling?.classList.contains("said")) { row.nextElementSibling.remove(); return; }
    parsed ??= JSON.parse($("data").textContent);
    const line = document.createElement("tr"), cell = document.createElement("td"), list = document.createElement("dl");
    line.className = "said";
    cell.colSpan = names.length + 1;
    list.className = "pairs";
    parsed[rows.indexOf(row)].forEach((said, i) => {
      const name = document.createElement("dt"), text = document.createElement("dd");
      name.textContent = names[i];
      text.textContent = said;
      list.append(name, text);
    });
    cell.append(list);
    line.append(cell);
    row.after(line);
  };
  document.querySelector("table.grid").addEventListener("click", (e) => {
    const row = e.target.closest?.("tr.row");
    if (row && !e.target.closest("a")) tell(row);
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
    if (!row.nextElementSibling?.classList.contains("said")) tell(row);
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
