/*
 * Everything by keyboard. tinykeys leaves keys alone while somebody types in a field; Escape and
 * ⌘⏎ inside the composer are the composer's own.
 */
import { isChoosing, openMany, toggleRow } from "./choosing.js";
import { isOpening, neighbour, openRow } from "./list.js";
import { openPalette } from "./palette.js";

if (/Mac|iP/.test(navigator.platform)) document.documentElement.dataset.mac = "";

const find = (selector) => document.querySelector(selector);
const go = (place) => () => find(`[data-go="${place}"]`)?.click();

const press = (selector) => (event) => {
  const element = find(selector);
  if (!element) return;
  event.preventDefault();
  element.click();
};

function openMenu(selector) {
  const opened = find(selector);
  if (!opened) return;
  opened.open = true;
  opened.querySelector(".sheet :is(button, a, input:not([type='hidden']))")?.focus();
}

/* With several chosen, what is decided is decided about them. */
const menu = (selector, what) => (event) => {
  event.preventDefault();
  if (isChoosing()) openMany(what);
  else openMenu(selector);
};

function enter(event) {
  const row = document.activeElement;
  if (!row?.matches(".row")) return;
  event.preventDefault();
  if (row.getAttribute("aria-current") === "true") find("#flow")?.focus();
  else openRow(row);
}

function toEnd(textarea) {
  const signature = ` ${textarea.dataset.signature}`;
  const end = textarea.value.length;
  const caret = textarea.value.endsWith(signature) ? end - signature.length : end;
  textarea.setSelectionRange(caret, caret);
}

function write(mode) {
  return (event) => {
    if (!find("#composer")) return;
    event.preventDefault();
    find("#note-mode").checked = mode === "note";
    const textarea = find(mode === "note" ? "#note-text" : "#reply-text");
    textarea.focus();
    if (textarea.selectionEnd === 0) toEnd(textarea);
  };
}

const prioritize = (priority) => (event) =>
  press(isChoosing() ? `[data-many-priority="${priority}"]` : `[data-priority="${priority}"]`)(event);

/* While the next conversation is on its way, what is pressed is meant for that one. */
let meant = null;

const here = (act) => (event) => {
  if (!isOpening() || isChoosing()) return act(event);
  event.preventDefault();
  meant ??= act;
};

document.body.addEventListener("desk:opened", () => {
  const act = meant;
  meant = null;
  act?.(new Event("keydown", { cancelable: true }));
});

/* A reply that still waits comes first; then what was decided last. */
function undo(event) {
  const offered = [...document.querySelectorAll("[data-undo='back']:not([hidden])")];
  const chosen = offered.find((one) => !one.closest(".toast")) ?? offered.at(-1);
  if (!chosen) return;
  event.preventDefault();
  chosen.click();
}

/* Where something has the focus that the space bar presses or scrolls, it does just that. */
function takeNext(event) {
  const focused = document.activeElement;
  if (focused && focused !== document.body && !focused.matches(".row")) return;
  press("#take-next")(event);
}

function resolve(event) {
  event.preventDefault();
  if (isChoosing()) return void openMany("resolve");
  const menu = find("#resolve-menu");
  if (menu) openMenu("#resolve-menu");
  else find("#resolve")?.click();
}

/* The first that matches wins: keys in a row stand before the single keys they end with. */
const pressed = tinykeys.createKeybindingsHandler({
  "g i": go("inbox"),
  "g u": go("unassigned"),
  "g v": go("everyone"),
  "g r": go("at-risk"),
  "g z": go("snoozed"),
  "g f": go("found"),
  "g h": go("welcome"),
  "g d": go("dashboard"),
  "g s": go("set-aside"),
  "g p": go("people"),
  "g t": go("labels"),
  "g w": go("shifts"),
  "g n": go("notifications"),
  "g m": go("me"),
  "g o": go("policies"),
  "p o": press("[data-presence='on']"),
  "p a": press("[data-presence='away']"),
  "p f": press("[data-presence='off']"),
  "p l": here(prioritize("low")),
  "p n": here(prioritize("normal")),
  "p h": here(prioritize("high")),
  "p u": here(prioritize("urgent")),
  j: () => openRow(neighbour(1)),
  k: () => openRow(neighbour(-1)),
  Enter: enter,
  r: here(write("reply")),
  n: here(write("note")),
  e: here(resolve),
  "Shift+P": () => document.body.dispatchEvent(new CustomEvent("desk:promise")),
  f: here(press("[data-find]")),
  m: here(press("#take")),
  Space: takeNext,
  "Shift+K": press("#keep"),
  a: here(menu("#assign-menu", "assign")),
  s: here(menu("#snooze-menu", "snooze")),
  t: here(menu("#tag-menu", "tag")),
  x: (event) => {
    event.preventDefault();
    toggleRow(document.activeElement.closest?.(".row") ?? find("#rows .row[aria-current]"));
  },
  "Shift+F": press("#filter"),
  "/": (event) => {
    event.preventDefault();
    const field = find("#search");
    if (field) field.select();
    else location.assign(find("#palette").dataset.search);
  },
  u: undo,
  "$mod+Enter": press("[data-undo='now']:not([hidden])"),
  "[Shift]+?": (event) => {
    event.preventDefault();
    find("#help")?.showModal();
  },
});

/*
 * htmx binds the page in a task of its own that stands in line before this one. A link that is
 * followed before that would load the whole page, so what is pressed waits for it.
 */
let early = [];

window.addEventListener("keydown", (event) => (early ? early.push(event) : pressed(event)));

setTimeout(() => {
  const waited = early;
  early = null;
  waited.forEach(pressed);
});

/* The palette opens from anywhere, while somebody types too. */
window.addEventListener("keydown", (event) => {
  if (!(event.metaKey || event.ctrlKey) || event.shiftKey || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  openPalette();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.target !== find("#search")) return;
  event.target.blur();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-panel]")) find("#filters").replaceChildren();
  if (event.target.closest("[data-palette]")) openPalette();
  if (event.target.closest("[data-help]")) find("#help")?.showModal();
});
