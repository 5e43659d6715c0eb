"use strict";
const svg = document.querySelector("svg");
const plots = [...svg.querySelectorAll(".plot")];
const left = +svg.dataset.left;
const width = +svg.dataset.width;
const span = +svg.dataset.span;
const byOrder = svg.dataset.order === "1";
const tip = document.getElementById("tip");
let from = 0;
let shown = width;

// Explanations are shown beside the pointer at once, not by the browser after a while.
for (const title of svg.querySelectorAll(".plot title")) {
  title.parentNode.dataset.why = title.textContent;
  title.remove();
}

function timeText(time, step) {
  if (byOrder) return time === 0 ? "0" : "event " + time.toFixed(0);
  const [unit, name] = step >= 1e8 ? [1e9, "s"] : step >= 1e5 ? [1e6, "ms"] : step >= 100 ? [1e3, "us"] : [1, "ns"];
  const decimals = Math.max(0, Math.ceil(-Math.log10(step / unit) - 0.001));
  return (time / unit).toFixed(decimals) + " " + name;
}

function drawAxis() {
  const axis = svg.querySelector(".axis");
  axis.replaceChildren();
  const least = (shown / width) * span / 10;
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1e-9)));
  const step = Math.max([1, 2, 5, 10].map((f) => f * power).find((s) => s >= least * 0.999), 1);
  const first = Math.ceil(((from / width) * span) / step) * step;
  for (let time = first; time <= ((from + shown) / width) * span; time += step) {
    const text = document.createElementNS(svg.namespaceURI, "text");
    text.setAttribute("x", left + ((time / span) * width - from) * (width / shown));
    text.setAttribute("y", axis.dataset.y);
    text.setAttribute("class", "c n");
    text.textContent = timeText(time, step);
    axis.append(text);
  }
}

function redraw() {
  shown = Math.min(width, Math.max(shown, width / 1e5));
  from = Math.min(width - shown, Math.max(0, from));
  const scale = width / shown;
  for (const plot of plots) {
    const box = plot.viewBox.baseVal;
    box.x = from;
    box.width = shown;
  }
  for (const pattern of svg.querySelectorAll("pattern")) {
    pattern.setAttribute("patternTransform", `scale(${1 / scale} 1) rotate(45)`);
  }
  for (const label of svg.querySelectorAll(".labels text")) {
    const a = Math.max(0, (label.dataset.a - from) * scale);
    const b = Math.min(width, (label.dataset.b - from) * scale);
    label.setAttribute("x", left + a + 4);
    label.style.display = b - a > label.getComputedTextLength() + 8 || b - a > 6.6 * label.textContent.length + 8 ? "" : "none";
  }
  for (const label of svg.querySelectorAll("[data-x]")) label.style.display = scale > 1 ? "none" : "";
  drawAxis();
}

function zoom(factor, at) {
  const fixed = from + at * shown;
  shown = Math.min(width, Math.max(shown * factor, width / 1e5));
  from = fixed - at * shown;
  redraw();
}

function place(event) {
  const box = plots[0].getBoundingClientRect();
  return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
}

svg.addEventListener("wheel", (event) => {
  if (!event.target.closest(".plot")) return;
  event.preventDefault();
  zoom(event.deltaY > 0 ? 1.25 : 0.8, place(event));
}, { passive: false });

let grabbed = null;
svg.addEventListener("pointerdown", (event) => {
  if (event.target.closest(".plot")) grabbed = { x: place(event), from };
});
window.addEventListener("pointerup", () => { grabbed = null; });
window.addEventListener("pointermove", (event) => {
  if (grabbed) {
    from = grabbed.from - (place(event) - grabbed.x) * shown;
    redraw();
  }
  const why = event.target.closest ? event.target.closest("[data-why]") : null;
  tip.style.display = why && !grabbed ? "block" : "none";
  if (why) {
    tip.textContent = why.dataset.why;
    tip.style.left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8) + "px";
    tip.style.top = Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8) + "px";
  }
});

document.getElementById("in").onclick = () => zoom(0.5, 0.5);
document.getElementById("out").onclick = () => zoom(2, 0.5);
document.getElementById("all").onclick = () => zoom(1e9, 0);

const pick = document.head.appendChild(document.createElement("style"));
for (const entry of svg.querySelectorAll(".legend[data-s]")) {
  entry.addEventListener("mouseenter", () => { pick.textContent = `.m:not(.${entry.dataset.s}){opacity:.1}`; });
  entry.addEventListener("mouseleave", () => { pick.textContent = ""; });
}
