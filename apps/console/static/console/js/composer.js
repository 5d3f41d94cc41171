/*
 * The composer: counts as the network does, signs, asks what the desk knows of the draft, sends.
 * What keeps the draft is in drafts.js.
 */
import { area, begin as beginDraft, draft, isEmpty, stopSaving, typed as keep } from "./drafts.js";
import { measure } from "./measure.js";

const HINTS_AFTER = 200;
const NEAR = 20;

let hintsTimer = 0;
let sendNow = false;

const find = (id) => document.getElementById(id);

/* --- Counting --------------------------------------------------------------------------------- */

function parts(textarea) {
  const cut = `\n${textarea.dataset.cut}\n`;
  return textarea.value.split(cut);
}

function lengths(textarea) {
  return parts(textarea).map((part) => measure(textarea.dataset.measure, part));
}

function excess(textarea) {
  const limit = Number(textarea.dataset.limit);
  return limit ? Math.max(...lengths(textarea)) - limit : -Infinity;
}

function count(textarea) {
  const limit = Number(textarea.dataset.limit);
  const used = lengths(textarea);
  const over = excess(textarea);
  const shown = find("count");
  shown.textContent = limit ? counted(used, limit, over) : `${used.join(" + ")} characters`;
  shown.dataset.standing = over > 0 ? "over" : over >= -NEAR ? "near" : "";
  const share = limit ? Math.min(100, (100 * Math.max(...used)) / limit) : 0;
  find("ring").style.setProperty("--part", share);
  find("ring").hidden = !limit;
  find("split").hidden = over <= 0;
  find("send").setAttribute("aria-disabled", String(over > 0));
  find("link-rule").hidden = !/https?:\/\//.test(textarea.value);
  find("signature").setAttribute("aria-pressed", String(isSigned(textarea)));
  announce(over);
}

function counted(used, limit, over) {
  if (used.length === 1) return over > 0 ? `${over} too many` : `${used[0]} / ${limit}`;
  const worst = used.indexOf(Math.max(...used)) + 1;
  return over > 0 ? `part ${worst}: ${over} too many` : `${used.length} parts: ${used.join(" + ")}`;
}

/* Said aloud when a limit comes near or is passed, not with every letter. */
let announced = "";

function announce(over) {
  const standing = over > 0 ? "over" : over >= -NEAR ? "near" : "";
  if (standing === announced) return;
  announced = standing;
  const words = { near: `${-over} characters left`, over: `${over} characters too many`, "": "" };
  find("count-said").textContent = words[standing];
}

/* --- Signing ---------------------------------------------------------------------------------- */

const isSigned = (textarea) => textarea.value.includes(textarea.dataset.signature);

function sign(textarea) {
  const caret = textarea.selectionEnd;
  textarea.value = `${textarea.value.trimEnd()} ${textarea.dataset.signature}`.trimStart();
  textarea.setSelectionRange(caret, caret);
}

function toggleSignature(textarea) {
  const signed = isSigned(textarea);
  textarea.dataset.unsigned = signed ? "yes" : "";
  if (signed) textarea.value = textarea.value.replace(textarea.dataset.signature, "").trimEnd();
  else sign(textarea);
  typed(textarea);
  textarea.focus();
}

/* --- Writing ---------------------------------------------------------------------------------- */

function typed(textarea) {
  count(textarea);
  keep(textarea);
  clearTimeout(hintsTimer);
  hintsTimer = setTimeout(askHints, HINTS_AFTER);
}

function askHints() {
  const hints = find("hints");
  const textarea = area();
  if (!hints || !textarea) return;
  if (draft(textarea)) htmx.trigger(hints, "desk:hints", {}, false);
  else hints.replaceChildren();
}

function begin() {
  const textarea = area();
  if (!textarea || textarea.dataset.ready) return;
  textarea.dataset.ready = "yes";
  beginDraft(textarea);
  if (draft(textarea)) textarea.dataset.begun = "yes";
  count(textarea);
  if (draft(textarea)) askHints();
}

function leave(textarea) {
  if (textarea.id === "note-text" && !textarea.value) find("note-mode").checked = false;
  find("flow").focus({ preventScroll: true });
}

document.addEventListener("input", ({ target, isComposing }) => {
  if (target.id === "note-text") keep(target);
  if (target !== area()) return;
  const first = !target.dataset.begun && !isComposing;
  if (first && target.value.trim()) {
    target.dataset.begun = "yes";
    if (!target.dataset.unsigned && !isSigned(target)) sign(target);
  }
  if (isEmpty(target)) {
    target.value = "";
    delete target.dataset.begun;
  }
  typed(target);
});

document.addEventListener("desk:counted", ({ target }) => {
  target.dataset.begun = "yes";
  typed(target);
});

document.addEventListener("keydown", (event) => {
  if (event.target.matches("#note [name='pin']")) return sendBeside(event);
  if (!event.target.matches("#reply-text, #note-text") || event.isComposing) return;
  if (event.key === "Escape") leave(event.target);
  else if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) send(event.target);
  else return;
  event.preventDefault();
  event.stopPropagation();
});

function sendBeside(event) {
  if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
  event.preventDefault();
  event.stopPropagation();
  send(document.getElementById("note-text"));
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("#signature")) toggleSignature(area());
});

/* --- Sending ---------------------------------------------------------------------------------- */

function send(textarea) {
  if (textarea.form.dataset.sending) sendNow = true;
  else textarea.form.requestSubmit();
}

document.addEventListener(
  "submit",
  (event) => {
    const textarea = event.target.querySelector("#reply-text");
    if (!textarea || event.submitter?.id === "split") return;
    stopSaving();
    if (excess(textarea) <= 0 && !isEmpty(textarea) && !event.target.dataset.sending) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    textarea.focus();
  },
  { capture: true },
);

document.addEventListener("htmx:before:request", ({ target }) => {
  if (target.id === "reply") target.dataset.sending = "yes";
});

document.addEventListener("htmx:finally:request", ({ detail }) => {
  const source = detail.ctx.sourceElement;
  if (source.id === "reply") delete source.dataset.sending;
});

document.body.addEventListener("desk:noted", () => {
  find("note-mode").checked = false;
  find("flow").focus({ preventScroll: true });
});

document.body.addEventListener("desk:sent", () => {
  find("flow")?.focus({ preventScroll: true });
  if (sendNow) document.querySelector("[data-undo='now']:not([hidden])")?.click();
  sendNow = false;
});

document.body.addEventListener("desk:split", () => area()?.focus());
document.addEventListener("htmx:after:swap", begin);
begin();
