// What this browser prefers: the colour theme it chose, and the time zone it is in. Cookies, so that the server renders
// both right at once and no page flashes.
{
  const YEAR_SECONDS = 365 * 24 * 3600;
  const remember = (name, value) => {
    document.cookie = `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax`;
  };

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) remember("fogbank-timezone", zone);

  const choose = (theme) => {
    remember("fogbank-theme", theme);
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    for (const button of document.querySelectorAll("[data-choose-theme]")) {
      button.setAttribute("aria-pressed", button.dataset.chooseTheme === theme);
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose-theme]");
    if (button) choose(button.dataset.chooseTheme);
  });
}
