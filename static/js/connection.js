// The bar that says when the page is on its own: connection lost, panel closed, session ended.
// Each state is a sentence in components/lost.html, under its name in data-lost.
(() => {
  "use strict";

  const LIVE = "[hx-trigger*='every ']";
  const AGAIN = 4000; // ms between two looks at whether the panel is back
  const root = document.documentElement;
  const bar = document.getElementById("lost");
  if (!bar) return;

  // What a person must read before going on outlasts the connection's return.
  const STAYS = ["sent", "placed", "ended", "gone"];
  let seen = new Date();
  let state = "";
  let timer = null;

  function clock(moment) {
    const shape = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    try {
      return moment.toLocaleTimeString("en-GB", { ...shape, timeZone: root.dataset.zone });
    } catch {
      return moment.toLocaleTimeString("en-GB", shape);
    }
  }

  function show(next) {
    if (STAYS.includes(state) && !STAYS.includes(next)) return;
    if (state === "ended") return;
    state = next;
    root.dataset.connection = state;
    for (const words of bar.querySelectorAll("[data-lost]")) words.hidden = words.dataset.lost !== state;
    for (const time of bar.querySelectorAll("[data-lost-seen]")) time.textContent = clock(seen);
    bar.querySelector("[data-lost-close]").hidden = state === "ended";
    bar.hidden = false;
    if (["away", "closed", "broken", "unsent"].includes(state)) look();
  }

  function hide() {
    if (state === "ended") return;
    clearTimeout(timer);
    timer = null;
    state = "";
    delete root.dataset.connection;
    bar.hidden = true;
  }

  function back() {
    seen = new Date();
    if (state && !STAYS.includes(state)) hide();
  }

  // A page without live parts has to look for itself; /healthz answers during maintenance too, so
  // the page's own address is what is asked for.
  function look() {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      if (!state || STAYS.includes(state)) return;
      try {
        const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" });
        if (answer.status < 500) {
          hide();
          document.dispatchEvent(new CustomEvent("connection:back"));
          return;
        }
      } catch {
        // Still away.
      }
      look();
    }, AGAIN);
  }

  const isRead = (detail) => detail.requestConfig?.verb === "get";

  function unanswered({ detail }) {
    const places = detail.requestConfig?.triggeringEvent?.submitter?.closest("[data-places], #place");
    const submitted = detail.requestConfig?.triggeringEvent?.type === "submit";
    if (isRead(detail) || !submitted) show("away");
    else show(places ? "placed" : "sent");
  }

  function refused({ detail }) {
    const status = detail.xhr.status;
    if (status === 503) show("closed");
    else if (!detail.elt.matches(LIVE)) return;
    else if (status >= 500) show("broken");
    else if ([403, 404, 410].includes(status)) show("gone");
  }

  // Nothing leaves a page that is known to be on its own.
  function hold(event) {
    if (navigator.onLine) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    show("unsent");
  }

  document.addEventListener("htmx:sendError", unanswered);
  document.addEventListener("htmx:timeout", unanswered);
  document.addEventListener("htmx:responseError", refused);
  document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
    if (detail.xhr.status < 400) back();
  });
  document.addEventListener("signed-out", (event) => {
    const link = bar.querySelector("[data-lost-sign-in]");
    if (event.detail?.url) link.href = event.detail.url;
    show("ended");
  });
  document.addEventListener("submit", (event) => {
    if (event.target.method === "post") hold(event);
  }, true);
  bar.addEventListener("click", (event) => {
    if (event.target.closest("[data-lost-close]")) hide();
  });
  // Keeps the page that is shown when a whole page cannot be fetched (panel/offline.py).
  navigator.serviceWorker?.register("/worker.js").catch(() => {});
  window.addEventListener("offline", () => show("away"));
  window.addEventListener("online", look);
})();
