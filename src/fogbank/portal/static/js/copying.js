// What is shown once can be copied and printed. The buttons are there only where that works.
{
  for (const button of document.querySelectorAll("[data-copies]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copies);
      const lines = [...source.querySelectorAll("code")].map((code) => code.textContent);
      await navigator.clipboard.writeText(lines.join("\n") || source.textContent);
      button.querySelector("span").textContent = "Copied";
      document.getElementById("said").textContent = "Copied";
    });
  }
  for (const button of document.querySelectorAll("[data-prints]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}
