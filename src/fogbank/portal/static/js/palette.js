// The palette: Ctrl-K, type a few letters, Enter. A combobox over links and buttons that also stand on the page or in
// its menus; the list comes from the server when the palette first opens.
{
  const dialog = document.getElementById("palette");
  const list = document.getElementById("palette-options");

  const options = () => [...dialog.querySelectorAll('[role="option"]')];
  const shown = () => options().filter((option) => !option.hidden);
  const selected = () => dialog.querySelector('[aria-selected="true"]');

  const select = (option) => {
    selected()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    dialog.querySelector("input").setAttribute("aria-activedescendant", option?.id ?? "");
  };

  const narrow = () => {
    const words = dialog.querySelector("input").value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const option of options()) {
      const text = option.textContent.toLowerCase();
      option.hidden = !words.every((word) => text.includes(word));
    }
    dialog.querySelector(".nothing").hidden = shown().length > 0 || !list.childElementCount;
    select(shown()[0]);
  };

  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    const input = dialog.querySelector("input");
    input.value = "";
    input.focus();
    narrow();
    if (!list.childElementCount) htmx.ajax("GET", list.dataset.source, { target: list, swap: "innerHTML" }).then(narrow);
  };

  const move = (step) => {
    const all = shown();
    if (all.length) select(all[(all.indexOf(selected()) + step + all.length) % all.length]);
  };

  if (dialog) {
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        open();
      }
    });
    document.addEventListener("click", (event) => {
      if (event.target.closest("[data-finds]")) open();
    });
    dialog.addEventListener("input", narrow);
    dialog.addEventListener("click", (event) => {
      if (event.target.closest('[role="option"]')) dialog.close();
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        move(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter") {
        event.preventDefault();
        selected()?.click();
      }
    });
  }
}
