// Toasts leave after six seconds, stay under the pointer or the focus, and can be closed.
(() => {
  "use strict";
  const STAY = 6000;
  const place = () => document.getElementById("toasts");

  function start(toast) {
    let timer = null;
    const leave = () => toast.remove();
    const run = () => {
      clearTimeout(timer);
      timer = setTimeout(leave, STAY);
    };
    const hold = () => clearTimeout(timer);
    toast.addEventListener("pointerenter", hold);
    toast.addEventListener("pointerleave", run);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("focusout", run);
    toast.querySelector("[data-toast-close]")?.addEventListener("click", leave);
    run();
  }

  function say(words) {
    const model = document.getElementById("toast-model");
    if (!model || !place()) return;
    const toast = model.content.firstElementChild.cloneNode(true);
    toast.querySelector("[data-toast-words]").textContent = words;
    place().append(toast);
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (!place()) return;
    place().querySelectorAll(".toast").forEach(start);
    new MutationObserver((changes) => {
      for (const change of changes) {
        for (const node of change.addedNodes) {
          if (node instanceof HTMLElement && node.matches(".toast")) start(node);
        }
      }
    }).observe(place(), { childList: true });
  });

  // Live parts fail quietly and the closed panel has its bar: connection.js says both.
  document.addEventListener("htmx:responseError", (event) => {
    const { elt, xhr } = event.detail;
    const status = xhr.status;
    if (status === 503 || elt.matches("[hx-trigger*='every ']")) return;
    if (status === 403 && xhr.responseText.includes("data-open-too-long")) {
      say(gettext("This page was open for too long. Nothing was changed; reload it and press again."));
    } else if (status === 429) say(gettext("Too many at once. Wait a moment and press again."));
    else if (status === 403) say(gettext("This is not yours to do. Nothing was changed."));
    else if (status === 404) say(gettext("This is not there any more. Reload the page."));
    else say(gettext("Something broke on our side. Look at the page again before you press once more."));
  });
})();
