/*
 * The palette (⌘K): everything one can go to or do from here, by typing a part of its name; #number
 * jumps to a conversation, a name finds customers. What it offers is what the page holds: links with
 * data-go or data-view, and controls that are there now.
 */
const PAUSE = 150;
const DONE = [
  ["Take next", "#take-next", "space"],
  ["Take it", "#take", "m"],
  ["Reply", () => press("r"), "r", "#composer"],
  ["Note for colleagues", () => press("n"), "n", "#composer"],
  ["Assign", () => press("a"), "a", "#assign-menu"],
  ["Snooze", () => press("s"), "s", "#snooze-menu"],
  ["Tag", () => press("t"), "t", "#tag-menu"],
  ["Priority", () => openMenu("#priority-menu"), "p", "#priority-menu"],
  ["Resolve", () => press("e"), "e", "#resolve, #resolve-menu"],
  ["Undo", "[data-undo='back']:not([hidden])", "u"],
  ["Keep what would go back", "#keep", "⇧K"],
  ["Search", () => document.getElementById("search")?.focus(), "/", "#search"],
  ["Filter the list", "#filter", "⇧F"],
  ["Select conversations", "#select", "x"],
  ["I am on", "[data-presence='on']", "p o"],
  ["I am away", "[data-presence='away']", "p a"],
  ["I am off", "[data-presence='off']", "p f"],
  ["Light or dark", "[data-switch-theme]", ""],
  ["Keyboard", "[data-help]", "?"],
];

const dialog = () => document.getElementById("palette");
const input = () => document.getElementById("palette-input");
const options = () => document.getElementById("palette-options");

const press = (key) => window.dispatchEvent(new KeyboardEvent("keydown", { key, code: `Key${key.toUpperCase()}` }));

function openMenu(selector) {
  const menu = document.querySelector(selector);
  menu.open = true;
  menu.querySelector(".sheet button")?.focus();
}

function places() {
  const seen = new Set();
  return [...document.querySelectorAll("[data-go][href], [data-view]")]
    .filter((link) => !seen.has(link.href) && seen.add(link.href))
    .map((link) => ({
      label: `Go to ${label(link)}`,
      keys: link.title.match(/\((.+)\)/)?.[1] ?? "",
      run: () => link.click(),
    }));
}

const label = (link) => (link.querySelector("bdi, span") ?? link).textContent.replace(/\d+\+?\s*$/, "").trim();

function actions() {
  return DONE.filter(([, run, , needs]) => document.querySelector(needs ?? run)).map(
    ([name, run, keys]) => ({
      label: name,
      keys,
      run: typeof run === "string" ? () => document.querySelector(run).click() : run,
    }),
  );
}

/* Every word typed must be a part of the name; those whose words begin with it come first. */
const has = (name, typed) => typed.split(/\s+/).every((word) => name.includes(word));
const begins = (name, typed) => typed.split(/\s+/).every((word) => ` ${name}`.includes(` ${word}`));

function fitting(all, typed) {
  const named = all.map((one) => [one.label.toLowerCase(), one]).filter(([name]) => has(name, typed));
  const first = named.filter(([name]) => begins(name, typed));
  return [...first, ...named.filter((one) => !first.includes(one))].map(([, one]) => one);
}

let offered = [];

function offer() {
  const typed = input().value.trim().toLowerCase();
  offered = fitting([...actions(), ...places()], typed);
  options().replaceChildren(...offered.map(drawn));
  choose(0);
}

function drawn({ label: name, keys }, index) {
  const option = document.createElement("div");
  option.id = `palette-${index}`;
  option.className = "option";
  option.setAttribute("role", "option");
  const text = document.createElement("span");
  text.textContent = name;
  option.append(text);
  if (keys) {
    const key = document.createElement("kbd");
    key.textContent = keys;
    option.append(key);
  }
  return option;
}

const all = () => [...options().querySelectorAll("[role='option']")];

function choose(index) {
  const there = all();
  if (!there.length) return input().removeAttribute("aria-activedescendant");
  const place = (index + there.length) % there.length;
  there.forEach((option, number) => option.setAttribute("aria-selected", String(number === place)));
  input().setAttribute("aria-activedescendant", there[place].id);
  there[place].scrollIntoView({ block: "nearest" });
}

const current = () => all().findIndex((option) => option.getAttribute("aria-selected") === "true");

let timer = 0;

function find() {
  clearTimeout(timer);
  const typed = input().value.trim();
  if (typed.length < 2 && !/^#?\d+$/.test(typed)) return;
  timer = setTimeout(async () => {
    const headers = { "HX-Request": "true" };
    const url = `${dialog().dataset.url}?q=${encodeURIComponent(typed)}`;
    const answer = await fetch(url, { headers }).catch(() => null);
    if (!answer?.ok || input().value.trim() !== typed) return;
    const found = document.createElement("template");
    found.innerHTML = await answer.text();
    options().append(found.content);
    if (current() < 0) choose(0);
  }, PAUSE);
}

function run(option) {
  const index = offered.findIndex((_, number) => option.id === `palette-${number}`);
  dialog().close();
  if (option.matches("a")) option.click();
  else offered[index]?.run();
}

export function openPalette() {
  if (!dialog() || dialog().open) return;
  dialog().showModal();
  input().value = "";
  offer();
}

document.addEventListener("input", (event) => {
  if (event.target !== input()) return;
  offer();
  find();
});

document.addEventListener("keydown", (event) => {
  if (event.target !== input()) return;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) choose(current() + steps[event.key]);
  else if (event.key === "Enter" && current() >= 0) run(all()[current()]);
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const option = event.target.closest("#palette-options [role='option']");
  if (!option || option.matches("a")) return;
  run(option);
});
