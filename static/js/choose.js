// Choosing what to sell: tick a whole page, say how many are ticked.
(() => {
  "use strict";

  const boxes = (form) => [...form.querySelectorAll(`input[type=checkbox][name=${form.dataset.chooseName || "service"}]`)];

  function count(form) {
    const every = boxes(form);
    const ticked = every.filter((box) => box.checked).length;
    const page = form.querySelector("[data-choose-page]");
    page.hidden = false;
    page.checked = ticked > 0 && ticked === every.length;
    page.indeterminate = ticked > 0 && ticked < every.length;
    for (const place of form.querySelectorAll("[data-choose-count]")) {
      place.dataset.chooseCount ||= place.textContent;
      place.textContent = ticked ? interpolate(gettext("%(count)s ticked"), { count: ticked }, true) : place.dataset.chooseCount;
    }
    for (const box of every) box.closest("tr").classList.toggle("sel", box.checked);
  }

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-choose]");
    if (!form) return;
    if (event.target.matches("[data-choose-page]")) {
      for (const box of boxes(form)) box.checked = event.target.checked;
    }
    if (event.target.matches("[data-choose-page]") || boxes(form).includes(event.target)) {
      const ticked = form.querySelector("[name=scope][value=ticked]");
      if (ticked) ticked.checked = true;
      count(form);
    }
  });

  function begin() {
    for (const form of document.querySelectorAll("form[data-choose]")) count(form);
  }

  document.addEventListener("htmx:afterSettle", begin);
  window.addEventListener("pageshow", begin);
  begin();
})();
