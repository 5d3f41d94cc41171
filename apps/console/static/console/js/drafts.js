/*
 * A draft is on the server, where the same person's other devices see it, and in this browser until
 * the server has it: a session that ended, a lost network or a crash loses nothing.
 *
 * It is saved by htmx when the textarea gets desk:save-draft, in one queue with Send, so that a late
 * save never outlives the reply. What another device saved is taken over where nothing unsaved
 * stands here; else it is offered, and whichever is put aside is offered in its turn.
 */
const PAUSE = 600;
const SAVED = "true";
const PAGE = crypto.getRandomValues(new Uint32Array(2)).join("");

let saved = "";
let saves = 0;
let timer = 0;

export const area = () => document.getElementById("reply-text");
const note = () => document.getElementById("note-text");
const headers = () => JSON.parse(document.body.getAttribute("hx-headers:inherited"));

export const isEmpty = (textarea) =>
  ["", textarea.dataset.signature].includes(textarea.value.trim());
export const draft = (textarea) => (isEmpty(textarea) ? "" : textarea.value);

/* --- In this browser -------------------------------------------------------------------------- */

const key = (textarea) => `draft ${textarea.dataset.keep}`;

function keepHere(textarea) {
  const kept = { text: draft(textarea), base: saved };
  if (textarea === area() && kept.text === saved) localStorage.setItem(key(textarea), SAVED);
  else if (kept.text) localStorage.setItem(key(textarea), JSON.stringify(kept));
  else if (textarea === note()) localStorage.removeItem(key(textarea));
  else localStorage.setItem(key(textarea), JSON.stringify(kept));
}

const forgetHere = (textarea) => textarea && localStorage.removeItem(key(textarea));

function restore(textarea) {
  const kept = JSON.parse(localStorage.getItem(key(textarea)) ?? "null");
  if (kept === true) return again(textarea);
  if (!kept || kept.text === draft(textarea)) return;
  if (textarea === note()) {
    textarea.value = kept.text;
    document.getElementById("note-mode").checked = true;
  } else if (kept.base === draft(textarea)) {
    textarea.value = kept.text;
    scheduleSave();
  } else offer(kept.text, "This browser kept other text that was never saved:");
}

/* A page that came faster than the last save of the one before it does not have it yet. */
function again(textarea) {
  forgetHere(textarea);
  look();
}

/* --- On the server ---------------------------------------------------------------------------- */

function scheduleSave() {
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
}

export const stopSaving = () => clearTimeout(timer);

export function save() {
  clearTimeout(timer);
  const textarea = area();
  if (!textarea || draft(textarea) === saved) return;
  htmx.trigger(textarea, "desk:save-draft", {}, false);
}

let underWay = null;

document.addEventListener("htmx:before:request", ({ target }) => {
  if (target === area()) underWay = draft(target);
});

document.addEventListener("htmx:finally:request", ({ detail }) => {
  const source = detail.ctx.sourceElement;
  if (source !== area()) return;
  const status = detail.ctx.response?.status ?? 0;
  if (status === 204) {
    saved = underWay ?? saved;
    saves += 1;
    keepHere(source);
  }
  say(STATES[status] ?? "Not saved yet. It is kept in this browser.");
});

const STATES = {
  204: "Draft saved",
  401: "Signed out. Your text is kept in this browser; sign in again.",
  403: "Not saved: reload the page. Your text is kept in this browser.",
};

function say(sentence) {
  document.getElementById("draft-state").textContent = sentence;
}

function saveBeforeLeaving() {
  const textarea = area();
  if (!textarea || draft(textarea) === saved) return;
  const body = new URLSearchParams({ text: draft(textarea), page: PAGE });
  const address = textarea.getAttribute("hx-post");
  fetch(address, { method: "POST", headers: headers(), body, keepalive: true }).catch(() => {});
}

/* --- On another device ------------------------------------------------------------------------ */

/* What was asked before the last save was taken tells of an older draft. */
async function look() {
  const textarea = area();
  const asked = saves;
  if (!textarea) return;
  const answer = await fetch(textarea.dataset.draft, { headers: { "Desk-Background": "yes" } })
    .catch(() => null);
  if (!answer?.ok) return;
  const { text } = await answer.json();
  if (textarea !== area() || asked !== saves) return;
  if (text === draft(textarea) || text === saved) return;
  if (draft(textarea) === saved) {
    take(textarea, text);
    saved = text;
    keepHere(textarea);
    say("As you left it on your other device");
  } else if (text) offer(text, "You wrote something else on another device:");
}

document.body.addEventListener("desk:draft", ({ detail }) => {
  const textarea = area();
  if (!textarea || detail.page === PAGE) return;
  if (detail.user === Number(textarea.dataset.user) && isHere(detail.conversation)) look();
});
document.body.addEventListener("desk:refresh", look);

const isHere = (id) => Number(document.getElementById("conversation")?.dataset.id) === id;

function offer(text, sentence) {
  const shown = document.getElementById("other-draft");
  shown.querySelector("[data-says]").textContent = sentence;
  shown.querySelector("blockquote").textContent = text;
  shown.hidden = false;
}

function take(textarea, text) {
  textarea.value = text;
  textarea.dispatchEvent(new CustomEvent("desk:counted", { bubbles: true }));
}

document.addEventListener("click", ({ target }) => {
  const shown = target.closest("#other-draft");
  const textarea = area();
  if (!shown || !target.closest("button")) return;
  const [theirs, mine] = [shown.querySelector("blockquote").textContent, draft(textarea)];
  shown.hidden = true;
  textarea.focus();
  if (target.closest("[data-use]")) {
    take(textarea, theirs);
    keepHere(textarea);
    if (mine) offer(mine, "What stood here before:");
  }
  save();
});

/* --- Beginning and end ------------------------------------------------------------------------ */

export function typed(textarea) {
  keepHere(textarea);
  if (textarea !== area()) return;
  say("");
  scheduleSave();
}

export function begin(textarea) {
  saved = draft(textarea);
  textarea.form.elements.page.value = PAGE;
  restore(textarea);
  if (note()) restore(note());
}

document.addEventListener("focusout", (event) => {
  if (event.target === area()) save();
});
document.body.addEventListener("desk:refresh", save); // what could not be saved while away
/* What was taken is forgotten here before the composer is drawn anew. */
const DONE = { reply: area, split: area, note };

document.addEventListener("htmx:before:swap", ({ detail }) => {
  const done = DONE[detail.ctx?.sourceElement?.id];
  if (done && detail.ctx.response?.status < 400) forgetHere(done());
});
window.addEventListener("pagehide", saveBeforeLeaving);
