/*
 * The composer: counts, signs, saves the draft, sends.
 *
 * A draft is saved by htmx when the textarea gets desk:save-draft (a pause in typing, or leaving
 * the field), in one queue with Send, so that a late save never outlives the reply. A page that
 * goes away saves what is left with a request that outlives it, and remembers it for the page that
 * comes next and may be faster than that request.
 */
const PAUSE = 600;
const NEXT_PAGE = 10_000; // after that the server knows best
const segmenter = new Intl.Segmenter();

let saved = "";
let timer = 0;
let sendNow = false;

const area = () => document.getElementById("reply-text");
const isEmpty = (textarea) => ["", textarea.dataset.signature].includes(textarea.value.trim());
const draft = (textarea) => (isEmpty(textarea) ? "" : textarea.value);
const length = (text) => [...segmenter.segment(text)].length;

function count(textarea) {
  const limit = Number(textarea.dataset.limit);
  const used = length(textarea.value);
  const shown = document.getElementById("count");
  shown.textContent = used > limit ? `${used - limit} too many` : `${used} / ${limit}`;
  shown.classList.toggle("over", used > limit);
  document.getElementById("ring").style.setProperty("--part", Math.min(100, (100 * used) / limit));
  document.getElementById("send").setAttribute("aria-disabled", String(used > limit));
  const signed = textarea.value.includes(textarea.dataset.signature);
  document.getElementById("signature").setAttribute("aria-pressed", String(signed));
}

function sign(textarea) {
  const caret = textarea.selectionEnd;
  textarea.value = `${textarea.value.trimEnd()} ${textarea.dataset.signature}`.trimStart();
  textarea.setSelectionRange(caret, caret);
}

function toggleSignature(textarea) {
  const signature = textarea.dataset.signature;
  const signed = textarea.value.includes(signature);
  textarea.dataset.unsigned = signed ? "yes" : "";
  if (signed) textarea.value = textarea.value.replace(signature, "").trimEnd();
  else sign(textarea);
  typed(textarea);
  textarea.focus();
}

function typed(textarea) {
  count(textarea);
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
}

function save() {
  clearTimeout(timer);
  const textarea = area();
  if (!textarea || draft(textarea) === saved) return;
  saved = draft(textarea);
  htmx.trigger(textarea, "desk:save-draft", {}, false);
}

const memory = (textarea) => `draft ${textarea.getAttribute("hx-post")}`;

function saveBeforeLeaving() {
  const textarea = area();
  if (!textarea || textarea.value === textarea.defaultValue) return;
  // Also what is saved: the page that comes next may have been asked for before it was.
  const kept = { text: draft(textarea), until: Date.now() + NEXT_PAGE };
  sessionStorage.setItem(memory(textarea), JSON.stringify(kept));
  if (draft(textarea) === saved) return;
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
  const body = new URLSearchParams({ text: draft(textarea) });
  fetch(textarea.getAttribute("hx-post"), { method: "POST", headers, body, keepalive: true });
}

function begin() {
  const textarea = area();
  if (!textarea || textarea.dataset.ready) return;
  textarea.dataset.ready = "yes";
  saved = draft(textarea);
  const left = JSON.parse(sessionStorage.getItem(memory(textarea)));
  sessionStorage.removeItem(memory(textarea));
  if (left && Date.now() < left.until) textarea.value = left.text;
  count(textarea);
}

function leave(textarea) {
  if (textarea.id === "note-text" && !textarea.value) {
    document.getElementById("note-mode").checked = false;
  }
  document.getElementById("flow").focus({ preventScroll: true });
}

function send(textarea) {
  if (textarea.form.dataset.sending) sendNow = true;
  else textarea.form.requestSubmit();
}

document.addEventListener("input", (event) => {
  const textarea = event.target;
  if (textarea !== area()) return;
  const first = saved === "" && !textarea.dataset.begun && !event.isComposing;
  if (first && textarea.value.trim()) {
    textarea.dataset.begun = "yes";
    if (!textarea.dataset.unsigned && !textarea.value.includes(textarea.dataset.signature)) {
      sign(textarea);
    }
  }
  if (isEmpty(textarea)) {
    textarea.value = "";
    delete textarea.dataset.begun;
  }
  typed(textarea);
});

document.addEventListener("focusout", (event) => {
  if (event.target === area()) save();
});

document.addEventListener("keydown", (event) => {
  if (!event.target.matches("#reply-text, #note-text") || event.isComposing) return;
  if (event.key === "Escape") leave(event.target);
  else if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) send(event.target);
  else return;
  event.preventDefault();
  event.stopPropagation();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#signature")) toggleSignature(area());
});

document.addEventListener(
  "submit",
  (event) => {
    const textarea = event.target.querySelector("#reply-text");
    if (!textarea) return;
    clearTimeout(timer);
    const over = length(textarea.value) > Number(textarea.dataset.limit);
    if (!over && !isEmpty(textarea) && !event.target.dataset.sending) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    textarea.focus();
  },
  { capture: true },
);

document.addEventListener("htmx:before:request", (event) => {
  if (event.target.id === "reply") event.target.dataset.sending = "yes";
});

document.addEventListener("htmx:finally:request", (event) => {
  const source = event.detail.ctx.sourceElement;
  if (source.id === "reply") delete source.dataset.sending;
  if (source.id === "reply-text" && source.isConnected) {
    const kept = event.detail.ctx.response?.status === 204;
    document.getElementById("draft-state").textContent = kept ? "Draft saved" : "Draft not saved";
    if (!kept) saved = "";
  }
});

document.body.addEventListener("desk:noted", () => {
  document.getElementById("note-mode").checked = false;
  document.getElementById("flow").focus({ preventScroll: true });
});

document.body.addEventListener("desk:sent", () => {
  document.getElementById("flow")?.focus({ preventScroll: true });
  if (sendNow) document.querySelector("[data-undo='now']:not([hidden])")?.click();
  sendNow = false;
});

document.addEventListener("htmx:after:swap", begin);
window.addEventListener("pagehide", saveBeforeLeaving);
begin();
