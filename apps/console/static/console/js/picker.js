/*
 * Menus to choose several from: typing narrows them, Enter chooses the first that is left, arrows
 * walk. The list may be drawn anew while one is open; what was typed goes on narrowing it.
 */
const picks = (picker) => [...picker.querySelectorAll(".pick")];
const left = (picker) => picks(picker).filter((pick) => !pick.hidden);

function narrow(filter) {
  const wanted = filter.value.trim().toLocaleLowerCase();
  const picker = filter.closest(".picker");
  for (const pick of picks(picker)) {
    pick.hidden = !pick.textContent.toLocaleLowerCase().includes(wanted);
  }
  picker.querySelector(".none").hidden = left(picker).length > 0;
}

function choose(filter) {
  const [first] = left(filter.closest(".picker"));
  if (!first || !filter.value.trim()) return;
  first.click();
  filter.select();
}

function walk(picker, step) {
  const stops = [picker.querySelector("[data-filters]"), ...left(picker)];
  const here = stops.indexOf(document.activeElement);
  stops[Math.min(Math.max(here + step, 0), stops.length - 1)].focus();
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-filters]")) narrow(event.target);
});

document.addEventListener("keydown", (event) => {
  const picker = event.target.closest?.(".picker");
  if (!picker?.querySelector("[data-filters]")) return;
  if (event.key === "Enter" && event.target.matches("[data-filters]")) {
    event.preventDefault();
    choose(event.target);
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    walk(picker, event.key === "ArrowDown" ? 1 : -1);
  }
});

document.addEventListener("htmx:after:swap", () => {
  for (const filter of document.querySelectorAll("[data-filters]")) {
    if (filter.value) narrow(filter);
  }
});
