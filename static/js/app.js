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

  // A dialog that HTMX brought opens by itself.

  document.addEventListener("htmx:afterSettle", () => {
    const brought = document.querySelector("dialog[data-brought]:not([open])");
    if (!brought) return;
    brought.removeAttribute("data-brought");
    brought.showModal();
  });

  // What scrolls by itself is within reach of the keyboard, in browsers that do not see to it.

  function reach() {
    for (const box of document.querySelectorAll(".tw, code.answer, .raw")) {
      const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
      if (!scrolls || box.hasAttribute("tabindex")) continue;
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      const title = box.closest("section, .card")?.querySelector("h2, h3");
      const named = { title: title?.textContent.trim() };
      const words = title ? interpolate(gettext("%(title)s, scrolls"), named, true) : gettext("Scrolls");
      box.setAttribute("aria-label", words);
    }
  }

  document.addEventListener("DOMContentLoaded", reach);
  document.addEventListener("htmx:afterSettle", reach);
  window.addEventListener("resize", reach);

  // The way back to a list leads to what was chosen there: its tab, filters, search and page. Kept
  // by the browser for this tab alone; the menu begins anew.

  function key(path) {
    return `list:${path}`;
  }

  window.addEventListener("pagehide", () => {
    if (document.querySelector("span.crumbs")) sessionStorage.setItem(key(location.pathname), location.search);
  });
  document.addEventListener("DOMContentLoaded", () => {
    for (const link of document.querySelectorAll("nav.crumbs a:not([href*='?'])")) {
      link.search = sessionStorage.getItem(key(link.pathname)) ?? "";
    }
  });

  // A row of tabs that is wider than its page shows the one that is chosen.

  function showChosen() {
    for (const tab of document.querySelectorAll(".tabs > [aria-current], .seg > [aria-current]")) {
      const row = tab.parentElement;
      if (row.scrollWidth > row.clientWidth) {
        row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
      }
    }
  }

  document.addEventListener("DOMContentLoaded", showChosen);
  document.addEventListener("htmx:afterSettle", showChosen);

  // Copy: data-copy="the text", or "#id" of what holds it.

  function copied(button) {
    const words = button.querySelector("[data-copy-words]") || button;
    if (!words.dataset.before) words.dataset.before = words.innerHTML;
    words.textContent = gettext("Copied");
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
      window.prompt(gettext("Copy this:"), text);
    }
  });
})();
