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
    if (wanted) choices(event.detail.target)[0]?.focus();
  }

  function fromSearch(event) {
    const input = event.target;
    const found = choices(document.querySelector(input.dataset.pick));
    if (event.key === "ArrowDown") {
      event.preventDefault();
      found[0]?.focus();
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      if ("stale" in input.dataset) input.dataset.wanted = "";
      else found[0]?.click();
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
    if (input === range) number.value = Number(range.value).toFixed(2);
    else if (input === number) range.value = number.value;
    else return;
    card.querySelector("input[name=markup][value=percent]").checked = true;
  }

  document.addEventListener("input", moved, true);

  // After a choice: on to what comes next. htmx has put the focus back, or lost it, by then.

  document.addEventListener("htmx:afterSettle", (event) => {
    const chosen = event.detail.requestConfig?.triggeringEvent?.submitter?.name;
    if (event.detail.requestConfig?.elt.id !== "order-form") return;
    if (chosen !== "client" && chosen !== "service") return;
    const first = "#order-fields .field :is(input, textarea, select)";
    const next = [...document.querySelectorAll(`#id_client_q, #id_q, ${first}`)];
    const service = document.querySelector("input[type=hidden][name=service]").value;
    const client = document.querySelector("input[type=hidden][name=client]").value;
    (client ? (service ? document.querySelector(first) : document.querySelector("#id_q")) : next[0])?.focus();
  });
})();
