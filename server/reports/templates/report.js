"use strict";
// Everything here is comfort: without it the report shows all days one after the other, each with its whole map.

const playback = JSON.parse(document.getElementById("playback").textContent);

// One day at a time, chosen by the address, so that the browser's back button works.
const sections = [...document.querySelectorAll("main > section, main > article")];
const tabs = [...document.querySelectorAll(".tabs a")];

function showSection() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  const chosen = (target && sections.find((section) => section.contains(target))) || sections[0];
  sections.forEach((section) => section.classList.toggle("shown", section === chosen));
  tabs.forEach((tab) => {
    if (tab.hash === "#" + chosen.id) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  });
  chosen.querySelectorAll(".map").forEach((figure) => figure.refresh());
  if (target && target !== chosen) light(target.id);
}

// The same visit is a pin, a bar and a row: pointing at one lights the others.
function light(key) {
  document.querySelectorAll(".lit").forEach((element) => element.classList.remove("lit"));
  if (key) document.querySelectorAll(`[data-visit="${key}"]`).forEach((element) => element.classList.add("lit"));
}

document.querySelectorAll("[data-visit]").forEach((element) => {
  element.addEventListener("pointerenter", () => light(element.dataset.visit));
  element.addEventListener("pointerleave", () => light(""));
  element.addEventListener("focusin", () => light(element.dataset.visit));
});
document.querySelectorAll("[data-deviation]").forEach((row) => {
  const line = document.getElementById(row.dataset.deviation);
  row.addEventListener("pointerenter", () => line && line.classList.add("lit"));
  row.addEventListener("pointerleave", () => line && line.classList.remove("lit"));
});

// The longest of 1, 2, 5, 10, 20 … metres that fits into 110 pixels.
function drawScaleBar(bar, metresPerPixel) {
  const room = 110 * metresPerPixel;
  const power = 10 ** Math.floor(Math.log10(room));
  const length = [5, 2, 1].map((step) => step * power).find((step) => step <= room);
  bar.style.width = `${length / metresPerPixel}px`;
  bar.textContent = length >= 1000 ? `${length / 1000} km` : `${length} m`;
}

// The map: its view box moves over a plane of metres.
function prepareMap(figure) {
  const canvas = figure.querySelector(".canvas");
  const [left, top, width, height] = canvas.getAttribute("viewBox").split(" ").map(Number);
  const whole = { left, top, width, height };
  let view = { ...whole };

  function metresPerPixel() {
    return Math.max(view.width / canvas.clientWidth, view.height / canvas.clientHeight);
  }

  function draw() {
    if (!canvas.clientWidth) return; // not in sight: the size that the file came with stays
    canvas.setAttribute("viewBox", `${view.left} ${view.top} ${view.width} ${view.height}`);
    const scale = metresPerPixel();
    canvas.style.setProperty("--metre", scale);
    drawScaleBar(figure.querySelector(".scale-bar"), scale);
    for (const name of canvas.querySelectorAll(".street-names text")) {
      const needed = name.textContent.length * 6.2 * scale;
      name.classList.toggle("off", needed > Number(name.dataset.room));
    }
  }

  function zoom(factor, x = view.left + view.width / 2, y = view.top + view.height / 2) {
    const next = Math.min(Math.max(view.width * factor, 60), whole.width * 4) / view.width;
    view = { left: x - (x - view.left) * next, top: y - (y - view.top) * next, width: view.width * next, height: view.height * next };
    draw();
  }

  function place(event) {
    const matrix = canvas.getScreenCTM().inverse();
    return new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
  }

  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") return;
    held = place(event);
    canvas.setPointerCapture(event.pointerId);
    canvas.classList.add("dragging");
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return;
    const now = place(event);
    view.left += held.x - now.x;
    view.top += held.y - now.y;
    draw();
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, () => { held = null; canvas.classList.remove("dragging"); });
  }
  // A plain wheel scrolls the page, as it does everywhere else; with Ctrl, or once the map has the focus, it zooms.
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== canvas) return;
    event.preventDefault();
    const { x, y } = place(event);
    zoom(Math.exp(event.deltaY * 0.0015), x, y);
  }, { passive: false });
  canvas.addEventListener("dblclick", (event) => { const { x, y } = place(event); zoom(0.5, x, y); });
  canvas.addEventListener("keydown", (event) => {
    const step = view.width / 8;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (moves[event.key]) { view.left += moves[event.key][0]; view.top += moves[event.key][1]; draw(); }
    else if (event.key === "+" || event.key === "=") zoom(0.7);
    else if (event.key === "-") zoom(1 / 0.7);
    else if (event.key === "0") { view = { ...whole }; draw(); }
    else return;
    event.preventDefault();
  });
  figure.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () => {
    if (button.dataset.zoom === "fit") { view = { ...whole }; draw(); }
    else zoom(button.dataset.zoom === "in" ? 0.6 : 1 / 0.6);
  }));
  figure.querySelectorAll("[data-layer]").forEach((box) => {
    const layers = figure.querySelectorAll(".layer-" + box.dataset.layer);
    box.addEventListener("change", () => layers.forEach((layer) => layer.classList.toggle("off", !box.checked)));
  });
  figure.querySelectorAll(".pin[data-visit]").forEach((pin) => pin.addEventListener("click", () => {
    document.getElementById(pin.dataset.visit)?.scrollIntoView({ block: "center" });
    light(pin.dataset.visit);
  }));

  figure.refresh = draw;
  figure.showVisit = (key) => {
    const pin = figure.querySelector(`.pin[data-visit="${key}"]`);
    if (!pin) return;
    const { e: x, f: y } = pin.parentNode.transform.baseVal.consolidate().matrix;
    const share = 400 / whole.width;
    view = { left: x - 200, top: y - (whole.height * share) / 2, width: 400, height: whole.height * share };
    draw();
    figure.scrollIntoView({ block: "nearest" });
    light(key);
  };
  new ResizeObserver(draw).observe(canvas);
}

document.querySelectorAll(".map").forEach(prepareMap);
document.querySelectorAll("[data-show]").forEach((button) => button.addEventListener("click", () => {
  button.closest(".day").querySelector(".map").showVisit(button.dataset.show);
}));

// Replay: where the worker was at a time of the day.
document.querySelectorAll(".timeline").forEach((timeline) => {
  const slider = timeline.querySelector("input[type=range]");
  const way = playback[timeline.dataset.timeline];
  if (!slider || !way) return;
  const dot = timeline.closest(".panel").querySelector(".position");
  const marks = [...timeline.querySelectorAll(".hours span")].map(({ dataset }) => {
    const [hour, minute] = dataset.clock.split(":").map(Number);
    return { second: Number(dataset.second), minutes: hour * 60 + minute };
  });
  slider.addEventListener("input", () => {
    const second = Number(slider.value);
    const found = way.seconds.findIndex((time) => time > second);
    const after = found < 0 ? way.seconds.length - 1 : Math.max(found, 1);
    const before = Math.max(after - 1, 0);
    const span = way.seconds[after] - way.seconds[before];
    const share = span > 0 ? Math.min(Math.max((second - way.seconds[before]) / span, 0), 1) : 0;
    const x = way.x[before] + (way.x[after] - way.x[before]) * share;
    const y = way.y[before] + (way.y[after] - way.y[before]) * share;
    dot.setAttribute("transform", `translate(${x} ${y})`);
    dot.classList.remove("off");
    const mark = marks.filter((each) => each.second <= second).pop();
    const minutes = mark.minutes + Math.floor((second - mark.second) / 60);
    const clock = [Math.floor(minutes / 60) % 24, minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
    slider.setAttribute("aria-valuetext", clock);
    timeline.querySelector("output").textContent = clock;
  });
});

document.body.classList.toggle("tabbed", sections.length > 1);
addEventListener("hashchange", showSection);
showSection();
