/*
 * Choosing several rows: x or the box on a row, ⇧ for all between, Esc for none. What is chosen is
 * kept by id, so that a refresh of the list changes nothing about it.
 */
import { list } from "./list.js";

const chosen = new Set();
let last = null;

const boxes = () => [...document.querySelectorAll("#rows .tick input")];
const form = () => document.getElementById("many");

const here = () => boxes().filter((box) => chosen.has(box.value));

export const isChoosing = () => here().length > 0;

function choose(box, is) {
  box.checked = is;
  if (is) chosen.add(box.value);
  else chosen.delete(box.value);
}

function between(one, other) {
  const all = boxes();
  const [from, to] = [all.indexOf(one), all.indexOf(other)].sort((a, b) => a - b);
  return from < 0 ? [other] : all.slice(from, to + 1);
}

function toggle(box, { range = false } = {}) {
  const is = box.checked;
  const there = range && last && document.contains(last) ? between(last, box) : [box];
  there.forEach((each) => choose(each, is));
  last = box;
  show();
}

export function toggleRow(row) {
  const box = row?.closest(".line")?.querySelector(".tick input");
  if (!box) return;
  box.checked = !box.checked;
  toggle(box);
}

export function chooseAll() {
  boxes().forEach((box) => choose(box, true));
  show();
}

export function chooseNone() {
  chosen.clear();
  boxes().forEach((box) => choose(box, false));
  delete document.getElementById("list")?.dataset.choosing;
  show();
}

function show() {
  const section = document.getElementById("list");
  if (!section || !form()) return;
  const is = isChoosing();
  section.toggleAttribute("data-chosen", is);
  const pressed = is || "choosing" in section.dataset;
  document.getElementById("select")?.setAttribute("aria-pressed", String(pressed));
  if (is && !form().querySelector("[data-count]")) load();
  else count();
}

let loading = false;

async function load() {
  if (loading) return;
  loading = true;
  await htmx.ajax("GET", form().dataset.url, { target: "#many", swap: "innerHTML", push: "false" });
  loading = false;
  const back = form()?.querySelector("[name='back']");
  if (back) back.value = location.pathname + location.search;
  count();
}

function count() {
  const told = form()?.querySelector("[data-count]");
  if (told) told.textContent = `${here().length} chosen`;
}

/* A refresh draws the boxes anew. */
function again() {
  for (const box of boxes()) box.checked = chosen.has(box.value);
  show();
}

export const openMany = (what) => {
  const menu = form()?.querySelector(`[data-many="${what}"]`);
  if (!menu) return;
  menu.open = true;
  menu.querySelector(".sheet :is(button, input)")?.focus();
};

document.addEventListener("click", (event) => {
  const box = event.target.closest?.(".tick input");
  if (box) toggle(box, { range: event.shiftKey });
  const row = event.target.closest?.("#rows .row");
  if (row && (event.shiftKey || event.ctrlKey || event.metaKey) && row.closest(".line")) {
    event.preventDefault();
    event.stopPropagation();
    const own = row.closest(".line").querySelector(".tick input");
    own.checked = event.shiftKey || !own.checked;
    toggle(own, { range: event.shiftKey });
  }
  if (event.target.closest?.("[data-choose-none]")) chooseNone();
  if (event.target.closest?.("[data-choose]")) startOrAll();
}, { capture: true });

/* The first press shows the boxes, the second chooses all that is shown, the third none. */
function startOrAll() {
  const section = document.getElementById("list");
  if (!("choosing" in section.dataset) && !isChoosing()) section.dataset.choosing = "";
  else if (here().length < boxes().length) chooseAll();
  else return chooseNone();
  show();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.target.closest?.("details[open], dialog, textarea")) return;
  if (isChoosing() || "choosing" in (document.getElementById("list")?.dataset ?? {})) chooseNone();
});

document.body.addEventListener("desk:decided", chooseNone);
document.addEventListener("desk:rows", again);
document.addEventListener("htmx:after:swap", (event) => {
  if (["rows", "list", "more"].includes(event.detail.ctx?.target?.id)) again();
});
