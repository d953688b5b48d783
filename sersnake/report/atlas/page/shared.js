"use strict";

// What the atlas and the page of `sersnake predict` have in common.
const SHARED = (() => {
  // Okabe and Ito's colours, which the colour-blind tell apart; then darker ones of other hues.
  const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#8c7a00", "#6a3d9a", "#555555", "#a6761d"];
  const NONE = "\u2013";  // where there is no value
  const ROW = 30;  // height of a row of a list, in pixels

  // Where a key leads to from a row, of which a page has so many in view.
  const MOVES = {
    ArrowDown: (place) => place + 1,
    ArrowUp: (place) => place - 1,
    PageDown: (place, rows) => place + rows,
    PageUp: (place, rows) => place - rows,
    Home: () => 0,
    End: () => Infinity,
  };

  const make = (tag, text, attributes = {}) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  // An empty canvas as sharp as the screen is.
  const prepare = (canvas) => {
    const scale = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = Number(canvas.getAttribute("data-height") || canvas.getAttribute("height"));
    canvas.setAttribute("data-height", height);
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.height = `${height}px`;
    const brush = canvas.getContext("2d");
    brush.setTransform(scale, 0, 0, scale, 0, 0);
    brush.clearRect(0, 0, width, height);
    return { brush, width, height };
  };

  return { COLOURS, NONE, ROW, MOVES, make, prepare };
})();
