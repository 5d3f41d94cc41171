/*
 * Promises: words selected in a reply or a note become one, by the button at the message or by a
 * key. The desk guesses when it is due; a person confirms.
 */
const dialog = () => document.getElementById("pledge");

function selectedIn(message) {
  const selection = getSelection();
  if (selection.isCollapsed || !message.contains(selection.anchorNode)) return "";
  return message.contains(selection.focusNode) ? selection.toString().trim() : "";
}

async function ask(message) {
  const words = selectedIn(message.querySelector(".text"));
  const address = `${message.querySelector("[data-pledge]").dataset.pledge}?${new URLSearchParams({ words })}`;
  const response = await fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!response.ok || !dialog()) return;
  dialog().innerHTML = await response.text();
  htmx.process(dialog());
  dialog().showModal();
  dialog().querySelector("input[name='due_at']").focus();
}

/* By key: where words are selected, else our newest message or note. */
function byKey() {
  const anchor = getSelection().anchorNode;
  const at = (anchor?.nodeType === Node.TEXT_NODE ? anchor.parentElement : anchor)?.closest?.(".message");
  const ours = [...document.querySelectorAll("#story .message:has([data-pledge])")];
  const message = at?.querySelector("[data-pledge]") ? at : ours.at(-1);
  if (message) ask(message);
}

/* A press would take the selection away before the click comes. */
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("[data-pledge]")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pledge]");
  if (button) ask(button.closest(".message"));
  if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog").close();
});

document.body.addEventListener("desk:promise", byKey);
document.body.addEventListener("desk:pledged", () => dialog()?.close());
