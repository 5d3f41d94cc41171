/*
 * Waits that count and undo times that run out, from instants the server wrote.
 *
 *   <time class="wait" data-since="2026-11-23T18:41:02+00:00" data-due="">3:12</time>
 *   <time class="wait" data-since="…" data-due="2026-11-23T18:56:02+00:00" data-promised>due in 12 min</time>
 *   <span data-until="2026-11-23T18:41:12+00:00">10</span>
 *
 * Without a promise (no data-due) a wait is never called late; with one it is soon from half of it
 * and late when due. <html data-now> is the server's clock, since the browser's may be wrong.
 */
const ahead = Date.parse(document.documentElement.dataset.now) - Date.now();
const now = () => Date.now() + ahead;

function spoken(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, "0")}`;
  return `${Math.floor(hours / 24)} d`;
}

function rough(seconds) {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  return whole < 3600 ? `${Math.floor(whole / 60)} min` : spoken(seconds);
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function showWait(element, at) {
  const since = Date.parse(element.dataset.since);
  const due = Date.parse(element.dataset.due ?? "");
  if (Number.isNaN(due)) {
    write(element, spoken(Math.max(0, at - since) / 1000));
    return;
  }
  const part = Math.min(100, (100 * (at - since)) / Math.max(1, due - since));
  const left = (due - at) / 1000;
  if ("promised" in element.dataset) {
    write(element, left < 0 ? `overdue ${rough(-left)}` : `due in ${rough(left)}`);
  } else {
    write(element, left < 0 ? `−${spoken(-left)}` : spoken(left));
  }
  element.style.setProperty("--part", part.toFixed(0));
  element.classList.toggle("calm", part < 50);
  element.classList.toggle("soon", part >= 50 && part < 100);
  element.classList.toggle("late", part >= 100);
}

function showRemaining(element, at) {
  const left = Math.ceil((Date.parse(element.dataset.until) - at) / 1000);
  write(element, String(Math.max(0, left)));
  const over = left <= 0;
  for (const waiting of element.closest("[data-while]")?.querySelectorAll("[data-undo]") ?? []) {
    waiting.hidden = over;
  }
}

function tick() {
  const at = now();
  for (const element of document.querySelectorAll("[data-since]")) showWait(element, at);
  for (const element of document.querySelectorAll("[data-until]")) showRemaining(element, at);
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:after:swap", tick);
