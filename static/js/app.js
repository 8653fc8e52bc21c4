// Keys, dialogs, copy buttons, the connection. Everything here helps; no page depends on it.
(() => {
  "use strict";

  // Keys: "/" searches, Ctrl+Enter submits, 1 2 3 choose.

  function typing(target) {
    return target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
  }

  function visible(selector) {
    return [...document.querySelectorAll(selector)].find((el) => el.checkVisibility());
  }

  function choose(digit) {
    const radios = visible("[data-hotkey-choices]")?.querySelectorAll("input[type=radio]:enabled");
    const radio = radios?.[digit - 1];
    if (!radio) return false;
    radio.focus();
    radio.click();
    return true;
  }

  function press(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form[data-hotkey-submit]") || visible("form[data-hotkey-submit]");
      if (!form) return;
      event.preventDefault();
      const buttons = "button:not([type]), [type=submit]";
      const button = form.querySelector(`.pri:is(${buttons})`) || form.querySelector(buttons);
      // A click, not requestSubmit: htmx tells the server only of a button that was clicked.
      if (button) button.click();
      else form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      const search = visible("[data-hotkey-search]");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    } else if (/^[1-9]$/.test(event.key) && choose(Number(event.key))) {
      event.preventDefault();
    }
  }

  document.addEventListener("keydown", press);

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

  // The connection: a bar while it is lost. What was under way may have arrived all the same.

  function lost(is, sent = false) {
    const bar = document.getElementById("lost");
    if (!bar) return;
    bar.hidden = !is;
    for (const words of bar.querySelectorAll("[data-lost]")) {
      words.hidden = (words.dataset.lost === "sent") !== sent;
    }
  }

  function broke(event) {
    lost(true, event.detail.requestConfig?.verb !== "get");
  }

  window.addEventListener("offline", () => lost(true));
  window.addEventListener("online", () => lost(false));
  document.addEventListener("htmx:sendError", broke);
  document.addEventListener("htmx:timeout", broke);
  document.addEventListener("htmx:afterOnLoad", () => lost(false));
})();
