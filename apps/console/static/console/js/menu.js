/*
 * Menus are <details class="menu">: closed by Escape, by a click elsewhere, or when one was used.
 * One that `stays` is used several times in a row.
 */
function closeAll(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeAll(event.target.closest("details.menu")));

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("submit", (event) => {
  const menu = event.target.closest("details.menu:not(.stays)");
  if (menu) menu.open = false;
});
