// The page without a connection: goes on by itself, and says each time that it looked.
(() => {
  "use strict";

  const FIRST = 2000; // ms until the first look
  const LONGEST = 30000; // ms between two looks, at most
  const state = document.getElementById("offline-state");
  const button = document.querySelector("a.btn");
  let wait = FIRST;
  let timer = null;

  function said() {
    const shape = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
    state.textContent = state.dataset.again.replace("%(time)s", new Date().toLocaleTimeString("en-GB", shape));
  }

  // Any answer will do, that of a panel closed for maintenance too: the page itself tells the rest.
  async function look(aloud) {
    clearTimeout(timer);
    try {
      await fetch("/healthz", { cache: "no-store" });
      location.reload();
    } catch {
      if (aloud) said();
      wait = Math.min(wait * 1.5, LONGEST);
      timer = setTimeout(look, wait);
    }
  }

  button.addEventListener("click", (event) => {
    event.preventDefault();
    look(true);
  });
  window.addEventListener("online", () => look(false));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look(false);
  });
  timer = setTimeout(look, wait);
})();
