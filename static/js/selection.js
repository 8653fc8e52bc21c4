// Rows that are selected: all, a range with Shift, none with Escape; they stay so while the list
// refreshes in place. A row that has left the list is no longer selected.
(() => {
  "use strict";
  const bar = document.querySelector("[data-selection]");
  if (!bar) return;

  const write = (place, words) => {
    for (const element of bar.querySelectorAll(place)) element.textContent = words;
  };
  const chosen = new Set();
  const boxes = () => [...document.querySelectorAll("input[data-pick-row]")];
  const chosenBoxes = () => boxes().filter((box) => box.checked);
  let last = null;

  function show() {
    const all = boxes();
    const count = chosen.size;
    const orders = interpolate(ngettext("%(count)s order", "%(count)s orders", count), { count }, true);
    const waiting = chosenBoxes().filter((box) => "waits" in box.dataset).length;
    if (bar.dataset.selection !== "always") bar.hidden = count === 0;
    write("[data-picked]", interpolate(gettext("%(count)s selected"), { count }, true));
    write("[data-picked-number]", count ? orders : "");
    write("[data-picked-waiting]", waiting);
    for (const words of bar.querySelectorAll("[data-picked-waits]")) words.hidden = waiting === 0;
    for (const head of document.querySelectorAll("input[data-pick-all]")) {
      head.checked = count > 0 && count === all.length;
      head.indeterminate = count > 0 && count < all.length;
    }
    for (const button of bar.querySelectorAll("[data-pick-page]")) button.hidden = count === all.length;
  }

  function choose(box, on) {
    box.checked = on;
    if (on) chosen.add(box.value);
    else chosen.delete(box.value);
  }

  function chooseAll(on) {
    for (const box of boxes()) choose(box, on);
    last = null;
    show();
  }

  function again() {
    const here = new Set(boxes().map((box) => box.value));
    for (const number of chosen) if (!here.has(number)) chosen.delete(number);
    for (const box of boxes()) box.checked = chosen.has(box.value);
    show();
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest("input[data-pick-row]");
    if (box) {
      const all = boxes();
      const from = all.findIndex((other) => other.value === last);
      const to = all.indexOf(box);
      const range = event.shiftKey && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
      for (const each of range) choose(each, box.checked);
      last = box.value;
      show();
    }
    const head = event.target.closest("input[data-pick-all]");
    if (head) chooseAll(head.checked);
    if (event.target.closest("[data-pick-page]")) chooseAll(true);
    if (event.target.closest("[data-pick-none]")) leave();
    const copy = event.target.closest("[data-copy-ids]");
    if (copy) copyIds(copy.dataset.copyIds);
  });

  // The bar goes away with its buttons: the focus goes back to the list.
  function leave() {
    const back = document.querySelector("input[data-pick-all]");
    chooseAll(false);
    if (back?.checkVisibility()) back.focus();
    else boxes()[0]?.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !chosen.size || document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    leave();
  });

  // Upstream ids, by provider when there are several.

  function byProvider() {
    const found = new Map();
    for (const box of chosenBoxes()) {
      if (!box.dataset.upstream) continue;
      const name = box.dataset.provider;
      found.set(name, [...(found.get(name) || []), box.dataset.upstream]);
    }
    return found;
  }

  function asText(found, commas) {
    const list = (ids) => ids.join(commas ? ", " : "\n");
    if (found.size === 1) return list([...found.values()][0]);
    const headed = ([name, ids]) => `${name}:${commas ? " " : "\n"}${list(ids)}`;
    return [...found].map(headed).join(commas ? "\n" : "\n\n");
  }

  function copiedFrom(found, count) {
    const said = { count, provider: [...found.keys()][0], providers: found.size };
    const words = found.size === 1
      ? ngettext("%(count)s upstream id copied: %(provider)s.", "%(count)s upstream ids copied: %(provider)s.", count)
      : ngettext(
        "%(count)s upstream id copied: %(providers)s providers, each under its name.",
        "%(count)s upstream ids copied: %(providers)s providers, each under its name.",
        count,
      );
    return interpolate(words, said, true);
  }

  function stillWithout(count) {
    const words = ngettext(
      "%(count)s of the selected has none yet.",
      "%(count)s of the selected have none yet.",
      count,
    );
    return interpolate(words, { count }, true);
  }

  async function copyIds(style) {
    const found = byProvider();
    const count = [...found.values()].reduce((sum, ids) => sum + ids.length, 0);
    const without = chosen.size - count;
    if (!count) {
      say(ngettext(
        "This order has no upstream id yet.",
        "None of these orders has an upstream id yet.",
        chosen.size,
      ));
      return;
    }
    const text = asText(found, style === "commas");
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      window.prompt(gettext("Copy this:"), text);
      return;
    }
    say([copiedFrom(found, count), without ? stillWithout(without) : ""].join(" ").trim());
  }

  function say(words) {
    const toast = document.getElementById("copied-toast").content.firstElementChild.cloneNode(true);
    toast.querySelector("[data-toast-words]").textContent = words;
    document.getElementById("toasts").append(toast);
  }

  // What was asked for is told above the list; there is nothing left to select it for.
  document.addEventListener("orders-changed", () => {
    for (const dialog of bar.querySelectorAll("dialog[open]")) dialog.close();
    chooseAll(false);
    document.getElementById("bulk-outcome")?.focus();
  });

  document.addEventListener("htmx:afterSwap", again);
  window.addEventListener("pageshow", () => {
    for (const box of chosenBoxes()) chosen.add(box.value);
    again();
  });
})();
