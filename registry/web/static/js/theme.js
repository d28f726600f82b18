// Light, dark, or as the device says. The choice stays in this browser; without script the device decides.
// The one script that is not a module: it runs before the first paint, so that nothing flashes.

(() => {
  const KEY = "markdna-theme";
  const root = document.documentElement;
  const given = root.dataset.theme ?? "";

  function stored() {
    try {
      return localStorage.getItem(KEY) ?? "";
    } catch {
      return ""; // Storage is forbidden in some private windows; the device's theme is fine then.
    }
  }

  function apply(theme) {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-value]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeValue === theme));
    }
  }

  function choose(theme) {
    try {
      if (theme) localStorage.setItem(KEY, theme);
      else localStorage.removeItem(KEY);
    } catch {
      // The choice then holds for this page only.
    }
    apply(theme);
  }

  apply(given || stored());
  document.addEventListener("DOMContentLoaded", () => {
    apply(root.dataset.theme ?? "");
    for (const choice of document.querySelectorAll("[data-theme-choice]")) {
      choice.hidden = false;
      choice.addEventListener("click", (event) => {
        const button = event.target.closest("[data-theme-value]");
        if (button) choose(button.dataset.themeValue);
      });
    }
  });
})();
