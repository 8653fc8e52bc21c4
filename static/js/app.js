// Dialogs and copy buttons. Everything here helps; no page depends on it.
(() => {
  "use strict";

  // Dialogs: data-dialog="#id" opens, data-close or a press beside it closes.

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      event.preventDefault();
      document.querySelector(opener.dataset.dialog)?.showModal();
    }
    if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
    if (event.target instanceof HTMLDialogElement) event.target.close();
  });

  // What scrolls by itself is within reach of the keyboard, in browsers that do not see to it.

  function reach() {
    for (const box of document.querySelectorAll(".tw, code.answer, .raw")) {
      const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
      if (!scrolls || box.hasAttribute("tabindex")) continue;
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      const title = box.closest("section, .card")?.querySelector("h2, h3");
      box.setAttribute("aria-label", title ? `${title.textContent.trim()}, scrolls` : "Scrolls");
    }
  }

  document.addEventListener("DOMContentLoaded", reach);
  document.addEventListener("htmx:afterSettle", reach);
  window.addEventListener("resize", reach);

  // Copy: data-copy="the text", or "#id" of what holds it.

  function copied(button) {
    const words = button.querySelector("[data-copy-words]") || button;
    if (!words.dataset.before) words.dataset.before = words.innerHTML;
    words.textContent = "Copied";
    setTimeout(() => {
      words.innerHTML = words.dataset.before;
    }, 1600);
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const wanted = button.dataset.copy;
    const source = wanted.startsWith("#") ? document.querySelector(wanted) : null;
    const text = source ? (source.value ?? source.textContent).trim() : wanted;
    try {
      await navigator.clipboard.writeText(text);
      copied(button);
    } catch {
      window.prompt("Copy this:", text);
    }
  });
})();
