/*
 * Tells the desk, at most once a minute in whichever tab, that its person is at it. Only what they
 * touch counts: a page that is merely open on a locked screen says nothing, and they become away.
 */
const EVERY_MS = 60_000;
const KEY = "desk-seen";
const TOUCHES = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];

function touched() {
  if (Date.now() - Number(localStorage.getItem(KEY) ?? 0) < EVERY_MS) return;
  localStorage.setItem(KEY, String(Date.now()));
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
  const address = document.body.dataset.seenUrl;
  // Where it was not heard, the next touch says it again.
  fetch(address, { method: "POST", headers }).catch(() => localStorage.removeItem(KEY));
}

for (const touch of TOUCHES) addEventListener(touch, touched, { capture: true, passive: true });
