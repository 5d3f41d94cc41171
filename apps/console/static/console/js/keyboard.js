/*
 * Everything by keyboard. tinykeys leaves keys alone while somebody types in a field; Escape and
 * ⌘⏎ inside the composer are the composer's own.
 */
import { neighbour, openRow } from "./list.js";

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

const menu = (selector) => (event) => {
  event.preventDefault();
  openMenu(selector);
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

/* Where something has the focus that the space bar presses or scrolls, it does just that. */
function takeNext(event) {
  const focused = document.activeElement;
  if (focused && focused !== document.body && !focused.matches(".row")) return;
  press("#take-next")(event);
}

function resolve(event) {
  event.preventDefault();
  const menu = find("#resolve-menu");
  if (menu) openMenu("#resolve-menu");
  else find("#resolve")?.click();
}

/* The first that matches wins: keys in a row stand before the single keys they end with. */
tinykeys.tinykeys(window, {
  "g i": go("inbox"),
  "g u": go("unassigned"),
  "g v": go("everyone"),
  "g z": go("snoozed"),
  "g d": go("dashboard"),
  "g s": go("set-aside"),
  "g p": go("people"),
  "g t": go("labels"),
  "g w": go("shifts"),
  "g n": go("notifications"),
  "g m": go("me"),
  "p o": press("[data-presence='on']"),
  "p a": press("[data-presence='away']"),
  "p f": press("[data-presence='off']"),
  "p l": press("[data-priority='low']"),
  "p n": press("[data-priority='normal']"),
  "p h": press("[data-priority='high']"),
  "p u": press("[data-priority='urgent']"),
  j: () => openRow(neighbour(1)),
  k: () => openRow(neighbour(-1)),
  Enter: enter,
  r: write("reply"),
  n: write("note"),
  e: resolve,
  f: press("[data-find]"),
  m: press("#take"),
  Space: takeNext,
  "Shift+K": press("#keep"),
  a: menu("#assign-menu"),
  s: menu("#snooze-menu"),
  t: menu("#tag-menu"),
  u: press("[data-undo='back']:not([hidden])"),
  "$mod+Enter": press("[data-undo='now']:not([hidden])"),
  "[Shift]+?": (event) => {
    event.preventDefault();
    find("#help")?.showModal();
  },
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-help]")) find("#help")?.showModal();
});
