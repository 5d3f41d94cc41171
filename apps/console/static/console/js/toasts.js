/*
 * What went wrong, said once and calmly. The server answers a refusal (409, 422) with a toast of
 * its own; any other failure of something a person did is said here, and nothing is swapped.
 */
const SENTENCES = {
  0: "The desk could not be reached. Nothing is lost; try again in a moment.",
  403: "You may not do that. If you just signed in again, reload the page.",
  404: "This is no longer here. The list may have changed; reload the page.",
  500: "The desk could not do that. Nothing was sent; try again in a moment.",
};
const ANSWERED = [409, 422];
const SHOWN_FOR = 8000;

function say(sentence) {
  const toast = document.getElementById("toast-shape").content.cloneNode(true);
  toast.querySelector("p").textContent = sentence;
  if (sentence === SENTENCES[0]) toast.querySelector(".toast").dataset.away = "";
  document.getElementById("toasts").append(toast);
}

const byPerson = (ctx) => ["click", "submit"].includes(ctx?.sourceEvent?.type);

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const status = ctx.response?.status ?? 200;
  if (status < 400 || ANSWERED.includes(status)) return;
  event.preventDefault();
  if (byPerson(ctx)) say(SENTENCES[status] ?? SENTENCES[500]);
});

document.addEventListener("htmx:error", (event) => {
  if (byPerson(event.detail.ctx)) say(SENTENCES[0]);
});

/* It can be reached again. */
document.body.addEventListener("desk:refresh", () => {
  for (const toast of document.querySelectorAll(".toast[data-away]")) toast.remove();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest(".toast").remove();
});

new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const toast of addedNodes) {
      if (toast.matches?.(".toast:not(.bad)")) setTimeout(() => toast.remove(), SHOWN_FOR);
    }
  }
}).observe(document.getElementById("toasts"), { childList: true });
