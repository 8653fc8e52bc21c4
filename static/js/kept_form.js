// A session that ends while somebody types: the tab keeps the form, and gives it back to the same
// person after the sign-in. It is kept nowhere else, and goes when the tab is closed.
(() => {
  "use strict";

  const KEY = "halfpenny:kept-form";
  const form = () => document.querySelector("form[data-keeps]");

  function keep() {
    const kept = form();
    if (!kept) return;
    const values = [...new FormData(kept)].filter(([name]) => !["csrfmiddlewaretoken", "act"].includes(name));
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ whose: kept.dataset.keeps, values }));
    } catch {
      // No room, or not allowed: the form is still on the page.
    }
  }

  function giveBack() {
    const target = form();
    const text = target && sessionStorage.getItem(KEY);
    if (!text) return;
    sessionStorage.removeItem(KEY);
    const { whose, values } = JSON.parse(text);
    if (whose !== target.dataset.keeps) return;
    htmx.ajax("POST", target.action, { target, swap: "outerHTML", values: Object.fromEntries(values) });
  }

  document.addEventListener("signed-out", keep);
  document.addEventListener("DOMContentLoaded", giveBack);
})();
