// Keys. What they do stands in the dialog that "?" opens; a press while typing is only typing.
(() => {
  "use strict";

  const GO = 1200; // ms in which the second key of "g o" has to follow
  let going = 0;

  function typing(target) {
    return target.closest?.("input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable]");
  }

  function visible(selector) {
    return [...document.querySelectorAll(selector)].find((el) => el.checkVisibility());
  }

  function submit(target) {
    const form = target.closest("form[data-hotkey-submit]") || visible("form[data-hotkey-submit]");
    if (!form) return false;
    const buttons = "button:not([type]), [type=submit]";
    const button = form.querySelector(`.pri:is(${buttons})`) || form.querySelector(buttons);
    // A click, not requestSubmit: htmx tells the server only of a button that was clicked.
    if (button) button.click();
    else form.requestSubmit();
    return true;
  }

  function search() {
    const field = visible("[data-hotkey-search]") || visible("main input[type=search]");
    field?.focus();
    field?.select();
    return Boolean(field);
  }

  function choose(digit) {
    const radios = visible("[data-hotkey-choices]")?.querySelectorAll("input[type=radio]:enabled");
    const radio = radios?.[digit - 1];
    radio?.focus();
    radio?.click();
    return Boolean(radio);
  }

  function follow(key) {
    const link = document.querySelector(`a[data-key="${CSS.escape(key)}"]`);
    link?.click();
    return Boolean(link);
  }

  function explain() {
    const dialog = document.getElementById("keys");
    dialog?.showModal();
    return Boolean(dialog);
  }

  function done(key) {
    if (Date.now() - going < GO) {
      going = 0;
      return follow(`g ${key}`);
    }
    if (key === "g") {
      going = Date.now();
      return Boolean(document.querySelector("a[data-key^='g ']"));
    }
    if (key === "/") return search();
    if (key === "?") return explain();
    if (/^[1-9]$/.test(key)) return choose(Number(key));
    return follow(key);
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) explain();
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      if (submit(event.target)) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key.length === 1 && done(event.key)) event.preventDefault();
  });
})();
