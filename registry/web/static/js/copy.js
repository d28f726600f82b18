// A button that copies the field it names. Without script the button is not there and the field is copied by hand.

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const shown = button.querySelector("span");
  const label = shown.textContent;
  // A screen reader is told beside the button: a change of its own name is read late, twice or not at all.
  const told = button.parentElement.querySelector("[aria-live]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // Where the clipboard is closed to pages (no https), the older command copies what is selected.
      if (!document.execCommand("copy")) return;
    }
    shown.textContent = told.textContent = button.dataset.copied;
    setTimeout(() => {
      shown.textContent = label;
      told.textContent = "";
    }, 4000);
  });
  field.addEventListener("focus", () => field.select());
}
