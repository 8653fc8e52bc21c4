// A decision: the button names the chosen act, with the id that was typed; typing chooses.
(() => {
  "use strict";

  const chosen = (form) => form.querySelector("input[type=radio][name=decision]:checked");
  const typedWith = (radio) => document.getElementById(radio.dataset.actWith || "");

  function name(form) {
    const radio = chosen(form);
    const button = form.querySelector("[data-decide-act]");
    if (!radio || !button || "waiting" in form.dataset) return;
    const typed = typedWith(radio)?.value.trim() || "";
    const words = radio.dataset.actWords;
    button.textContent = typed && words ? interpolate(words, { typed }, true) : radio.dataset.act;
  }

  function typed(event) {
    const form = event.target.closest("form[data-decide]");
    if (!form) return;
    for (const radio of form.querySelectorAll("input[type=radio][data-act-with]")) {
      if (typedWith(radio) === event.target && event.target.value) radio.checked = true;
    }
    name(form);
  }

  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  for (const form of document.querySelectorAll("form[data-decide]")) name(form);
})();
