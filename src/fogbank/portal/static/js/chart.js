// The chart's reading line: pointer or arrow keys pick a bar, and a tip tells what stands in its row of the table behind
// the chart. Everything is delegated, so parts that htmx swaps in just work.
{
  let reading = null; // { chart, index }

  const cells = (chart, index) => chart.querySelector(`tbody tr[data-index="${index}"]`);

  const line = (swatch, name, value, className) => {
    const item = document.createElement("li");
    const texts = [name, value].map((text) => {
      const span = document.createElement("span");
      span.textContent = text;
      return span;
    });
    if (className) item.className = className;
    item.append(...(swatch ? [swatch.cloneNode()] : []), ...texts);
    return item;
  };

  const fill = (tip, chart, row) => {
    const heads = [...chart.querySelectorAll("thead th")].slice(1);
    const lines = [...row.querySelectorAll("td")].map((cell, column) =>
      line(heads[column].querySelector(".swatch"), heads[column].textContent.trim(), cell.textContent,
        heads[column].className.includes("total") ? "total" : ""));
    const title = document.createElement("b");
    title.textContent = row.querySelector("th").textContent;
    const list = document.createElement("ul");
    const total = lines.pop();
    list.append(...lines.reverse(), total);
    tip.replaceChildren(title, list);
  };

  const place = (tip, chart, column) => {
    const card = chart.getBoundingClientRect();
    const bar = column.getBoundingClientRect();
    const area = chart.querySelector(".canvas").getBoundingClientRect();
    const middle = bar.left + bar.width / 2 - card.left;
    const right = middle + 18;
    const fits = right + tip.offsetWidth < card.width - 8;
    const left = fits ? right : middle - tip.offsetWidth - 18;
    tip.style.left = `${Math.max(8, Math.min(left, card.width - tip.offsetWidth - 8))}px`;
    tip.style.top = `${area.top - card.top + 6}px`;
  };

  const read = (chart, index) => {
    const row = cells(chart, index);
    const column = chart.querySelector(`.column[data-index="${index}"]`);
    if (!row || !column) return;
    stop();
    reading = { chart, index };
    chart.querySelector(".bars").classList.add("reading");
    column.classList.add("on");
    const tip = chart.querySelector(".tip");
    fill(tip, chart, row);
    tip.hidden = false;
    place(tip, chart, column);
  };

  const stop = () => {
    if (!reading) return;
    const { chart } = reading;
    reading = null;
    chart.querySelector(".bars")?.classList.remove("reading");
    for (const column of chart.querySelectorAll(".column.on")) column.classList.remove("on");
    const tip = chart.querySelector(".tip");
    if (tip) tip.hidden = true;
  };

  document.addEventListener("pointermove", (event) => {
    const column = event.target.closest?.(".column");
    if (column) {
      const index = Number(column.dataset.index);
      if (reading?.index !== index) read(column.closest(".chart"), index);
    } else if (reading && !reading.chart.contains(document.activeElement)) stop();
  });

  document.addEventListener("focusout", (event) => {
    if (event.target.classList?.contains("canvas")) stop();
  });

  document.addEventListener("keydown", (event) => {
    if (!event.target.classList?.contains("canvas")) return;
    const chart = event.target.closest(".chart");
    const last = chart.querySelectorAll(".column").length - 1;
    const from = reading?.index ?? last + 1;
    const to = { ArrowLeft: Math.max(0, from - 1), ArrowRight: Math.min(last, from + 1), Home: 0, End: last }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      read(chart, to);
    } else if (event.key === "Escape") stop();
  });

  // New figures came while somebody was reading: stay on the same bar.
  document.addEventListener("htmx:after:swap", () => {
    if (!reading) return;
    const { chart, index } = reading;
    if (chart.isConnected) read(chart, index);
    else reading = null;
  });
}
