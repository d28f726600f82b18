// A button that copies the field it names. Without script the button is not there and the field is copied by hand.

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const said = button.querySelector("span");
  const label = said.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // Where the clipboard is closed to pages (no https), the older command copies what is selected.
      if (!document.execCommand("copy")) return;
    }
    said.textContent = button.dataset.copied;
    setTimeout(() => (said.textContent = label), 4000);
  });
  field.addEventListener("focus", () => field.select());
}
