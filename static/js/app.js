// Adds comfort to pages that work without it. Words come from #texts, wishes from data-* attributes; see docs/look.md.

const texts = document.getElementById("texts")?.dataset ?? {};
const root = document.documentElement;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const fill = (text, values) => (text ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/** Says something to screen readers through the page's one status line. */
function say(text) {
  const line = document.getElementById("status");
  if (!line || !text) return;
  line.textContent = "";
  setTimeout(() => (line.textContent = text), 50);
}

// --- the bar for a lost connection and for faults of the server ------------------------------------------------------

let bar;
function warn(text, again) {
  bar?.remove();
  bar = document.createElement("div");
  bar.className = "offline";
  bar.setAttribute("role", "alert");
  bar.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (again) {
    const button = Object.assign(document.createElement("button"), { className: "btn", type: "button", textContent: texts.again });
    button.addEventListener("click", () => { bar?.remove(); again(); });
    bar.append(button);
  }
  document.body.append(bar);
}

addEventListener("offline", () => warn(texts.offline));
document.addEventListener("allauth.error", (event) => { event.preventDefault(); warn(texts.passkey); });
addEventListener("online", () => { bar?.remove(); say(texts.online); });

// --- pieces that htmx swaps: waiting, faults, focus -------------------------------------------------------------------

const waits = new WeakMap();
let focusWasInside = false;
const place = (element) => document.querySelector(element.closest("[data-busy]")?.dataset.busy || null);
const tell = (spot, text) => Object.assign(spot, { textContent: text, hidden: !text });
const quiet = (spot) => spot && [texts.busy, texts.slow].includes(spot.textContent) && tell(spot, "");

function repeat({ elt, requestConfig }) {
  return () => window.htmx.ajax(requestConfig.verb.toUpperCase(), requestConfig.path, { source: elt, target: requestConfig.target });
}

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const spot = place(detail.elt);
  quiet(spot);
  detail.elt.setAttribute("aria-busy", "true");
  if (spot) waits.set(detail.elt, setTimeout(() => { tell(spot, texts.busy); say(texts.busy); }, 300));
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  detail.elt.removeAttribute("aria-busy");
  clearTimeout(waits.get(detail.elt));
  quiet(place(detail.elt));
});

document.addEventListener("htmx:timeout", ({ detail }) => {
  const spot = place(detail.elt);
  if (spot) tell(spot, texts.slow);
  else warn(texts.offline, repeat(detail));
});

document.addEventListener("htmx:sendError", ({ detail }) => warn(texts.offline, repeat(detail)));
document.addEventListener("htmx:responseError", ({ detail }) => warn(texts.fault, repeat(detail)));

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  focusWasInside = detail.target?.contains(document.activeElement) ?? false;
});

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const piece = detail.elt?.isConnected ? detail.elt : document;
  arrive(piece);
  const lost = focusWasInside && (!document.activeElement || document.activeElement === document.body);
  if (lost && piece !== document) focus(piece.querySelector("h1, h2, h3") ?? piece);
});

function focus(element) {
  if (!element.matches("a[href], button, input, select, textarea, [tabindex]")) element.tabIndex = -1;
  element.focus();
}

/** What a fresh page or piece asks for: focus on the summary of errors or on [data-focus], and words to say. */
function arrive(piece) {
  const target = piece.querySelector("[data-summary], [data-focus]");
  if (target) { focus(target); target.removeAttribute("data-focus"); }
  const spoken = [piece, ...all("[data-say]", piece)].filter((element) => element.dataset?.say);
  for (const element of spoken) { say(element.dataset.say); element.removeAttribute("data-say"); }
  tick();
  for (const counter of all("[data-count]")) recount(counter.dataset.count);
}

// --- forms: one click sends once, drafts save themselves --------------------------------------------------------------

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !("once" in form.dataset)) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  const free = () => { delete form.dataset.sent; event.submitter?.removeAttribute("aria-busy"); };
  setTimeout(() => { if (form.dataset.sent) event.submitter?.setAttribute("aria-busy", "true"); }, 300);
  setTimeout(free, 10_000);
  addEventListener("pageshow", free, { once: true });
});

class Draft {
  constructor(form) {
    this.form = form;
    this.line = form.querySelector("[data-save-status]");
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    form.addEventListener("submit", () => this.stop());
    addEventListener("pagehide", () => this.dirty && this.save(true));
    document.addEventListener("visibilitychange", () => document.hidden && this.dirty && this.save(true));
    addEventListener("beforeunload", (event) => { if (this.failed && this.dirty) event.preventDefault(); });
  }

  changed() {
    this.dirty = true;
    this.timer ??= setTimeout(() => this.save(), 5000);
  }

  stop() {
    clearTimeout(this.timer);
    this.dirty = this.failed = false;
  }

  async save(leaving = false) {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.dirty = false;
    const body = new FormData(this.form);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    if (!leaving) this.line?.replaceChildren(texts.saving);
    try {
      const answer = await fetch(this.form.dataset.autosave, {
        method: "POST", body: new URLSearchParams(body), keepalive: leaving, headers: { "X-Requested-With": "fetch" }, redirect: "error",
        signal: leaving ? undefined : AbortSignal.timeout(8000),
      });
      if (!answer.ok) throw new Error(answer.status);
      const key = answer.headers.get("X-Draft");
      if (key && this.form.elements.draft) this.form.elements.draft.value = key;
      this.failed = false;
      const time = new Intl.DateTimeFormat(root.lang, { hour: "2-digit", minute: "2-digit" }).format();
      this.line?.replaceChildren(fill(texts.saved, { time }));
    } catch {
      this.dirty = this.failed = true;
      this.line?.replaceChildren(texts.unsaved);
      this.timer ??= setTimeout(() => this.save(), 10_000);
    }
  }
}

for (const form of all("form[data-autosave]")) new Draft(form);

// --- clocks: the server's words, renewed each minute ------------------------------------------------------------------

function span(minutes) {
  const hours = Math.floor(minutes / 60);
  const rest = fill(texts.minute, { n: minutes % 60 });
  if (!hours) return rest;
  return fill(texts.hour, { n: hours }) + (minutes % 60 ? " " + rest : "");
}

function tick() {
  for (const clock of all("time[data-clock]")) {
    const due = Date.parse(clock.dateTime);
    const left = due - Date.now();
    const minutes = Math.floor(Math.abs(left) / 60_000);
    if (minutes >= 2880) continue; // days: the server's words hold
    clock.textContent = fill(left > 0 ? texts.left : texts.late, { span: span(minutes) });
    const start = Date.parse(clock.dataset.start);
    const soon = start ? left < (due - start) / 2 : left < 86_400_000;
    clock.classList.toggle("bad", left < 7_200_000);
    clock.classList.toggle("warn", left >= 7_200_000 && soon);
  }
}

setInterval(tick, 60_000);

// --- menus, dialogs, copying, selecting -------------------------------------------------------------------------------

function closeMenus(except) {
  for (const menu of all("details.menu[open]")) if (menu !== except) menu.open = false;
}

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-open], [data-close], [data-copy], dialog");
  closeMenus(event.target.closest?.("details.menu"));
  if (!target) return;
  const { open, copy: copied } = target.dataset;
  if (open) document.querySelector(open)?.showModal();
  else if ("close" in target.dataset) target.closest("dialog")?.close();
  else if (copied) navigator.clipboard.writeText(document.querySelector(copied).textContent.trim()).then(() => say(texts.copied));
  else if (target === event.target && target.matches("dialog")) target.close(); // a click on the backdrop
});

function recount(name) {
  const boxes = all(`input[type=checkbox][name="${CSS.escape(name)}"]`);
  const chosen = boxes.filter((box) => box.checked).length;
  for (const counter of all(`[data-count="${CSS.escape(name)}"]`)) counter.textContent = chosen;
  for (const box of all(`[data-all="${CSS.escape(name)}"]`)) {
    box.checked = boxes.length > 0 && chosen === boxes.length;
    box.indeterminate = chosen > 0 && chosen < boxes.length;
  }
}

document.addEventListener("change", ({ target }) => {
  if (target.dataset?.all) for (const box of all(`input[name="${CSS.escape(target.dataset.all)}"]`)) box.checked = target.checked;
  if (target.type === "checkbox") recount(target.dataset.all || target.name);
  if ("keysSwitch" in (target.dataset ?? {})) switchKeys(target.checked);
});

// --- keys: "/" and Ctrl K everywhere, single letters in the console ---------------------------------------------------

const usable = (element) => element.checkVisibility?.() !== false && !element.disabled;

function switchKeys(on) {
  root.dataset.shortcuts = on ? "on" : "off";
  try { localStorage.setItem("keys", root.dataset.shortcuts); } catch { /* this browser keeps nothing: it holds for this page */ }
  say(on ? texts.keysOn : texts.keysOff);
}

function restoreKeys() {
  let kept = "on";
  try { kept = localStorage.getItem("keys"); } catch { /* this browser keeps nothing */ }
  if (!root.dataset.shortcuts || kept !== "off") return;
  root.dataset.shortcuts = "off";
  const box = document.querySelector("[data-keys-switch]");
  if (box) box.checked = false;
}

function help() {
  const dialog = document.getElementById("keys");
  const list = dialog?.querySelector("[data-keys]");
  if (!list || dialog.open) return;
  for (const old of all("[data-made]", list)) old.remove();
  for (const element of all("[data-key]").filter(usable)) {
    const term = document.createElement("dt");
    term.append(Object.assign(document.createElement("kbd"), { textContent: element.dataset.key.toUpperCase() }));
    const words = [...element.childNodes].filter((node) => node.nodeName !== "KBD").map((node) => node.textContent).join("").trim();
    const meaning = Object.assign(document.createElement("dd"), { textContent: element.getAttribute("aria-label") || words });
    for (const piece of [term, meaning]) { piece.dataset.made = ""; list.append(piece); }
  }
  dialog.showModal();
}

function step(by) {
  const rows = all("[data-rows] > *").filter((row) => row.querySelector("a[href]"));
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  rows[Math.min(Math.max(here + by, 0), rows.length - 1)]?.querySelector("a[href]").focus();
}

function press(key) {
  const element = all("[data-key]").find((one) => one.dataset.key === key && usable(one));
  if (!element) return false;
  if (element.matches("a, button, summary, [type=submit]")) element.click();
  else element.focus();
  return true;
}

function find() {
  const field = all("[data-search]").find(usable);
  field?.focus();
  field?.select();
  return Boolean(field);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key === "k") { if (find()) event.preventDefault(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog")) return;
  if (event.key === "/") { if (find()) event.preventDefault(); return; }
  if (event.key === "?") { help(); return; }
  if (root.dataset.shortcuts !== "on") return;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else if (press(key)) event.preventDefault();
});

/** htmx comes to pages that use it, once they stand: the others stay light. */
function bringHtmx() {
  const source = document.querySelector("meta[name=htmx]")?.content;
  if (!source || !document.querySelector("[hx-get], [hx-post], [hx-boost]")) return;
  document.head.append(Object.assign(document.createElement("script"), { src: source }));
}

restoreKeys();
arrive(document);
if (document.readyState === "complete") bringHtmx();
else addEventListener("load", bringHtmx);
