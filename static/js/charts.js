// The tip of a chart, on hover and by arrow keys. The table beneath holds the truth; this shows it.
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const KEYS = ["accent", "copper", "green"];

  function shape(svg, name, attributes) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    svg.append(element);
    return element;
  }

  function rows(chart) {
    return [...chart.querySelectorAll("tbody tr")].map((row) => ({
      title: row.cells[0].textContent,
      amounts: [...row.cells].slice(1).map((cell) => cell.innerHTML),
      x: Number(row.dataset.x),
      ys: [row.dataset.revenue, row.dataset.cost].filter((y) => y !== undefined),
    }));
  }

  function setUp(chart) {
    const plot = chart.querySelector(".plot");
    const svg = plot.querySelector("svg");
    const days = rows(chart);
    const names = [...chart.querySelectorAll("thead th")].slice(1).map((th) => th.textContent);
    const keys = chart.dataset.keys?.split(" ") || KEYS;
    if (!days.length) return;
    let marks = [];
    let tip = null;
    let at = -1;

    function clear() {
      for (const mark of marks) mark.remove();
      tip?.remove();
      marks = [];
      tip = null;
      at = -1;
    }

    function draw(day) {
      marks.push(shape(svg, "path", { class: "cursor", d: `M${day.x} 0V100` }));
      if (chart.dataset.chart !== "line") return;
      day.ys.forEach((y, i) => {
        const d = `M${day.x} ${y}h0`;
        marks.push(shape(svg, "path", { class: `pt t-${keys[i]}`, d }));
        marks.push(shape(svg, "path", { class: "pt in-pt", d }));
      });
    }

    function write(day) {
      tip = document.createElement("div");
      tip.className = `tip${chart.dataset.chart === "bar" ? " on-bars" : ""}`;
      const title = document.createElement("b");
      title.textContent = day.title;
      tip.append(title);
      day.amounts.forEach((amount, i) => {
        const line = document.createElement("div");
        line.className = `t-${keys[i]}`;
        line.innerHTML = `<span class="key"></span><span></span>${amount}`;
        line.children[1].textContent = names[i];
        tip.append(line);
      });
      plot.append(tip);
    }

    function place(day) {
      const x = (day.x / 1000) * plot.clientWidth;
      const wide = tip.offsetWidth + 14;
      const before = x + wide > plot.clientWidth;
      tip.style.left = `${before ? Math.max(0, x - wide) : x + 14}px`;
      tip.style.top = `${Math.max(0, plot.clientHeight - tip.offsetHeight - 8)}px`;
    }

    function show(index) {
      const next = Math.max(0, Math.min(days.length - 1, index));
      if (next === at) return;
      clear();
      at = next;
      draw(days[at]);
      write(days[at]);
      place(days[at]);
    }

    function nearest(clientX) {
      const box = plot.getBoundingClientRect();
      const x = ((clientX - box.left) / box.width) * 1000;
      return days.reduce((best, day, i) => (Math.abs(day.x - x) < Math.abs(days[best].x - x) ? i : best), 0);
    }

    plot.addEventListener("pointermove", (event) => show(nearest(event.clientX)));
    plot.addEventListener("pointerleave", clear);
    plot.addEventListener("focus", () => {
      if (plot.matches(":focus-visible")) show(days.length - 1);
    });
    plot.addEventListener("blur", clear);
    plot.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) {
        event.preventDefault();
        show(at + step);
      } else if (event.key === "Escape") clear();
    });
  }

  const start = (root) => root.querySelectorAll("[data-chart]").forEach(setUp);
  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt !== document.body) start(event.detail.elt.parentElement || event.detail.elt);
  });
})();
