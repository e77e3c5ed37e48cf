// Live figures. The stream sends finished texts by name; when costs moved, it says so, and the parts that show costs
// fetch themselves again (htmx: hx-trigger="cost-changed from:body").
{
  const stream = document.getElementById("stream");
  const pulse = document.getElementById("pulse");
  const said = document.getElementById("said");

  const show = (state, label) => {
    if (!pulse || pulse.dataset.state === state) return;
    pulse.dataset.state = state;
    pulse.querySelector("b").textContent = label;
  };

  const put = (element, text) => {
    if (element.textContent === text) return;
    element.textContent = text;
    const value = element.closest(".value");
    if (!value) return;
    value.classList.remove("changed");
    void value.offsetWidth; // begins the animation anew
    value.classList.add("changed");
  };

  if (stream) {
    stream.addEventListener("figures", (event) => {
      for (const [name, text] of Object.entries(JSON.parse(event.detail.data))) {
        for (const element of document.querySelectorAll(`[data-live="${name}"]`)) put(element, text);
      }
    });
    stream.addEventListener("said", (event) => { said.textContent = event.detail.data; });
    stream.addEventListener("signed-out", () => location.reload());
    for (const name of ["htmx:after:sse:connection", "htmx:before:sse:message"]) {
      stream.addEventListener(name, () => show("live", "Live"));
    }
    for (const name of ["htmx:sse:error", "htmx:sse:close"]) {
      stream.addEventListener(name, () => show("lost", "Reconnecting"));
    }
  }
}
