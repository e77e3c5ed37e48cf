// The bell: how many notices are unread, as the stream tells it, and a panel that is fetched whenever it opens.
{
  const bell = document.getElementById("bell");
  const panel = document.getElementById("bell-panel");
  const said = document.getElementById("said");

  const show = ({ text, label }) => {
    const summary = bell.querySelector("summary");
    if (summary.getAttribute("aria-label") === label) return;
    summary.setAttribute("aria-label", label);
    summary.querySelector(".count").textContent = text;
    const known = panel.querySelector("[data-unread]");
    if (known) Object.assign(known.dataset, { unread: text, unreadLabel: label });
  };

  const fetchPanel = () => { if (bell.open) htmx.trigger(panel, "bell-opened"); };

  if (bell) {
    bell.addEventListener("toggle", fetchPanel);

    document.getElementById("stream").addEventListener("notices-changed", (event) => {
      const news = JSON.parse(event.detail.data);
      show(news);
      if (news.text) said.textContent = news.label;
      fetchPanel();
    });

    // The panel says how many are unread, so that the bell follows at once what is done in it.
    document.addEventListener("htmx:after:swap", () => {
      const known = panel.querySelector("[data-unread]");
      if (known) show({ text: known.dataset.unread, label: known.dataset.unreadLabel });
      if (bell.open && document.activeElement === document.body) bell.querySelector("summary").focus();
    });
  }
}
