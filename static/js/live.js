// Live parts: what polls is patched in place, so focus, scroll, open details, dialogs, ticks and
// selected text stay. A hidden tab does not ask; once it is seen again it asks at once.
(() => {
  "use strict";

  const LIVE = "[hx-trigger*='every ']";

  // Patching: the old tree takes over what differs from the fresh one.

  const LIST_PARTS = "tr, li, dialog, details";

  function keyOf(node) {
    if (!(node instanceof Element)) return "";
    return node.id || node.dataset.key || (node.matches(LIST_PARTS) && node.querySelector("[id]")?.id) || "";
  }

  const isOpenDialog = (node) => node instanceof HTMLDialogElement && node.open;

  const isAlike = (old, fresh) => old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && !keyOf(old);

  // Set on the page since it came, by its person or by app.js for the keyboard.
  function isOfThePage(element, name) {
    if (name === "open") return element.matches("details, dialog");
    if (["tabindex", "role", "aria-label"].includes(name)) return element.matches(".tw, code, .raw");
    if (name === "value" && "defaultValue" in element) return element.value !== element.defaultValue;
    if (name === "checked") return element.checked !== element.defaultChecked;
    return false;
  }

  function patchAttributes(old, fresh) {
    for (const { name } of [...old.attributes]) {
      if (!fresh.hasAttribute(name) && !isOfThePage(old, name)) old.removeAttribute(name);
    }
    for (const { name, value } of [...fresh.attributes]) {
      if (old.getAttribute(name) !== value && !isOfThePage(old, name)) old.setAttribute(name, value);
    }
  }

  function patch(old, fresh, added) {
    if (!(old instanceof Element)) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    if (old.isEqualNode(fresh)) return;
    const fades = old.matches(".pill") && old.textContent !== fresh.textContent;
    patchAttributes(old, fresh);
    if (!old.matches("textarea, select")) patchChildren(old, fresh, added);
    if (!fades) return;
    old.classList.add("fade");
    old.addEventListener("animationend", () => old.classList.remove("fade"), { once: true });
  }

  function move(parent, node, before) {
    // moveBefore keeps focus and scroll of what it moves; not every browser has it.
    if (node.parentNode === parent && parent.moveBefore) parent.moveBefore(node, before);
    else parent.insertBefore(node, before);
  }

  function patchChildren(old, fresh, added) {
    const wanted = new Set([...fresh.children].map(keyOf).filter(Boolean));
    const known = new Map();
    for (const child of [...old.children]) {
      const key = keyOf(child);
      if (key && wanted.has(key)) known.set(key, child);
      else if (key && !isOpenDialog(child)) child.remove();
    }
    let at = old.firstChild;
    for (const next of [...fresh.childNodes]) {
      const key = keyOf(next);
      let match = known.get(key) || null;
      if (!key) {
        match = at;
        while (match && !isAlike(match, next)) match = match.nextSibling;
      }
      if (!match || match.nodeName !== next.nodeName) {
        old.insertBefore(next, at);
        if (next instanceof Element) added.push(next);
        continue;
      }
      if (match === at) at = at.nextSibling;
      else move(old, match, at);
      patch(match, next, added);
    }
    while (at) {
      const following = at.nextSibling;
      if (!isOpenDialog(at)) at.remove();
      at = following;
    }
  }

  /** Patch `old`, which is on the page, to look like `fresh`; gives back the elements that are new. */
  function morph(old, fresh) {
    const added = [];
    patch(old, fresh, added);
    htmx.process(old);
    return added;
  }

  htmx.defineExtension("live", {
    handleSwap(style, target, fragment) {
      const fresh = style === "morph" && fragment.firstElementChild;
      return fresh && fresh.nodeName === target.nodeName ? morph(target, fresh) : false;
    },
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { elt, target } = event.detail.requestConfig || {};
    if (elt !== target || !elt?.matches(LIVE)) return;
    // A form that is under way waits for its own answer.
    if (target.querySelector("form[data-waiting]")) event.detail.shouldSwap = false;
    event.detail.swapOverride = "morph";
  });

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    const fresh = fragment.firstElementChild;
    if (!target.querySelector("dialog[open]") || fresh?.nodeName !== target.nodeName) return;
    event.detail.shouldSwap = false;
    fresh.removeAttribute("hx-swap-oob");
    morph(target, fresh);
  });

  // Asking: not while nobody looks, not after the end.

  const due = new Set();
  const stopped = new WeakSet();

  document.addEventListener("htmx:beforeRequest", (event) => {
    const element = event.detail.elt;
    if (!element.matches(LIVE) || event.detail.requestConfig.triggeringEvent) return;
    const isOver = stopped.has(element) || document.documentElement.dataset.connection === "ended";
    if (document.hidden && !isOver) due.add(element);
    if (document.hidden || isOver) event.preventDefault();
  });

  function ask(element) {
    if (!element.isConnected || !element.matches(LIVE)) return;
    htmx.ajax("GET", element.getAttribute("hx-get"), { source: element, target: element, swap: "outerHTML" });
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    const elements = [...due];
    due.clear();
    elements.forEach(ask);
  });

  // What is refused or gone stays as it was last seen, and is not asked for again.
  document.addEventListener("htmx:responseError", (event) => {
    const { elt, xhr } = event.detail;
    if (elt.matches(LIVE) && [403, 404, 410].includes(xhr.status)) stopped.add(elt);
  });

  document.addEventListener("connection:back", () => document.querySelectorAll(LIVE).forEach(ask));
})();
