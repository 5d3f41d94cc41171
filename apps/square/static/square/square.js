// Square's pages work without this; with it, answers appear by themselves.

const EVERY_MS = 1000;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function whileVisible(look) {
  const turn = async () => {
    if (document.visibilityState === "visible") {
      try {
        await look();
      } catch (error) {
        // The desk may be restarting: the next turn looks again.
        console.debug("Square is not reachable", error);
      }
    }
    setTimeout(turn, EVERY_MS);
  };
  setTimeout(turn, EVERY_MS);
}

async function ask(url, after) {
  const answer = await fetch(`${url}?after=${encodeURIComponent(after)}`, { cache: "no-store" });
  return answer.status === 200 ? answer : null;
}

function followThread(list) {
  whileVisible(async () => {
    const answer = await ask(list.dataset.newerPosts, list.lastElementChild.dataset.id);
    if (!answer) return;
    const atTheEnd = innerHeight + scrollY >= document.body.scrollHeight - 40;
    const fresh = document.createElement("template");
    fresh.innerHTML = await answer.text();
    for (const post of fresh.content.children) post.classList.add("fresh");
    list.append(fresh.content);
    tellTimes();
    if (atTheEnd) scrollTo({ top: document.body.scrollHeight });
  });
}

function announceThreads(pill) {
  whileVisible(async () => {
    const answer = await ask(pill.dataset.newerThreads, pill.dataset.after);
    if (!answer) return;
    const { count } = await answer.json();
    pill.hidden = count === 0;
    pill.firstElementChild.textContent = count === 1 ? "1 new post" : `${count} new posts`;
  });
}

function beginWriting(form) {
  const { handle, text } = form.elements;
  text.setSelectionRange(text.value.length, text.value.length);
  if (text.value) (handle.checkVisibility() && !handle.value ? handle : text).focus();
}

function countWords(form) {
  const text = form.elements.text;
  const count = form.querySelector("[data-count]");
  const show = () => {
    const used = [...segmenter.segment(text.value.trim())].length;
    const limit = Number(text.dataset.limit);
    count.textContent = used ? `${used} / ${limit}` : "";
    count.classList.toggle("over", used > limit);
  };
  text.addEventListener("input", show);
  show();
}

function sendByKeyboard(form) {
  const isMac = navigator.platform.startsWith("Mac");
  form.querySelector("[data-shortcut]").textContent = isMac ? "⌘⏎" : "Ctrl ⏎";
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) form.requestSubmit();
  });
}

function replyInPlace(form) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.reply");
    if (!link || !form.elements.parent || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    form.elements.parent.value = link.closest("[data-id]").dataset.id;
    form.querySelector(".answering b").textContent = `@${link.dataset.handle}`;
    form.elements.text.focus();
  });
}

function tellTimes() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    const minutes = Math.floor((now - at) / 60000);
    if (minutes < 1) time.textContent = "now";
    else if (minutes < 60) time.textContent = `${minutes} min`;
    else if (minutes < 24 * 60) time.textContent = `${Math.floor(minutes / 60)} h`;
  }
}

const list = document.querySelector("[data-newer-posts]");
if (list) followThread(list);
const pill = document.querySelector("[data-newer-threads]");
if (pill?.dataset.after) announceThreads(pill);
for (const form of document.querySelectorAll("[data-composer]")) {
  beginWriting(form);
  countWords(form);
  sendByKeyboard(form);
  replyInPlace(form);
}
tellTimes();
setInterval(tellTimes, 20000);
