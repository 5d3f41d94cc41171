/*
 * The wallboard: the clock on it, and the whole screen for it.
 *
 *   <time data-clock data-zone="Europe/Berlin">19:42</time>
 *   <button data-full-screen>Full screen</button>
 */
const ahead = Date.parse(document.documentElement.dataset.now) - Date.now();
const clock = document.querySelector("[data-clock]");
const format = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  timeZone: clock.dataset.zone,
});

function tick() {
  const text = format.format(Date.now() + ahead);
  if (clock.textContent !== text) clock.textContent = text;
}

async function fill() {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await document.documentElement.requestFullscreen();
}

const button = document.querySelector("[data-full-screen]");
button.hidden = !document.fullscreenEnabled;
button.addEventListener("click", fill);
document.addEventListener("fullscreenchange", () => {
  button.textContent = document.fullscreenElement ? "Leave full screen" : "Full screen";
});
tick();
setInterval(tick, 1000);
