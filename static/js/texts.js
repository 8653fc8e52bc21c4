// Words of scripts in the page's language. English is what the scripts say themselves; for every
// other language the page loads a catalog after this, which puts its own functions in their place.
(() => {
  "use strict";

  window.gettext = (text) => text;
  window.ngettext = (one, many, count) => (count === 1 ? one : many);
  window.interpolate = (text, values) =>
    text.replace(/%\((\w+)\)s/g, (_, name) => String(values[name]));

  // A whole number with the language's marks between its thousands.
  window.figure = (number) => Number(number).toLocaleString(document.documentElement.lang);
})();
