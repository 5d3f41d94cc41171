/*
 * Say it once: a pause after typing asks whether the customer told already what the draft asks for.
 * The answer stands above the composer; nothing waits for it and nothing is blocked by it.
 */
const PAUSE = 700;

let timer = 0;
let asked = 0;

async function ask(textarea) {
  const hint = document.getElementById("told-already");
  if (!hint) return;
  const mine = ++asked;
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
  const body = new URLSearchParams({ text: textarea.value });
  try {
    const response = await fetch(hint.dataset.url, { method: "POST", headers, body });
    if (mine !== asked || !response.ok || !hint.isConnected) return;
    hint.innerHTML = await response.text();
  } catch {
    // Offline: a hint less; the page says elsewhere that the desk is out of reach.
  }
}

document.addEventListener("input", (event) => {
  if (event.target.id !== "reply-text") return;
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE, event.target);
});
