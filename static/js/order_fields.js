// The fields of a new order: lines are counted as they are typed, and what hangs on another field's
// value is shown only while it is asked for. The page works without any of it.
(() => {
  "use strict";

  // As orders/service_types/values.py counts: lines in which something is to be seen.
  const SEEN = /[^\s\p{Cf}\x1c-\x1f\x85]/u;
  const linesOf = (text) => text.split(/\r\n|\r|\n/).filter((line) => SEEN.test(line)).length;

  const isEnglish = document.documentElement.lang === "en";

  function counted(lines, { least, most, unit }) {
    const said = { count: figure(lines), unit: isEnglish && lines === 1 ? unit.replace(/s$/, "") : unit };
    if (lines < Number(least)) {
      said.off = figure(least - lines);
      return [interpolate(gettext("%(count)s %(unit)s, %(off)s too few"), said, true), true];
    }
    if (lines > Number(most)) {
      said.off = figure(lines - most);
      return [interpolate(gettext("%(count)s %(unit)s, %(off)s too many"), said, true), true];
    }
    return [interpolate(gettext("%(count)s %(unit)s"), said, true), false];
  }

  function count(output) {
    const box = document.getElementById(output.dataset.counts);
    const lines = linesOf(box.value);
    const [words, wrong] = lines ? counted(lines, output.dataset) : ["", false];
    if (output.value !== words) output.value = words;
    output.classList.toggle("amber", wrong);
  }

  function show(field) {
    const { shownIf, shownValue } = field.dataset;
    field.hidden = document.getElementById(shownIf)?.value !== shownValue;
  }

  function look() {
    document.querySelectorAll("[data-counts]").forEach(count);
    document.querySelectorAll("[data-shown-if]").forEach(show);
  }

  // A NUL that was pasted along is to be seen nowhere, and no form takes it.
  function withoutNul(box) {
    if (box.value?.includes("\0")) box.value = box.value.replaceAll("\0", "");
  }

  document.addEventListener("input", (event) => {
    if (!event.target.closest("#order-fields")) return;
    withoutNul(event.target);
    look();
  });
  document.addEventListener("htmx:afterSettle", look);
  document.addEventListener("DOMContentLoaded", look);
  window.addEventListener("pageshow", look);
})();
