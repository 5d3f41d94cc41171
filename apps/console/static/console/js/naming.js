/*
 * Naming colleagues in a note: after an @ their names are offered, as far as they go on with what is
 * typed. Up and down move, Enter or Tab takes one, Escape leaves it as it is.
 */
const BEFORE_CARET = /(?:^|[^\p{L}\p{N}.])@([\p{L}\p{M}][^@\n]{0,40})?$/u;
const MOST = 6;

let chosen = 0;

const list = () => document.getElementById("names");
const isOpen = () => list() && !list().hidden;

function typed(textarea) {
  if (textarea.selectionStart !== textarea.selectionEnd) return null;
  const found = textarea.value.slice(0, textarea.selectionEnd).match(BEFORE_CARET);
  return found && (found[1] ?? "");
}

function fitting(part) {
  const sought = part.toLocaleLowerCase();
  return [...list().children].filter((name) => {
    const spoken = name.textContent.toLocaleLowerCase();
    return spoken.split(" ").some((_, n, words) => words.slice(n).join(" ").startsWith(sought));
  });
}

function offer(textarea) {
  const part = typed(textarea);
  const found = part === null ? [] : fitting(part).slice(0, MOST);
  for (const name of list().children) name.hidden = !found.includes(name);
  list().hidden = !found.length;
  choose(textarea, 0);
}

function choose(textarea, place) {
  const shown = [...list().children].filter((name) => !name.hidden);
  chosen = shown.length ? (place + shown.length) % shown.length : 0;
  shown.forEach((name, n) => name.setAttribute("aria-selected", String(n === chosen)));
  if (shown.length) textarea.setAttribute("aria-activedescendant", shown[chosen].id);
  else textarea.removeAttribute("aria-activedescendant");
}

function close(textarea) {
  list().hidden = true;
  textarea.removeAttribute("aria-activedescendant");
}

function take(textarea, name) {
  const end = textarea.selectionEnd;
  textarea.setRangeText(`${name.textContent} `, end - typed(textarea).length, end, "end");
  close(textarea);
  textarea.focus();
}

document.addEventListener("input", ({ target }) => {
  if (target.id === "note-text" && list()) offer(target);
});

document.addEventListener(
  "keydown",
  (event) => {
    if (event.target.id !== "note-text" || !isOpen() || event.isComposing) return;
    const shown = [...list().children].filter((name) => !name.hidden);
    if (event.key === "ArrowDown") choose(event.target, chosen + 1);
    else if (event.key === "ArrowUp") choose(event.target, chosen - 1);
    else if (event.key === "Escape") close(event.target);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey) {
      take(event.target, shown[chosen]);
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  { capture: true },
);

// Before the textarea loses the focus to it.
document.addEventListener("pointerdown", (event) => {
  const name = event.target.closest?.("#names > *");
  if (!name) return;
  event.preventDefault();
  take(document.getElementById("note-text"), name);
});

document.addEventListener("focusout", ({ target }) => {
  if (target.id === "note-text" && list()) close(target);
});
