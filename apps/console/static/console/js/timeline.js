/*
 * The timeline keeps its place by itself (it is laid out from its end). Here: say when something
 * newer came while a person reads further up, and what the composer counts as seen.
 */
const flow = () => document.getElementById("flow");
const isAtEnd = () => flow().scrollTop > -40;

const showNewer = (shown) => {
  const newer = document.getElementById("newer");
  if (newer) newer.hidden = !shown;
};

let newest = document.getElementById("story")?.dataset.newest;

/* Seen follows the timeline only while nothing is being written: else Send asks first. */
function follow() {
  const story = document.getElementById("story");
  const seen = document.getElementById("seen");
  if (!story || !seen) return;
  if (!document.getElementById("reply-text").value) seen.value = story.dataset.inbound;
  const changed = story.dataset.newest !== newest;
  newest = story.dataset.newest;
  if (changed && !isAtEnd()) showNewer(true);
}

document.addEventListener("htmx:before:swap", (event) => {
  if (event.detail.ctx?.target?.id === "open") newest = undefined;
});
document.addEventListener("htmx:after:swap", follow);

/* What was pressed may be gone after it did its work; the keyboard goes on from the timeline. */
document.body.addEventListener("desk:acted", () => {
  if (document.activeElement === document.body) flow()?.focus({ preventScroll: true });
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("#newer")) return;
  flow().scrollTop = 0;
  showNewer(false);
});

document.addEventListener(
  "scroll",
  (event) => {
    if (event.target === flow() && isAtEnd()) showNewer(false);
  },
  { capture: true, passive: true },
);
