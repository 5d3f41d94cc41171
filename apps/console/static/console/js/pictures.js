/*
 * A picture pasted into the reply, or dropped on the composer, is added as if it had been chosen.
 */
const isPicture = (file) => file.type.startsWith("image/");

function add(files) {
  const field = document.getElementById("picture");
  const pictures = [...files].filter(isPicture);
  if (!field || pictures.length === 0) return false;
  const chosen = new DataTransfer();
  for (const picture of pictures) chosen.items.add(picture);
  field.files = chosen.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

document.addEventListener("paste", (event) => {
  if (event.target.id === "reply-text" && add(event.clipboardData.files)) event.preventDefault();
});
document.addEventListener("dragover", (event) => {
  if (event.target.closest?.("#composer")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  if (event.target.closest?.("#composer") && add(event.dataTransfer.files)) event.preventDefault();
});

/* The next thing to say is what it shows. */
document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx?.sourceElement?.id !== "attach") return;
  document.getElementById("picture").value = "";
  const undescribed = [...document.querySelectorAll("#pictures input")].find((one) => !one.value);
  undescribed?.focus();
});
