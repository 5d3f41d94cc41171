/*
 * A list of facts that opens at a `;` in a reply.
 * Arrows choose, Enter or Tab inserts, Escape closes. The options come from the server when first
 * needed; each says in data-insert what it inserts.
 */
const SIGNS = { "reply-text": ";" };
const MOST = 8;

let options = {}; // by address
let begins = 0; // where the sign stands in the text

const list = () => document.getElementById("completions");
const isOpen = () => !list()?.hidden && list()?.children.length > 0;

async function optionsOf(textarea) {
  const address = textarea.dataset.options;
  options[address] ??= fetch(address, { headers: { "Desk-Background": "yes" } })
    .then((answer) => (answer.ok ? answer.text() : ""))
    .catch(() => "");
  const fresh = document.createElement("template");
  fresh.innerHTML = await options[address];
  if (!fresh.content.children.length) delete options[address];
  return [...fresh.content.children];
}

/* What was typed after the sign, or null where there is none to complete. */
function asked(textarea) {
  const sign = SIGNS[textarea.id];
  const before = textarea.value.slice(0, textarea.selectionEnd);
  const at = before.lastIndexOf(sign);
  if (at < 0 || (at > 0 && !/[\s(]/.test(before[at - 1]))) return null;
  const words = before.slice(at + 1);
  if (!/^[\p{L}\p{N}-]*( [\p{L}\p{N}-]*)?$/u.test(words) || words.length > 40) return null;
  begins = at;
  return words.toLowerCase();
}

async function look(textarea) {
  const words = asked(textarea);
  if (words === null) return close(textarea);
  const all = await optionsOf(textarea);
  if (asked(textarea) !== words || document.activeElement !== textarea) return;
  const named = all.filter((option) => option.dataset.name.startsWith(words));
  const other = all.filter(
    (option) => !named.includes(option) && option.textContent.toLowerCase().includes(words),
  );
  const found = [...named, ...(words.includes(" ") ? [] : other)].slice(0, MOST);
  list().replaceChildren(...found.map((option) => option.cloneNode(true)));
  list().hidden = found.length === 0;
  if (found.length === 0) return close(textarea);
  textarea.setAttribute("aria-controls", "completions");
  choose(textarea, 0);
}

function choose(textarea, index) {
  const shown = [...list().children];
  const chosen = shown[(index + shown.length) % shown.length];
  for (const option of shown) option.setAttribute("aria-selected", String(option === chosen));
  textarea.setAttribute("aria-activedescendant", chosen.id);
  chosen.scrollIntoView({ block: "nearest" });
}

function close(textarea) {
  if (!list()) return;
  list().hidden = true;
  textarea?.removeAttribute("aria-activedescendant");
  textarea?.removeAttribute("aria-controls");
}

function insert(textarea, option) {
  if (!option.dataset.insert) return close(textarea);
  const words = `${option.dataset.insert} `;
  textarea.setRangeText(words, begins, textarea.selectionEnd, "end");
  close(textarea);
  textarea.dispatchEvent(new Event("input", { bubbles: true }));
  close(textarea);
}

const chosenIndex = () =>
  [...list().children].findIndex((option) => option.getAttribute("aria-selected") === "true");

document.addEventListener("input", ({ target }) => {
  if (target.id in SIGNS) look(target);
});

/* Before the composer's own keys: capture. */
document.addEventListener(
  "keydown",
  (event) => {
    const textarea = event.target;
    if (!(textarea.id in SIGNS) || !isOpen() || event.isComposing) return;
    if (event.metaKey || event.ctrlKey) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) choose(textarea, chosenIndex() + steps[event.key]);
    else if (event.key === "Enter" || event.key === "Tab") insert(textarea, list().children[chosenIndex()]);
    else if (event.key === "Escape") close(textarea);
    else return;
    event.preventDefault();
    event.stopPropagation();
  },
  { capture: true },
);

/* Pressing must not take the focus, or leaving the field would close the list first. */
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest("#completions [role='option']");
  if (!option) return;
  event.preventDefault();
  insert(document.activeElement, option);
});

document.addEventListener("focusout", ({ target }) => {
  if (target.id in SIGNS) close(target);
});

document.addEventListener("click", ({ target }) => {
  if (!target.closest("#facts")) return;
  const textarea = document.getElementById("reply-text");
  const { selectionEnd, value } = textarea;
  textarea.focus();
  const gap = selectionEnd > 0 && !/\s/.test(value[selectionEnd - 1]) ? " ;" : ";";
  textarea.setRangeText(gap, selectionEnd, selectionEnd, "end");
  textarea.dispatchEvent(new Event("input", { bubbles: true }));
});
