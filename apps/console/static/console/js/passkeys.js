/* Whoever breaks a passkey off, or has none, is told so beside the button. */
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.querySelector("#passkey-problem")?.removeAttribute("hidden");
});
