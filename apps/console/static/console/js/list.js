/*
 * The list: which row is open, and refreshes that move nothing a person is looking at.
 *
 * A refresh asks for as many rows as are shown. Beyond LONGEST it waits for the person instead:
 * somebody that deep in the list is reading it.
 */
const LONGEST = 300;

const rows = () => [...document.querySelectorAll("#rows .row")];
const openId = () => document.getElementById("conversation")?.dataset.id;

/* j and k go on from where the open row was, even after it left the list. */
let lastIndex = 0;

function markOpen() {
  const id = openId();
  rows().forEach((row, index) => {
    if (row.dataset.id === id) {
      row.setAttribute("aria-current", "true");
      lastIndex = index;
    } else row.removeAttribute("aria-current");
  });
}

document.querySelector("#rows .row[aria-current]")?.scrollIntoView({ block: "center" });

let kept = null;

function keepPlace() {
  const list = document.getElementById("rows");
  const top = list.getBoundingClientRect().top;
  const row = rows().find((candidate) => candidate.getBoundingClientRect().bottom > top);
  kept = list.scrollTop > 0 && row ? { id: row.id, top: row.getBoundingClientRect().top } : null;
}

function restorePlace() {
  const row = kept && document.getElementById(kept.id);
  if (row) document.getElementById("rows").scrollTop += row.getBoundingClientRect().top - kept.top;
  kept = null;
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

document.addEventListener("htmx:before:swap", (event) => {
  if (refreshes(event)) keepPlace();
});

document.addEventListener("htmx:after:swap", (event) => {
  if (refreshes(event)) restorePlace();
  markOpen();
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
