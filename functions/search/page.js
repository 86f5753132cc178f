// What the page does beyond forms and links. The server writes all HTML; text from
// anywhere else becomes text nodes only, and the page's policy forbids anything more.
const body = document.body, can = body.dataset.can.split(" "), local = body.dataset.tz === "local";
const $ = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const q = $("#q"), form = $("#search");
if (/[?&](for|anew)=/.test(location.search)) history.replaceState(null, "", "?" + body.dataset.here); // a form says more than it means, and a new answer is asked for once

function element(name, attributes = {}, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  e.append(...children);
  return e;
}

let silence = 0;
function say(text, quietly) { // to those who hear the page; else to those who see it too
  $("#said").className = quietly ? "quiet" : "";
  $("#said").textContent = text;
  clearTimeout(silence);
  silence = setTimeout(() => { $("#said").textContent = ""; }, 6000);
}

// here is this page's address with a change; null takes a parameter away.
function here(change) {
  const u = new URLSearchParams(location.search);
  u.set("collection", body.dataset.collection);
  for (const [key, value] of Object.entries(change)) value === null ? u.delete(key) : u.set(key, value);
  return "?" + u;
}

// part is a piece of the page, which the server has written; anew: by no cache's answer.
function part(change, signal, anew) {
  return new Promise((done, fail) => {
    const x = new XMLHttpRequest();
    x.open("GET", here(change));
    x.responseType = "document";
    x.timeout = 60000;
    if (anew) x.setRequestHeader("Cache-Control", "no-cache");
    x.onload = () => x.response ? done({ status: x.status, body: x.response.body, retry: x.getResponseHeader("Retry-After") }) : fail(new Error("no answer"));
    x.onerror = x.ontimeout = () => fail(new Error("no connection"));
    signal?.addEventListener("abort", () => { x.abort(); fail(new DOMException("stopped", "AbortError")); });
    x.send();
  });
}

async function fill(place, change) {
  place.replaceChildren("…");
  try {
    const answer = await part(change);
    place.replaceChildren(...answer.body.childNodes);
  } catch (error) {
    place.replaceChildren(error.message);
  }
  prepare(place);
}

// prepare shows in new pieces what only the script can do.
function prepare(place) {
  if (navigator.clipboard) for (const button of all("button.copy", place)) button.hidden = false;
  if (local) for (const time of all("time", place)) localise(time);
}

// --- times ---

const two = n => String(n).padStart(2, "0");

function clock(t, short) {
  const day = `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ${two(t.getHours())}:${two(t.getMinutes())}`;
  return short ? day : `${day}:${two(t.getSeconds())}.${String(t.getMilliseconds()).padStart(3, "0")}`;
}

function localise(time) {
  const told = time.getAttribute("datetime") ?? time.textContent.replace(" ", "T") + "Z", t = new Date(told);
  if (isNaN(t)) return;
  time.setAttribute("datetime", told); // for the next time
  time.textContent = clock(t, time.hasAttribute("data-short"));
}

// written is a time as an address holds it: UTC, to the second where it can be.
const written = t => t.toISOString().replace(/\.000Z$|Z$/, "");

function localForm() {
  for (const input of all("#time input[type=datetime-local]")) {
    if (input.defaultValue) input.value = clock(new Date(input.defaultValue + "Z")).replace(" ", "T").replace(/\.000$/, "");
  }
  form.addEventListener("formdata", event => {
    for (const name of ["from", "to"]) {
      const value = event.formData.get(name);
      if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(\.\d+)?$/.test(value)) event.formData.set(name, written(new Date(value)));
    }
  });
}

// --- documents ---

const rows = () => all("#documents tr.row");
const isOpen = row => row.nextElementSibling?.classList.contains("opened");

async function toggle(row) {
  const link = $(".toggle a", row), id = row.dataset.id;
  if (isOpen(row)) {
    row.nextElementSibling.remove();
    link.setAttribute("aria-expanded", "false");
    history.replaceState(null, "", here({ open: null }));
    return;
  }
  const cell = element("td", { colspan: row.cells.length });
  row.after(element("tr", { class: "opened" }, cell));
  link.setAttribute("aria-expanded", "true");
  history.replaceState(null, "", here({ open: id }));
  await fill(cell, { part: "document", id });
}

function step(by) {
  const list = rows(), at = list.findIndex(row => row.contains(document.activeElement));
  const next = list[at < 0 ? 0 : Math.min(Math.max(at + by, 0), list.length - 1)];
  if (next) $(".toggle a", next).focus();
}

document.addEventListener("click", event => {
  const row = event.target.closest("#documents tr.row"), values = event.target.closest("a.values"), copy = event.target.closest("button.copy"), anew = event.target.closest("a.anew");
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (row && (event.target.closest(".toggle a") || !event.target.closest("a, button") && !String(getSelection()))) {
    event.preventDefault();
    toggle(row);
  } else if (values) {
    event.preventDefault();
    toggleValues(values);
  } else if (anew) {
    event.preventDefault();
    renew(true);
  } else if (copy) {
    const source = $(copy.dataset.copy, copy.closest(".document"));
    navigator.clipboard.writeText(source.textContent).then(() => say("Copied"), () => { getSelection().selectAllChildren(source); say("Selected, to be copied"); });
  }
});

// --- fields ---

async function toggleValues(link) {
  const item = link.closest("li"), shown = $(".top", item);
  link.setAttribute("aria-expanded", String(!shown));
  if (shown) return shown.parentElement === item ? shown.remove() : shown.parentElement.remove();
  const place = element("div");
  item.append(place);
  await fill(place, { part: "values", values: item.dataset.field });
}

const find = $("#find");
if (find) {
  find.hidden = false;
  find.addEventListener("input", () => {
    for (const item of all(".fields li[data-field]")) item.hidden = !item.dataset.field.toLowerCase().includes(find.value.toLowerCase());
  });
}

// --- the chart ---

function chart() {
  const figure = $("#chart");
  if (!figure) return;
  const list = figure.dataset.times.split(" "), [first, second, third, end] = list.splice(0, 4).map(text => new Date(text));
  const bars = list.map((count, i) => ({ from: i ? new Date(+second + (i - 1) * (third - second)) : first, count: Number(count) }));
  const svg = $("svg", figure), brush = $(".brush", figure), said = $("#bar"), idle = said.textContent;
  const to = i => i + 1 < bars.length ? bars[i + 1].from : end;
  const show = t => local ? clock(t).slice(0, 19) : written(t).replace("T", " ");
  let start = -1, stop = -1, dragging = false;

  function draw() {
    if (start < 0) { brush.setAttribute("width", 0); said.textContent = idle; return; }
    const first = Math.min(start, stop), last = Math.max(start, stop);
    brush.setAttribute("x", first * 10);
    brush.setAttribute("width", (last - first + 1) * 10);
    const n = bars.slice(first, last + 1).reduce((sum, bar) => sum + bar.count, 0);
    said.textContent = `${show(bars[first].from)} – ${show(to(last))}: ${n.toLocaleString("en")} ${n === 1 ? "document" : "documents"}`;
  }
  function search() {
    if (start < 0) return;
    const first = Math.min(start, stop), last = Math.max(start, stop);
    location.assign(here({ from: written(bars[first].from), to: written(to(last)), since: null, cursor: null, offset: null, open: null }));
  }
  function at(event) {
    const box = svg.getBoundingClientRect();
    return Math.min(Math.max(Math.floor((event.clientX - box.left) / box.width * bars.length), 0), bars.length - 1);
  }
  svg.addEventListener("pointerdown", event => {
    if (event.button) return;
    svg.setPointerCapture(event.pointerId);
    start = stop = at(event); dragging = true; draw();
    event.preventDefault(); figure.focus({ preventScroll: true });
  });
  svg.addEventListener("pointermove", event => {
    if (dragging) stop = at(event); else start = stop = at(event);
    draw();
  });
  svg.addEventListener("pointerleave", () => { if (!dragging) { start = -1; draw(); } });
  svg.addEventListener("pointerup", () => { if (dragging) { dragging = false; search(); } });
  svg.addEventListener("pointercancel", () => { dragging = false; start = -1; draw(); });
  figure.addEventListener("keydown", event => {
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -bars.length, End: bars.length }[event.key];
    if (by) {
      stop = start < 0 ? (by > 0 ? 0 : bars.length - 1) : Math.min(Math.max(stop + by, 0), bars.length - 1);
      if (!event.shiftKey || start < 0) start = stop;
      draw();
    } else if (event.key === "Enter" && start >= 0) search();
    else if (event.key === "Escape" && start >= 0) { start = -1; dragging = false; draw(); }
    else return;
    event.preventDefault(); event.stopPropagation();
  });
}

// --- completion and cost ---

const list = $("#suggestions");
let chosen = -1, place = null, asking = null;

async function json(address, controller) {
  const answer = await fetch(address, { signal: controller.signal, headers: { Accept: "application/json" } });
  return { ok: answer.ok, value: await answer.json() };
}

async function complete() {
  asking?.abort();
  const mine = asking = new AbortController();
  const before = [...q.value.slice(0, q.selectionStart)].length;
  try {
    const search = new URLSearchParams(body.dataset.search);
    for (const name of [...search.keys()]) if (!["filter", "from", "to", "since"].includes(name)) search.delete(name);
    search.set("text", q.value);
    search.set("at", before);
    const { ok, value } = await json(`v1/${body.dataset.collection}/suggest?${search}`, mine);
    if (ok && mine === asking) offer(value);
  } catch { /* what is typed next asks again */ }
}

function offer(answer) {
  place = answer;
  chosen = -1;
  list.replaceChildren(...answer.suggestions.slice(0, 12).map((s, i) => {
    const option = element("div", { role: "option", id: "option-" + i, "aria-selected": "false" },
      element("b", {}, s.text), " ", element("small", {}, s.doc ? `${s.kind} · ${s.doc}` : s.kind));
    option.addEventListener("pointerdown", event => { event.preventDefault(); take(i); });
    return option;
  }));
  list.hidden = !list.childElementCount;
  q.setAttribute("aria-expanded", String(!list.hidden));
  q.removeAttribute("aria-activedescendant");
}

function hush() {
  asking?.abort();
  asking = null;
  list.hidden = true;
  q.setAttribute("aria-expanded", "false");
  q.removeAttribute("aria-activedescendant");
}

function choose(by) {
  asking?.abort();
  const options = [...list.children];
  chosen = (chosen + by + options.length + (chosen < 0 && by < 0 ? 1 : 0)) % options.length;
  options.forEach((option, i) => option.setAttribute("aria-selected", String(i === chosen)));
  options[chosen].scrollIntoView({ block: "nearest" });
  q.setAttribute("aria-activedescendant", "option-" + chosen);
}

function take(i) {
  const letters = [...q.value], text = place.suggestions[i].text;
  const before = letters.slice(0, place.from).join("") + text, typed = [...q.value.slice(0, q.selectionStart)].length;
  q.value = before + letters.slice(Math.max(place.to, typed)).join(""); // more may have been typed since it was asked
  q.setSelectionRange(before.length, before.length);
  hush();
  weigh();
  if (text.endsWith(":")) complete();
}

let weighing = null, later = 0;
function weigh() {
  if (!can.includes("cost")) return;
  clearTimeout(later);
  later = setTimeout(async () => {
    weighing?.abort();
    const mine = weighing = new AbortController(), line = $("#cost");
    const search = new URLSearchParams(body.dataset.search);
    for (const name of ["cursor", "offset"]) search.delete(name);
    q.value ? search.set("q", q.value) : search.delete("q");
    search.set("explain", "cost");
    try {
      const { value } = await json(`v1/${body.dataset.collection}/search?${search}`, mine);
      if (mine === weighing) tell(line, value);
    } catch { /* what is typed next asks again */ }
  }, 250);
}

// tell says what a search would cost, or why it cannot be asked.
function tell(line, answer) {
  line.hidden = false;
  line.classList.toggle("bad", Boolean(answer.errors || answer.reasons?.length));
  if (answer.errors) {
    const first = answer.errors[0], letters = [...q.value];
    const at = first.parameter === "q" && first.position !== undefined && first.position < letters.length ? first.position : -1;
    line.replaceChildren(...(at < 0 ? [] : [element("code", {}, letters.slice(0, at).join(""), element("mark", {}, letters[at]), letters.slice(at + 1).join(""))]), " ", first.detail);
    return;
  }
  const reasons = answer.reasons ?? [], cost = answer.cost;
  if (!cost) return line.replaceChildren(answer.detail ?? "");
  line.replaceChildren(reasons.length ? reasons.join("; ") : "This search: " + cost.map(m => `${m.name.replaceAll("_", " ")} ${m.value.toLocaleString("en")}`).join(", "));
}

if (q) {
  q.setAttribute("role", "combobox");
  q.setAttribute("aria-expanded", "false");
  q.setAttribute("aria-controls", "suggestions");
  q.setAttribute("aria-autocomplete", "list");
  q.addEventListener("input", () => { if (can.includes("suggest")) complete(); weigh(); });
  q.addEventListener("blur", hush);
  q.addEventListener("keydown", event => {
    if (list.hidden) {
      if (event.key === "ArrowDown" && can.includes("suggest")) { event.preventDefault(); complete(); }
      else if (event.key === "Escape") { event.preventDefault(); q.blur(); }
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); choose(event.key === "ArrowDown" ? 1 : -1); }
    else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) { event.preventDefault(); take(chosen); }
    else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); hush(); }
  });
}

// --- what comes in ---

const refresh = $("#refresh"), tail = $("#tail");
let timer = 0, following = null, joined = false; // what is shown reaches to where following began

let renewing = null; // the newest, which alone may show what it found
const again = () => following || renewing || document.hidden ? null : renew();

async function renew(anew) {
  renewing?.abort();
  const mine = renewing = new AbortController();
  try {
    const answer = await part({ part: "page", open: null }, mine.signal, anew);
    const fresh = $("main", answer.body);
    if (answer.status !== 200 || !fresh) throw new Error("no answer");
    if (!$(".tools")) { location.reload(); return true; } // there was no answer before
    const at = rows().find(row => row.contains(document.activeElement))?.dataset.id;
    $("#chart", fresh) || $("#chart")?.remove();
    merge(fresh);
    for (const selector of ["#chart", ".count", ".took", ".empty", ".partial", ".problem", ".next"]) swap(selector, fresh);
    prepare($("main"));
    chart();
    const row = at && !document.activeElement.closest("tr.row") && rows().find(row => row.dataset.id === at);
    if (row) $(".toggle a", row).focus({ preventScroll: true });
    return true;
  } catch {
    if (mine === renewing) say("Refreshing failed: what is shown is from before." + (following || refresh?.value ? " It is tried again." : ""));
    return false;
  } finally {
    if (mine === renewing) renewing = null;
  }
}

// merge shows the documents found. One that is open stays where it is, as it is, and so do
// all while new ones are followed: what is not among them yet is put in its place. Where none
// of those found was shown before following began, others lie between: they go.
function merge(fresh) {
  const table = $("#documents tbody"), found = all("#documents tr.row", fresh), known = new Map(rows().map(row => [row.dataset.id, row]));
  const stay = following && found.some(row => joined || known.has(row.dataset.id));
  if (!table || !stay && !$("tr.opened")) return swap(".scroll", fresh);
  if (!stay) for (const [id, row] of known) if (!isOpen(row)) { known.delete(id); row.remove(); }
  let at = table.firstElementChild;
  for (const row of found) {
    prepare(row);
    const old = known.get(row.dataset.id);
    if (old && isOpen(old)) {
      at = old.nextElementSibling.nextElementSibling;
      retell(old, row);
    } else if (old) {
      at = old.nextElementSibling;
      if (old.innerHTML !== row.innerHTML) old.replaceWith(row); // it has changed
    } else {
      table.insertBefore(row, at).classList.toggle("new", Boolean(following));
      if (following) arrived++;
    }
  }
}

// retell shows in a row that is open what has changed in it.
function retell(old, row) {
  for (let i = 1; i < row.cells.length; i++) if (old.cells[i].innerHTML !== row.cells[i].innerHTML) old.cells[i].replaceWith(row.cells[i].cloneNode(true));
}

function swap(selector, fresh) {
  const old = $(selector, $("main")), now = $(selector, fresh);
  if (old && now) old.replaceWith(now);
  else if (old) old.remove();
  else if (now) now.matches(".partial, #chart") ? $(".tools").before(now) : $("main").append(now);
}

function schedule() {
  clearInterval(timer);
  if (refresh?.value) timer = setInterval(again, Number(refresh.value) * 1000);
}

const seen = () => new Promise(done => document.addEventListener("visibilitychange", done, { once: true }));

async function follow() {
  if (following) return quit();
  const mine = following = new AbortController();
  tail.setAttribute("aria-pressed", "true");
  joined = false;
  arrived = 0;
  say("Following: new documents appear on top", true);
  $("#lag").textContent = "Live: waiting for new documents";
  let cursor = null, wait = 2, settled = 0, late = true; // what was stored before it began can turn up a while longer
  while (mine === following) {
    if (document.hidden) { await seen(); continue; } // nobody looks: it goes on from its cursor when somebody does
    try {
      const answer = await part({ part: "tail", more: cursor, wait: late ? "3s" : null, open: null }, mine.signal);
      const told = $("[data-next]", answer.body);
      wait = Number(answer.retry) || 2;
      if (answer.status === 400) { cursor = null; late = true; joined = false; } // it is no longer known: begin again
      if (!told) throw new Error($(".problem p", answer.body)?.textContent ?? "no answer");
      if (cursor === null) settled = Date.now() + Number(told.dataset.settled);
      const over = Date.now() > settled;
      if (mine === following) arrive(all("tr.row", answer.body), told.textContent);
      if (late && !await renew(true)) throw new Error("no answer");
      if (mine === following) count(told.textContent);
      joined = true;
      late = !over;
      cursor = told.dataset.next;
    } catch (error) {
      if (mine !== following) return;
      $("#lag").textContent = error.message + " Trying again.";
      await new Promise(done => setTimeout(done, wait * 1000));
    }
  }
}

const most = 500;
let arrived = 0;
function arrive(fresh, note) {
  for (const row of fresh) prepare(row);
  const known = new Map(rows().map(row => [row.dataset.id, row]));
  fresh = fresh.filter(row => {
    const old = known.get(row.dataset.id);
    if (!old) return true;
    if (isOpen(old)) retell(old, row);
    else if (old.innerHTML !== row.innerHTML) { old.remove(); return true; } // it has changed
    return false;
  });
  arrived += fresh.length;
  count(note);
  if (!fresh.length) return;
  const table = $("#documents tbody");
  if (!table) return renew(true);
  for (const row of fresh) row.classList.add("new");
  table.prepend(...fresh.reverse());
  for (const old of rows().slice(most)) if (!isOpen(old)) old.remove();
}

function count(note) {
  $("#lag").textContent = arrived ? `${note}; ${arrived.toLocaleString("en")} new on top` : note;
}

function quit() {
  following?.abort();
  following = null;
  tail.setAttribute("aria-pressed", "false");
  $("#lag").textContent = "";
}

if (refresh) {
  $("#live").hidden = false;
  refresh.addEventListener("change", () => { history.replaceState(null, "", here({ refresh: refresh.value || null })); schedule(); });
  schedule();
  if (can.includes("tail")) { tail.hidden = false; tail.addEventListener("click", follow); }
}

// --- keys ---

function escape() {
  const open = $("#time[open]");
  if (open) { open.open = false; $("summary", open).focus(); return true; }
  if (following) { quit(); return true; }
  const shown = document.activeElement.closest?.("tr.opened")?.previousElementSibling ?? document.activeElement.closest?.("tr.row") ?? $("tr.opened")?.previousElementSibling;
  if (shown && isOpen(shown)) { toggle(shown); $(".toggle a", shown).focus(); return true; }
  return false;
}

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && !$("#help:popover-open")) { if (escape()) event.preventDefault(); return; }
  const inside = event.target.closest("input, select, textarea, summary, pre, .scroll:focus");
  if (inside && !inside.matches(".scroll") || event.key.startsWith("Arrow") && event.target.closest(".opened, .fields")) return;
  const act = {
    "/": () => { q.focus(); q.select(); }, "?": () => $("#help").togglePopover(), t: () => { if ($("#time")) { $("#time").open = true; $("#time button").focus(); } },
    r: () => renew(true), l: () => tail && can.includes("tail") && follow(), j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("pointerdown", event => {
  const open = $("#time[open]");
  if (open && !open.contains(event.target)) open.open = false;
});

prepare(document);
chart();
if (local && form) localForm();
body.classList.add("ready");
