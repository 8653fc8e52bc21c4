// Chosen colours, set before the first paint: this script stands in the head and is not deferred.
(() => {
  "use strict";
  const KEY = "halfpenny-theme";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem(KEY) || "system";
    } catch {
      return "system";
    }
  }

  function remember(theme) {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // Private windows may refuse; the choice then lasts as long as the page.
    }
  }

  function show(theme) {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    root.dataset.shown = theme === "system" ? (system.matches ? "dark" : "light") : theme;
    for (const button of document.querySelectorAll("[data-theme-set]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeSet === theme));
    }
  }

  function choose(theme) {
    remember(theme);
    show(theme);
  }

  show(chosen());
  system.addEventListener("change", () => show(chosen()));
  document.addEventListener("DOMContentLoaded", () => show(chosen()));
  document.addEventListener("click", (event) => {
    const set = event.target.closest("[data-theme-set]");
    if (set) choose(set.dataset.themeSet);
    if (event.target.closest("[data-theme-toggle]")) {
      choose(root.dataset.shown === "dark" ? "light" : "dark");
    }
  });
})();
