// New order: arrows walk through what a search found, the range moves the percentage, a choice
// leads on to the next field. The page works without any of it.
(() => {
  "use strict";

  const choices = (root) => [...root.querySelectorAll("button.result")];

  // Searches: what is listed is older than what is typed until the answer has come.

  function typed(event) {
    const input = event.target;
    if (!input.matches("[data-pick]")) return;
    input.dataset.stale = "";
    delete input.dataset.wanted;
  }

  function listed(event) {
    const input = document.querySelector(`[data-pick="#${CSS.escape(event.detail.target.id)}"]`);
    if (!input) return;
    const wanted = "wanted" in input.dataset;
    delete input.dataset.stale;
    delete input.dataset.wanted;
    // What came after Enter has not been seen: it is shown, a second Enter takes it.
    if (wanted) (choices(event.detail.target)[0] || toAdd(event.detail.target))?.focus();
  }

  // Nobody was found: the first field of a new client that is still empty.
  const toAdd = (results) => results.querySelector(".add-client[open] input:placeholder-shown");

  // The first that was found, never one below it: where that is paused, Enter takes nothing.
  function take(results) {
    const first = results.querySelector(".result");
    if (!first) toAdd(results)?.focus();
    else if (first.matches("button")) first.click();
  }

  function fromSearch(event) {
    const input = event.target;
    const results = document.querySelector(input.dataset.pick);
    if (event.key === "ArrowDown") {
      event.preventDefault();
      choices(results)[0]?.focus();
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if ("stale" in input.dataset) input.dataset.wanted = "";
      else take(results);
    } else if (event.key === "Escape" && input.value) {
      event.preventDefault();
      input.value = "";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  function fromResult(event) {
    const results = event.target.closest("[id$=-results]");
    const input = document.querySelector(`[data-pick="#${results.id}"]`);
    const found = choices(results);
    const place = found.indexOf(event.target);
    const next = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: found.length - 1 }[event.key];
    if (event.key === "Escape" || next === -1) input.focus();
    else if (next !== undefined) found[next]?.focus();
    else return;
    event.preventDefault();
  }

  document.addEventListener("keydown", (event) => {
    if (event.target.matches("[data-pick]")) fromSearch(event);
    else if (event.target.matches("button.result")) fromResult(event);
    else if (event.target.matches(".add-client input") && event.key === "Enter") {
      if (event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      document.querySelector("#add-client-button")?.click();
    }
  });
  document.addEventListener("input", typed);
  document.addEventListener("htmx:afterSwap", listed);

  // The markup: range and number move together, and touching either means "typed".

  function moved(event) {
    const input = event.target;
    const card = input.closest(".markup");
    if (!card) return;
    const range = card.querySelector("[data-range]");
    const number = range && card.querySelector(range.dataset.range);
    const point = document.documentElement.dataset.point;
    if (input === range) number.value = Number(range.value).toFixed(2).replace(".", point);
    else if (input === number) range.value = number.value.replace(point, ".");
    else return;
    card.querySelector("input[name=markup][value=percent]").checked = true;
  }

  document.addEventListener("input", moved, true);

  // The price on the button is of what stood in the fields before: wait for the new one. And one
  // press is one order: while it is sent, there is nothing to press.

  const asking = ["order-form", "order-quote"];

  function disable(is) {
    for (const button of document.querySelectorAll("#place, [data-places]")) button.toggleAttribute("disabled", is);
  }

  document.addEventListener("input", (event) => {
    if (event.target.closest("#order-fields")) disable(true);
  });
  document.addEventListener("htmx:beforeSend", (event) => {
    if (asking.includes(event.detail.elt.id)) disable(true);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (asking.includes(event.detail.elt.id) && !event.detail.successful) disable(false);
  });

  // A usual quantity: one press writes it into its field.

  function marked() {
    for (const button of document.querySelectorAll("[data-fill]")) {
      const typed = document.querySelector(button.dataset.fill)?.value.replaceAll(/\D/g, "");
      button.setAttribute("aria-pressed", String(typed === button.dataset.value));
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    if (!button) return;
    const input = document.querySelector(button.dataset.fill);
    input.value = figure(button.dataset.value);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("input", marked);
  document.addEventListener("htmx:afterSettle", marked);
  document.addEventListener("DOMContentLoaded", marked);

  // After a choice: on to what comes next. htmx has put the focus back, or lost it, by then.

  const filled = (name) => document.querySelector(`input[type=hidden][name=${name}]`)?.value !== "";

  function next() {
    if (!filled("client")) return "#id_client_q";
    return filled("service") ? "#order-fields .field :is(input, textarea, select)" : "#id_q";
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    const pressed = event.detail.requestConfig?.triggeringEvent?.submitter;
    if (event.detail.requestConfig?.elt.id !== "order-form" || !pressed) return;
    const chose = ["client", "service"].includes(pressed.name) || pressed.value === "add_client";
    if (!chose || document.querySelector("#order-form [aria-invalid=true]")) return;
    document.querySelector(next())?.focus();
  });
})();
