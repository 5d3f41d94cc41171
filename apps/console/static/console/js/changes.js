/*
 * What changed, row by row: one request for the rows in view that changed, and for those that may
 * have come. Rows out of view are fetched when they are scrolled to. A row is put where it belongs,
 * but none that a person reads moves for it: what came in above is told as "3 new".
 */
import { inPlace, list, markOpen } from "./list.js";

const MOST_ASKED = 100;
const COMPANY_MS = 1_500;
const COMPANY_AGAIN_MS = 30_000;
const DESCENDING = ["answered", "newest"];
const SECTIONS = ["due", "waiting", "answered", "newest", "snoozed"];

const stale = new Set();
let unseen = 0;
let asking = false;
let waiting = new Set();

const line = (id) => document.getElementById(`line-${id}`);

function isInView(element) {
  const box = element.getBoundingClientRect();
  const frame = list().getBoundingClientRect();
  return box.bottom > frame.top && box.top < frame.bottom;
}

function hear(ids) {
  if (!list()?.dataset.url) return;
  const asked = [];
  for (const id of ids.map(String)) {
    const shown = line(id);
    if (shown && !isInView(shown)) stale.add(id);
    else asked.push(id);
  }
  if (asked.length) ask(asked);
}

/* Who has what open changes all the time: those rows alone, and not more often than people look. */
const coming = new Set();
let company = 0;

function hearCompany(id) {
  if (!line(id)) return;
  coming.add(String(id));
  company ||= setTimeout(tellCompany, COMPANY_MS);
}

function tellCompany() {
  company = 0;
  hear([...coming].filter(line));
  coming.clear();
}

/* Somebody whose browser vanished says nothing: what shows them is asked about again. */
function askAboutCompany() {
  const shown = [...document.querySelectorAll("#rows .line:has(.there)")].filter(isInView);
  if (shown.length && !document.hidden) ask(shown.map((one) => one.dataset.id));
}

async function ask(ids) {
  ids.forEach((id) => waiting.add(id));
  if (asking) return;
  asking = true;
  while (waiting.size) {
    const some = [...waiting].slice(0, MOST_ASKED);
    waiting = new Set([...waiting].slice(MOST_ASKED));
    some.forEach((id) => stale.delete(id));
    await fetchRows(some);
  }
  asking = false;
}

async function fetchRows(ids) {
  const url = list()?.dataset.url;
  if (!url) return;
  const open = document.getElementById("conversation")?.dataset.id ?? 0;
  const headers = { "HX-Request": "true", "HX-Request-Type": "partial" };
  const answer = await fetch(`${url}${url.endsWith("?") ? "" : "&"}ids=${ids}&open=${open}`, {
    headers,
  }).catch(() => null);
  // Away or signed out: the next refresh catches up. Another list by now: it is fresh.
  if (!answer?.ok || list()?.dataset.url !== url) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = await answer.text();
  place(ids, [...fresh.content.querySelectorAll(".line")]);
}

function place(ids, fresh) {
  const there = new Map(fresh.map((one) => [one.dataset.id, one]));
  inPlace((held) => {
    for (const id of ids) {
      const old = line(id);
      const now = there.get(id);
      if (old && !now) leave(old, held);
      else if (old) renew(old, now, held);
      else if (now) enter(now);
    }
    tidy();
  });
  markOpen();
  tellNew();
  document.dispatchEvent(new Event("desk:rows"));
}

/* Whether the held row would move, since above it nothing is scrolled away that could make up. */
function carries(one, held) {
  if (!held || one === held) return one === held;
  const isAbove = one.compareDocumentPosition(held) & Node.DOCUMENT_POSITION_FOLLOWING;
  return isAbove && list().scrollTop < one.offsetHeight;
}

/* What a person points at stays, and what carries it, and says that it is gone, until they leave. */
function leave(old, held) {
  if (carries(old, held)) old.classList.add("gone");
  else old.remove();
}

function renew(old, now, held) {
  const moved = ["section", "at"].some((name) => old.dataset[name] !== now.dataset[name]);
  const row = old.querySelector(".row");
  const fresh = now.querySelector(".row");
  for (const { name, value } of fresh.attributes) row.setAttribute(name, value);
  row.innerHTML = fresh.innerHTML;
  old.classList.remove("gone");
  Object.assign(old.dataset, { section: now.dataset.section, at: now.dataset.at });
  if (moved && !carries(old, held)) put(old);
}

function enter(now) {
  const fresh = document.importNode(now, true);
  if (!put(fresh)) return;
  htmx.process(fresh);
  if (list().scrollTop > 0 && fresh.getBoundingClientRect().top < list().getBoundingClientRect().top)
    unseen += 1;
}

const rank = (one) => [SECTIONS.indexOf(one.dataset.section), sign(one) * Number(one.dataset.at)];
const sign = (one) => (DESCENDING.includes(one.dataset.section) ? -1 : 1);

function isBefore(one, other) {
  const [a, b] = [rank(one), rank(other)];
  return a[0] !== b[0] ? a[0] < b[0] : a[1] < b[1] || (a[1] === b[1] && sign(one) * (one.dataset.id - other.dataset.id) < 0);
}

const heading = (one) => ({ due: "waiting", newest: "" })[one.dataset.section] ?? one.dataset.section;

/* Below the last row that is shown there may be more: what belongs there comes with them. */
function put(one) {
  const others = [...list().querySelectorAll(".line")].filter((other) => other !== one);
  const next = others.find((other) => isBefore(one, other));
  if (!next && document.getElementById("more")) {
    one.remove();
    return false;
  }
  document.getElementById("none")?.remove();
  const before = next && heading(next) !== heading(one) ? heads(next) : next;
  list().insertBefore(one, before ?? document.getElementById("more"));
  addHeading(one);
  return true;
}

const heads = (next) => document.getElementById(`section-${heading(next)}`) ?? next;

function addHeading(one) {
  if (!heading(one) || document.getElementById(`section-${heading(one)}`)) return;
  const label = document.createElement("h2");
  label.id = `section-${heading(one)}`;
  label.className = "section label";
  label.textContent = heading(one);
  one.before(label);
}

function tidy() {
  for (const label of list().querySelectorAll(".section")) {
    if (!label.nextElementSibling?.matches(".line")) label.remove();
  }
}

function tellNew() {
  const told = document.getElementById("list-changed");
  if (!told || !unseen) return;
  told.textContent = unseen === 1 ? "1 new above" : `${unseen} new above`;
  told.hidden = false;
}

function forgetNew() {
  unseen = 0;
  const told = document.getElementById("list-changed");
  if (told) told.hidden = true;
}

/* What is gone and was only kept for what a person pointed at goes when that has moved on. */
function clearGone() {
  if (!document.querySelector("#rows .line.gone")) return;
  inPlace((held) => {
    for (const gone of document.querySelectorAll("#rows .line.gone")) {
      if (!carries(gone, held)) gone.remove();
    }
    tidy();
  });
}

let settling = 0;

function settle() {
  if (list()?.scrollTop === 0) forgetNew();
  clearGone();
  const due = [...stale].filter((id) => !line(id) || isInView(line(id)));
  if (due.length) ask(due);
}

document.addEventListener(
  "scroll",
  (event) => {
    if (event.target.id !== "rows") return;
    clearTimeout(settling);
    settling = setTimeout(settle, 150);
  },
  { capture: true, passive: true },
);
for (const move of ["pointerout", "focusout"]) {
  document.addEventListener(move, (event) => {
    if (event.target.closest?.(".line")) setTimeout(clearGone, 50);
  });
}
document.body.addEventListener("desk:changed", (event) => hear(event.detail?.conversations ?? []));
document.body.addEventListener("desk:refresh", () => stale.clear());
document.body.addEventListener("desk:together", ({ detail }) => hearCompany(detail.conversation));
setInterval(askAboutCompany, COMPANY_AGAIN_MS);
document.addEventListener("click", (event) => {
  if (event.target.closest("#list-changed")) forgetNew();
});
