// Menus: floating panels that close when one looks elsewhere, and the dialogs that hold the focus until they close.
{
  const closeDrops = (except) => {
    for (const drop of document.querySelectorAll("details.drop[open]")) if (drop !== except) drop.open = false;
  };

  document.addEventListener("click", (event) => {
    closeDrops(event.target.closest("details.drop"));
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    const dialog = event.target.closest("dialog[open]");
    if (dialog && (event.target === dialog || event.target.closest("[data-closes]"))) dialog.close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const drop = document.querySelector("details.drop[open]");
    closeDrops();
    drop?.querySelector("summary").focus();
  });

  // A modal dialog lets Tab leave to the browser's own bar; in ours it goes round.
  document.addEventListener("keydown", (event) => {
    const dialog = event.key === "Tab" && event.target.closest("dialog[open]");
    if (!dialog) return;
    const stops = [...dialog.querySelectorAll("a[href], button, input, summary")].filter((stop) => stop.offsetParent);
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0]).focus();
  });
}
