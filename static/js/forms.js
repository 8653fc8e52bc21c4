// Forms: a submitted one waits, an error takes the focus to the first bad field.
(() => {
  "use strict";

  const byHtmx = (form) => form.matches("[hx-post], [hx-get], [hx-put], [hx-delete], [data-hx-post]");

  function wait(form, submitter) {
    form.dataset.waiting = "";
    const button = submitter || form.querySelector(".btn.pri, [type=submit], button:not([type])");
    if (!button || button.classList.contains("waiting")) return;
    button.classList.add("waiting");
    button.setAttribute("aria-busy", "true");
    const spin = document.createElement("span");
    spin.className = "spin";
    button.prepend(spin);
  }

  function ready(form) {
    delete form.dataset.waiting;
    // Its buttons may stand elsewhere on the page.
    for (const button of [...form.elements].filter((each) => each.matches(".waiting"))) {
      button.classList.remove("waiting");
      button.removeAttribute("aria-busy");
      button.querySelector(".spin")?.remove();
    }
  }

  function focusBad(root) {
    const bad = root.querySelector("[aria-invalid=true]");
    if (bad?.checkVisibility()) bad.focus();
    return Boolean(bad);
  }

  // Before everyone else: a second press of a form that is under way goes nowhere.
  document.addEventListener("submit", (event) => {
    if ("waiting" in event.target.dataset) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || byHtmx(form) || form.method === "dialog") return;
    if (form.method === "post") setTimeout(() => wait(form, event.submitter), 0);
  });

  // Coming back with the back button: the page is as it was left, the button is not.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-waiting]")) ready(form);
  });

  const submitted = (event) => event.detail.requestConfig?.triggeringEvent?.type === "submit";

  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt;
    if (submitted(event) && form instanceof HTMLFormElement) {
      wait(form, event.detail.requestConfig.triggeringEvent.submitter);
    }
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (!submitted(event) || !(form instanceof HTMLFormElement)) return;
    // A page that is about to be replaced keeps its button waiting.
    const leaves = event.detail.xhr?.getResponseHeader("HX-Redirect");
    if (!leaves) ready(form);
  });

  // htmx brings the focus back to the same id; where that is gone, it must not fall to the page.
  let held = null;

  document.addEventListener("htmx:beforeSwap", (event) => {
    const active = document.activeElement;
    held = event.detail.target.contains(active) ? active.getAttribute("name") : null;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const target = document.getElementById(event.detail.target.id) || event.detail.elt;
    if (submitted(event) && focusBad(target)) return;
    if (held && document.activeElement === document.body) {
      target.querySelector(`[name="${CSS.escape(held)}"]`)?.focus();
    }
    held = null;
  });

  document.addEventListener("DOMContentLoaded", () => focusBad(document));
})();
