// The pricing workbench: ticking services chooses them as what a rule is about.
(() => {
  "use strict";

  const boxes = () => [...document.querySelectorAll("#pricing-table input[name=service]")];

  function count() {
    const every = boxes();
    const ticked = every.filter((box) => box.checked).length;
    const page = document.querySelector("[data-tick-page]");
    if (page) {
      page.hidden = false;
      page.checked = ticked > 0 && ticked === every.length;
      page.indeterminate = ticked > 0 && ticked < every.length;
    }
    for (const box of every) box.closest("tr").classList.toggle("sel", box.checked);
    const told = document.querySelector("[data-ticked]");
    if (told) told.textContent = ticked ? interpolate(gettext("%(count)s ticked"), { count: ticked }, true) : "";
    document.querySelector("[data-ticked-open]")?.toggleAttribute("hidden", !ticked);
  }

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-tick-page], #pricing-table [name=service]")) return;
    if (event.target.matches("[data-tick-page]")) {
      for (const box of boxes()) box.checked = event.target.checked;
    }
    count();
    const about = document.querySelector("#pricing-on");
    if (about && about.value !== "services" && about.querySelector("[value=services]")) {
      about.value = "services";
      about.dispatchEvent(new Event("change", { bubbles: true }));
    } else {
      look();
    }
  });

  const look = () => document.querySelector("#pricing-ticks")?.dispatchEvent(new Event("ticked"));

  // Who typed while the fields were on their way typed into what is not there any more, but for the
  // boxes, which stay: look at what stands in them.
  function typedMeanwhile() {
    const box = document.querySelector("#pricing-value");
    return box && box.value !== (box.dataset.seen ?? box.defaultValue);
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    count();
    if (event.target.id === "pricing-panel" && typedMeanwhile()) look();
    const box = document.querySelector("#pricing-value");
    if (box) box.dataset.seen = box.value;
  });
  window.addEventListener("pageshow", count);

  // Where the panel finds no room beside the table it stands in a sheet that its button opens. It is
  // moved there and back as it is, with all that was typed; without scripts the button leads to it.

  const narrow = matchMedia("(max-width: 1180px)");
  const sheet = () => document.querySelector("#pricing-sheet");

  function place() {
    const side = document.querySelector("#pricing-side");
    if (!narrow.matches) sheet().close();
    (narrow.matches ? sheet() : document.querySelector(".g-prices")).append(side);
  }

  function openSheet() {
    if (sheet().open) return;
    sheet().showModal();
    document.querySelector("#pricing-what").focus();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href='#pricing-panel']");
    if (!link || !narrow.matches) return;
    event.preventDefault();
    openSheet();
  });

  place();
  narrow.addEventListener("change", place);
  const isBegun = document.querySelector("#pricing-side").hasAttribute("data-begun");
  if (narrow.matches && (isBegun || location.hash === "#pricing-panel")) openSheet();
})();
