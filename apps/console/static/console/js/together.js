/*
 * Who else is in this conversation: said to the server every 20 s and when somebody writes, and
 * fetched anew whenever a nudge says that it changed.
 */
const OFTEN = 20_000;
const WRITING_EVERY = 3_000;
const PAUSE = 6_000;

let open = null; // {id, url, shown}: what this page last said it has open, and where it shows who else
let doing = "reading";
let saidWriting = 0;
let pause = 0;

const headers = () => ({
  ...JSON.parse(document.body.getAttribute("hx-headers:inherited")),
  "Desk-Background": "yes",
});

function here() {
  const shown = document.getElementById("together");
  const id = document.getElementById("conversation")?.dataset.id;
  return shown && id ? { id, shown, url: shown.dataset.url } : null;
}

async function say() {
  const at = open;
  if (!at) return;
  const body = new URLSearchParams({ doing });
  const answer = await fetch(at.url, { method: "POST", headers: headers(), body }).catch(() => null);
  const shown = document.getElementById("together");
  if (answer?.ok && shown && open === at) show(shown, await answer.text());
}

/* A status that says the same again would be read out again. */
function show(shown, words) {
  const fresh = document.createElement("template");
  fresh.innerHTML = words.trim();
  if (shown.innerHTML !== fresh.innerHTML) shown.replaceChildren(fresh.content);
}

function leave() {
  if (!open) return;
  const body = new URLSearchParams({ doing: "gone" });
  fetch(open.url, { method: "POST", headers: headers(), body, keepalive: true }).catch(() => {});
  open = null;
}

function follow() {
  const now = here();
  if (now?.id === open?.id) {
    if (!now || now.shown === open.shown) return; // else the composer was drawn anew
  } else {
    leave();
    doing = "reading";
  }
  open = now;
  say();
}

function reads() {
  clearTimeout(pause);
  if (doing === "reading") return;
  doing = "reading";
  saidWriting = 0;
  say();
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches("#reply-text, #note-text")) return;
  clearTimeout(pause);
  pause = setTimeout(reads, PAUSE);
  doing = "writing";
  if (Date.now() - saidWriting < WRITING_EVERY) return;
  saidWriting = Date.now();
  say();
});

document.body.addEventListener("desk:together", ({ detail }) => {
  if (String(detail.conversation) === open?.id) say();
});
document.body.addEventListener("desk:refresh", say);
for (const done of ["desk:sent", "desk:noted"]) document.body.addEventListener(done, reads);

setInterval(() => document.hidden || say(), OFTEN);
document.addEventListener("htmx:after:swap", follow);
window.addEventListener("pagehide", leave);
window.addEventListener("pageshow", ({ persisted }) => persisted && follow());
follow();
