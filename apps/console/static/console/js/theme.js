/*
 * Light or dark, shown at once and kept by the desk, so that every page is drawn right from its
 * first byte on. The cookie is for pages where nobody is signed in.
 */
const YEAR = 60 * 60 * 24 * 365;

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-switch-theme]")) return;
  const root = document.documentElement;
  const shown = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const theme = shown === "dark" ? "light" : "dark";
  root.dataset.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR}; samesite=lax`;
  const headers = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
  const body = new URLSearchParams({ theme });
  fetch(document.body.dataset.themeUrl, { method: "POST", headers, body, keepalive: true }).catch(() => {});
  document.dispatchEvent(new CustomEvent("desk:theme"));
});
