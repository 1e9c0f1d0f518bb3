"use strict";
// Fills in details when they are opened, filters the list, and follows deep links. Everything is set as text.
(() => {
  const $ = (id) => document.getElementById(id);
  const rows = [...document.querySelectorAll(".req")];
  const sections = [...document.querySelectorAll(".area")];
  let parsed = null;
  const data = () => (parsed ??= load($("data")));
  const load = async (element) => {
    if (element.type === "application/json") return JSON.parse(element.textContent);
    const packed = Uint8Array.from(atob(element.textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };

  const make = (tag, text, cls) => {
    const e = document.createElement(tag);
    if (text !== undefined) e.textContent = text;
    if (cls) e.className = cls;
    return e;
  };
  // ten thousand rows: what a row has in common with the one before it, or with all of its rule, is written once
  const about = JSON.parse($("about-rules").textContent);
  let label = "";
  const texts = rows.map((r, i) => {
    const d = r.dataset, summary = r.firstElementChild;
    d.i = i;
    d.o ??= "pass";
    d.r ??= r.id.includes("#") ? r.id.split("#").pop() : "behaviour";
    label = d.t ??= label;
    if (!summary.querySelector("i")) summary.append(make("i", about[d.r]));
    return (r.id + " " + label + " " + r.textContent).toLowerCase();
  });
  const pairs = (list) => {
    const dl = make("dl", undefined, "pairs");
    for (const [name, value] of list) if (value) dl.append(make("dt", name), make("dd", String(value)));
    return dl;
  };
  const link = (id) => {
    const a = make("a", id);
    a.href = "#" + id;
    return a;
  };
  const block = (title, text) => {
    const h = make("h4", title + " ");
    const b = make("button", "copy", "copy");
    b.type = "button";
    h.append(b);
    return [h, make("pre", text)];
  };
  const headers = (h) => (h || []).map(([k, v]) => k + ": " + v).join("\n");
  const exchange = (e) => {
    const d = make("details");
    d.append(make("summary", "exchange (" + Math.round(e.elapsed * 1000) + " ms)"));
    const q = e.request, a = e.response;
    d.append(make("pre", [q.method + " " + q.url, headers(q.headers), "", q.body || ""].join("\n").trim()));
    d.append(make("pre", a ? [a.status, headers(a.headers), "", a.body || ""].join("\n").trim() : "no response"));
    return d;
  };
  const fill = async (row) => {
    let it;
    try {
      it = (await data())[Number(row.dataset.i)];
    } catch {
      if (!row.querySelector("p")) row.append(make("p", "This browser cannot unpack the details: conformance.json has them."));
      return;
    }
    if (row.querySelector(".body")) return;
    const body = make("div", undefined, "body");
    if (it.statement) body.append(make("p", it.statement));
    body.append(pairs([["operation", it.label], ["source", it.source]]));
    if (it.root) {
      const p = make("p", "blocked by ");
      p.append(link(it.root));
      body.append(p);
    }
    for (const o of it.seen) {
      const s = make("div", undefined, "seen");
      s.append(make("strong", o.outcome + (o.count > 1 ? " (" + o.count + " times)" : ""), "o-" + o.outcome));
      if (o.message && o.message !== it.statement) s.append(make("p", o.message));
      s.append(pairs([["accepted", o.accepted], ["expected", o.expected], ["written in", o.pointer], ["got", o.got],
        ["breaks the client", o.breaks], ["signature", o.signature], ["next", o.hint]]));
      if (o.evidence) {
        if (o.evidence.curl) s.append(...block("Reproduce", o.evidence.curl));
        s.append(exchange(o.evidence));
      }
      if (o.script) s.append(...block("Script", o.script));
      if (o.tests.length) {
        const d = make("details"), n = o.tests.length + o.more;
        d.append(make("summary", n === 1 ? "seen by 1 test" : "seen by " + n + " tests"), make("pre",
          o.tests.join("\n") + (o.more ? "\n… and " + o.more + " more" : "")));
        s.append(d);
      }
      body.append(s);
    }
    const self = make("p", "link: ");
    self.append(link(row.id));
    body.append(self);
    row.append(body);
  };
  document.addEventListener("toggle", (e) => {
    if (e.target.classList?.contains("req") && e.target.open) fill(e.target);
  }, true);

  const search = $("search"), byArea = $("by-area"), byRule = $("by-rule");
  const buttons = [...document.querySelectorAll(".by-outcome")];
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const on = new Set(buttons.filter((b) => b.getAttribute("aria-pressed") === "true").map((b) => b.dataset.outcome));
    let shown = 0;
    rows.forEach((r, i) => {
      const area = r.parentElement.id.slice(5);
      r.hidden = (on.size && !on.has(r.dataset.o)) || (byArea.value && byArea.value !== area)
        || (byRule.value && byRule.value !== r.dataset.r) || words.some((w) => !texts[i].includes(w));
      if (!r.hidden) shown += 1;
    });
    for (const s of sections) s.hidden = !s.querySelector(".req:not([hidden])");
    $("none").hidden = shown > 0;
    $("shown").textContent = shown.toLocaleString("en") + " requirement" + (shown === 1 ? "" : "s");
  };
  const reset = () => {
    search.value = byArea.value = byRule.value = "";
    buttons.forEach((b) => b.setAttribute("aria-pressed", "false"));
    apply();
  };
  let timer = 0;
  search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 80); });
  search.form.addEventListener("submit", (e) => { e.preventDefault(); apply(); });
  byArea.addEventListener("change", apply);
  byRule.addEventListener("change", apply);
  $("reset").addEventListener("click", reset);
  for (const b of buttons) b.addEventListener("click", () => {
    b.setAttribute("aria-pressed", String(b.getAttribute("aria-pressed") !== "true"));
    apply();
  });
  for (const a of document.querySelectorAll("a.pick")) a.addEventListener("click", (e) => {
    e.preventDefault();
    reset();
    byArea.value = a.dataset.area;
    byRule.value = a.dataset.rule;
    apply();
    $("requirements").scrollIntoView();
    rows.find((r) => !r.hidden)?.querySelector("summary").focus({ preventScroll: true });
  });

  const follow = () => {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch { /* not encoded: take it as it is */ }
    const row = id && $(id);
    if (!row || !row.classList.contains("req")) return;
    if (row.hidden) reset();
    document.querySelectorAll(".req.hit").forEach((r) => r.classList.remove("hit"));
    row.classList.add("hit");
    row.open = true;
    fill(row);
    // areas that were never on screen have estimated heights: go there until it stays
    let tries = 5;
    const go = () => {
      row.scrollIntoView({ block: "start" });
      row.querySelector("summary").focus({ preventScroll: true });
      if (tries-- > 0) requestAnimationFrame(go);
    };
    go();
  };
  addEventListener("hashchange", follow);
  // after the browser itself has followed the link, which takes the focus away
  addEventListener("load", () => requestAnimationFrame(follow));

  document.addEventListener("click", async (e) => {
    if (!e.target.classList?.contains("copy")) return;
    const pre = e.target.parentElement.nextElementSibling;
    try {
      await navigator.clipboard.writeText(pre.textContent);
      e.target.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(pre);
      e.target.textContent = "selected";
    }
  });
  document.addEventListener("keydown", (e) => {
    if (e.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      e.preventDefault();
      search.focus();
    }
    if (e.key === "Escape" && document.activeElement === search) { search.value = ""; apply(); }
  });
  const dark = () => document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  $("theme").addEventListener("click", () => { document.documentElement.dataset.theme = dark() ? "light" : "dark"; });
})();
