/*
 * The life story: jump to a message a brief cites or to a day, and find words anywhere in it.
 *
 * The page holds one unbroken window of the story. A jump to what it doesn't hold fetches the
 * window around that place instead; scrolling on grows it at either end. While its end is not the
 * newest, refreshes leave the story alone (there is no #story to swap).
 */
const flow = () => document.getElementById("flow");
const story = () => document.getElementById("story");
const open = () => document.getElementById("conversation");
const address = (query) => `/conversations/${open().dataset.id}/story/?${query}`;
const message = (id) => document.getElementById(`m-${id}`);

/* A growing window leaves what is being read where it is; so does one whose parts get their height. */
let kept = null;

function keepPlace() {
  const top = flow()?.getBoundingClientRect().top ?? 0;
  const seen = [...(flow()?.querySelectorAll(".message, .happened") ?? [])];
  const first = seen.find((element) => element.getBoundingClientRect().bottom > top);
  kept = first ? { id: first.id, top: first.getBoundingClientRect().top } : null;
}

function restorePlace() {
  const element = kept && document.getElementById(kept.id);
  if (element) flow().scrollTop += element.getBoundingClientRect().top - kept.top;
  kept = null;
}

const grows = (event) => ["older", "newer-part"].includes(event.detail.ctx?.sourceElement?.id);

document.addEventListener("htmx:before:swap", (event) => {
  if (grows(event)) keepPlace();
});
document.addEventListener("htmx:after:swap", (event) => {
  if (grows(event)) restorePlace();
  if (event.detail.ctx?.target?.id === "open" || grows(event)) paint();
});

/* What the page shows last goes on from where it began, however much was written since. */
document.addEventListener("htmx:config:request", (event) => {
  const from = story()?.dataset.from;
  if (from) event.detail.ctx.request.headers["Story-From"] = from;
});

function mark(element) {
  for (const other of document.querySelectorAll(".message.marked")) other.classList.remove("marked");
  element.classList.add("marked");
  const show = () => element.scrollIntoView({ block: "center" });
  show();
  requestAnimationFrame(show); // once more, when what came into view has its real height
}

async function fetchWindow(query) {
  const headers = { "HX-Request": "true", "HX-Request-Type": "partial" };
  const response = await fetch(address(query), { headers, credentials: "same-origin" });
  const elsewhere = response.headers.get("HX-Redirect");
  if (elsewhere) location.assign(elsewhere);
  if (!response.ok || elsewhere) return null;
  return response.text();
}

async function show(query) {
  const answer = await fetchWindow(query);
  const timeline = document.getElementById("timeline");
  if (answer === null || !timeline) return false;
  timeline.innerHTML = answer;
  htmx.process(timeline);
  document.getElementById("newer")?.toggleAttribute("hidden", Boolean(story()));
  paint();
  return true;
}

async function jump(id) {
  if (!message(id) && !(await show(`at=${id}`))) return;
  if (message(id)) mark(message(id));
}

/* Back to the newest: there may be parts in between that this page doesn't hold. */
async function toNewest() {
  if (!story()) await show("");
  flow().scrollTop = 0;
}

document.addEventListener("click", (event) => {
  const cited = event.target.closest("a[data-at]");
  if (cited?.dataset.at && open() && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    document.getElementById("brief")?.hidePopover?.();
    jump(cited.dataset.at);
  }
  if (event.target.closest("#newer") && !story()) toNewest();
  if (event.target.closest("[data-find]")) openFinder();
});

document.body.addEventListener("desk:sent", () => {
  if (!story()) toNewest();
});

/* Finding: the server knows where in the whole story, the page where on the screen. */
let hits = [];
let place = -1;
let words = "";
let asked = 0;

const finder = () => document.getElementById("finder");

function openFinder() {
  const bar = finder();
  if (!bar) return;
  bar.hidden = false;
  bar.querySelector("[type='search']").select();
}

function closeFinder() {
  finder().hidden = true;
  hits = [];
  words = "";
  paint();
  flow()?.focus({ preventScroll: true });
}

function say() {
  const count = document.getElementById("finder-count");
  if (!words) count.textContent = "";
  else if (!hits.length) count.textContent = "nothing found";
  else count.textContent = `${hits.length - place} of ${hits.length}`;
}

async function find() {
  words = finder().querySelector("[type='search']").value.trim();
  const mine = ++asked;
  hits = [];
  if (words) {
    const query = new URLSearchParams({ words });
    const response = await fetch(`/conversations/${open().dataset.id}/story/found/?${query}`, {
      credentials: "same-origin",
    });
    if (mine !== asked || !response.ok) return;
    hits = (await response.json()).found;
  }
  place = hits.length - 1;
  await go(0);
}

async function go(step) {
  if (hits.length) {
    place = (place + step + hits.length) % hits.length;
    await jump(hits[place]);
  }
  say();
  paint();
}

/* The Highlight API marks without touching the page, so that refreshes have nothing to undo. */
function paint() {
  if (!window.Highlight) return;
  CSS.highlights.delete("found");
  if (!words || !hits.length) return;
  const pattern = new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "giu");
  const ranges = [];
  for (const text of document.querySelectorAll("#timeline .message .text")) {
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      for (const match of walker.currentNode.data.matchAll(pattern)) {
        const range = new Range();
        range.setStart(walker.currentNode, match.index);
        range.setEnd(walker.currentNode, match.index + match[0].length);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set("found", new Highlight(...ranges));
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "finder") return;
  event.preventDefault();
  const typed = finder().querySelector("[type='search']").value.trim();
  if (typed !== words) find();
  else go(event.submitter?.dataset.step === "on" ? 1 : -1);
});

document.addEventListener("keydown", (event) => {
  if (!event.target.closest?.("#finder")) return;
  if (event.key === "Escape") closeFinder();
  else if (event.key === "Enter" && event.shiftKey && event.target.type === "search") go(1);
  else return;
  event.preventDefault();
  event.stopPropagation();
});

document.addEventListener("change", async (event) => {
  if (event.target.id !== "finder-day" || !event.target.value) return;
  if (await show(`day=${event.target.value}`)) {
    const day = new Date(`${event.target.value}T00:00`);
    const said = [...document.querySelectorAll("#timeline .message")];
    const time = (element) => new Date(element.querySelector("time").dateTime);
    const first = said.find((element) => time(element) >= day) ?? said.at(-1);
    if (first) mark(first);
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#finder-close")) closeFinder();
});

/* A link that named a message: the page came with the window around it. */
const named = new URLSearchParams(location.search).get("at");
if (named && message(named)) mark(message(named));
