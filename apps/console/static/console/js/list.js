/*
 * The list: which row is open, and refreshes that move nothing a person is looking at.
 *
 * What changed comes by changes.js, row by row. A refresh of everything (a reconnect, or what this
 * person did) asks for as many rows as are shown. Beyond LONGEST it waits for the person instead:
 * somebody that deep in the list is reading it.
 */
const LONGEST = 300;

export const list = () => document.getElementById("rows");
const rows = () => [...document.querySelectorAll("#rows .row")];
const openId = () => document.getElementById("conversation")?.dataset.id;

/* The row whose conversation is on its way; until it is here, what is shown is another one. */
let opening = null;

export const isOpening = () => opening !== null;

function opened() {
  if (opening === null) return;
  opening = null;
  document.body.dispatchEvent(new Event("desk:opened"));
}

/* j and k go on from where the open row was, even after it left the list. */
let lastIndex = 0;
/* Of the hits of a search several lead to one conversation: the one that was opened is current. */
let openedHit = null;

function isOpen(row) {
  if (opening !== null) return row.id === opening;
  return row.dataset.id === openId() && (!row.dataset.message || row.id === openedHit);
}

export function markOpen() {
  rows().forEach((row, index) => {
    if (isOpen(row)) {
      row.setAttribute("aria-current", "true");
      lastIndex = index;
    } else row.removeAttribute("aria-current");
  });
}

document.querySelector("#rows .row[aria-current]")?.scrollIntoView({ block: "center" });

/* The row that must not move: under the cursor, else with the focus, else the topmost in view. */
function held() {
  const pointed = document.querySelector("#rows .line:hover");
  const focused = document.activeElement?.closest("#rows .line");
  if (pointed ?? focused) return pointed ?? focused;
  if (!list()?.scrollTop) return null;
  const top = list().getBoundingClientRect().top;
  return [...list().querySelectorAll(".line")].find((line) => line.getBoundingClientRect().bottom > top);
}

/* Change the rows while the held one stays where it is. Returns whether it could. */
export function inPlace(change) {
  const line = held();
  const before = line?.getBoundingClientRect().top;
  change(line);
  const after = line && document.getElementById(line.id);
  if (after) list().scrollTop += after.getBoundingClientRect().top - before;
}

const refreshes = (event) => event.detail.ctx?.sourceElement?.id === "rows";

document.addEventListener("htmx:config:request", (event) => {
  if (!refreshes(event)) return;
  const shown = rows().length;
  if (shown > LONGEST) {
    event.preventDefault();
    document.getElementById("list-changed").hidden = false;
    return;
  }
  const form = event.detail.ctx.request.body;
  form.set("shown", String(shown));
  if (openId()) form.set("open", openId());
});

let kept = null;

document.addEventListener("htmx:before:swap", (event) => {
  if (!refreshes(event)) return;
  const line = held();
  kept = line && { id: line.id, top: line.getBoundingClientRect().top };
});

document.addEventListener("htmx:after:swap", (event) => {
  const line = refreshes(event) && kept && document.getElementById(kept.id);
  if (line) list().scrollTop += line.getBoundingClientRect().top - kept.top;
  if (refreshes(event)) kept = null;
  if (event.detail.ctx?.target?.id === "open") opened();
  markOpen();
  if (event.detail.ctx?.target?.id === "open") showHit();
});

/* What could not be fetched is not open: the row of what still is, is current again. */
document.addEventListener("htmx:finally:request", (event) => {
  if (event.detail.ctx?.sourceElement?.id !== opening) return;
  opened();
  markOpen();
});

/* What a search found is opened at its message. */
function showHit() {
  const hit = openedHit && document.getElementById(openedHit);
  const message = hit && document.getElementById(`m-${hit.dataset.message}`);
  if (!message) return;
  message.classList.add("hit");
  message.scrollIntoView({ block: "center" });
}

document.addEventListener("click", (event) => {
  const row = event.target.closest("#rows .row");
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
  openedHit = row.dataset.message ? row.id : null;
  opening = row.id;
});

export function neighbour(step) {
  const all = rows();
  const index = all.findIndex((row) => row.getAttribute("aria-current") === "true");
  if (index < 0) return all[Math.min(lastIndex + (step < 0 ? -1 : 0), all.length - 1)] ?? all[0];
  return all[index + step];
}

export function openRow(row) {
  if (!row) return;
  for (const other of rows()) other.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  lastIndex = rows().indexOf(row);
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  row.click();
}
