"use strict";

// What a page of the atlas loads on its way: pictures of 40 utterances per file.
window.ATLAS_DETAILS = {};

(() => {
  const atlas = window.ATLAS;
  const utterances = atlas.utterances;
  const count = utterances.name.length;
  // The streams that were mined; the fused network where it is alone.
  const streams = Object.keys(atlas.hard).filter((name) => name !== "fused");
  const networks = streams.length ? streams : Object.keys(atlas.hard);
  const { COLOURS, NONE, ROW, MOVES, make, prepare } = SHARED;
  // Each colour has a shape of its own too.
  const SHAPES = ["circle", "square", "triangle", "diamond", "cross", "ring", "wedge", "bar"];

  const $ = (id) => document.getElementById(id);
  const title = (network) => atlas.networks[network] || network;
  const state = { system: atlas.system, second: "", text: "", emotion: "", speaker: "", sex: "", cell: null, outcome: null, sort: null, chosen: -1 };
  let shown = [];  // positions of the utterances that pass the filters, in order
  let passes = new Uint8Array(count);

  const fixed = (value, digits) => (value === null || value === undefined ? NONE : value.toFixed(digits));

  // ---- What a system recognised

  // Tests of an utterance as pairs of fold and class.
  const tests = (position, system = state.system) => {
    const flat = (atlas.predicted[system] || [])[position] || [];
    return Array.from({ length: flat.length / 2 }, (_, k) => [flat[2 * k], flat[2 * k + 1]]);
  };
  // The class that was recognised most often, and in how many of the tests; the first of equal ones.
  const majority = (position, system = state.system) => {
    const votes = new Array(atlas.emotions.length).fill(0);
    const all = tests(position, system);
    for (const [, predicted] of all) votes[predicted] += 1;
    const most = Math.max(...votes);
    return all.length ? { predicted: votes.indexOf(most), votes: most, of: all.length } : null;
  };
  const right = (position, system = state.system) => {
    const found = majority(position, system);
    return found ? found.predicted === utterances.emotion[position] : null;
  };
  // Mean recall of the emotions, over all tests.
  const accuracyOf = (system) => {
    const sums = atlas.emotions.map(() => [0, 0]);
    for (let i = 0; i < count; i += 1) {
      for (const [, predicted] of tests(i, system)) {
        const of = sums[utterances.emotion[i]];
        of[0] += predicted === utterances.emotion[i] ? 1 : 0;
        of[1] += 1;
      }
    }
    const recalls = sums.filter(([, all]) => all).map(([hits, all]) => hits / all);
    return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
  };
  const rightShare = (position) => {
    const all = tests(position);
    return all.length ? all.filter(([, predicted]) => predicted === utterances.emotion[position]).length / all.length : null;
  };

  // ---- The list

  const recognisedBy = (system) => ({
    value: (i) => { const found = majority(i, system()); return found ? atlas.emotions[found.predicted] : null; },
    text: (i) => {
      const found = majority(i, system());
      if (!found) return NONE;
      return atlas.emotions[found.predicted] + (found.of > 1 ? ` ${found.votes}/${found.of}` : "");
    },
    class: (i) => (right(i, system()) === false ? "wrong" : ""),
  });

  const columns = [
    { title: "Utterance", width: "minmax(5.8rem, 2fr)", value: (i) => utterances.name[i] },
    { title: "Speaker", width: "4.6rem", wide: true, value: (i) => utterances.speaker[i] },
    { title: "Emotion", width: "minmax(5.6rem, 1fr)", value: (i) => atlas.emotions[utterances.emotion[i]] },
    { title: "Recognised", width: "minmax(7.2rem, 1.2fr)", ...recognisedBy(() => state.system) },
    { title: "Second", width: "minmax(7.2rem, 1.2fr)", shown: () => state.second !== "", ...recognisedBy(() => state.second) },
    { title: "Right", number: true, width: "4rem", wide: true, shown: () => state.second === "", value: rightShare, text: (i) => { const share = rightShare(i); return share === null ? NONE : `${Math.round(100 * share)} %`; } },
    ...networks.map((network) => ({
      title: `h ${title(network)}`, number: true, width: "4.8rem",
      value: (i) => atlas.hard[network].mean[i], text: (i) => fixed(atlas.hard[network].mean[i], 2),
    })),
    ...(utterances.people ? [{
      title: "People", number: true, width: "4.6rem", wide: true,
      value: (i) => utterances.people[i],
      text: (i) => (utterances.people[i] === null ? NONE : `${Math.round(100 * utterances.people[i])} %`),
    }] : []),
    { title: "s", number: true, width: "2.9rem", wide: true, value: (i) => utterances.duration[i], text: (i) => fixed(utterances.duration[i], 1) },
  ];

  const visibleColumns = () => columns.filter((column) => (!column.wide || window.innerWidth > 900) && (!column.shown || column.shown()));

  const drawHead = () => {
    const chosen = visibleColumns();
    $("grid").style.setProperty("--columns", chosen.map((column) => column.width).join(" "));
    $("grid").setAttribute("aria-colcount", chosen.length);
    $("head").replaceChildren(...chosen.map((column) => {
      const cell = make("div", undefined, { role: "columnheader", class: column.number ? "number" : "" });
      const sorted = state.sort && state.sort.column === column;
      cell.setAttribute("aria-sort", sorted ? (state.sort.down ? "descending" : "ascending") : "none");
      const button = make("button", column.title, { type: "button" });
      button.addEventListener("click", () => sortBy(column));
      cell.append(button);
      return cell;
    }));
  };

  const sortBy = (column) => {
    // Numbers first fall: what is hardest comes to the top.
    const same = state.sort && state.sort.column === column;
    state.sort = { column, down: same ? !state.sort.down : Boolean(column.number) };
    const place = [...$("head").children].findIndex((cell) => cell.contains(document.activeElement));
    update();
    if (place >= 0) $("head").children[place].querySelector("button").focus();
  };

  const compare = (first, second) => {
    const { column, down } = state.sort;
    const [a, b] = [column.value(first), column.value(second)];
    if (a === b) return first - second;
    if (a === null) return 1;
    if (b === null) return -1;
    const order = typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
    return (down ? -order : order) || first - second;
  };

  const spokenBy = (i) => (state.speaker === "" || utterances.speaker[i] === state.speaker) && (state.sex === "" || utterances.sex[i] === state.sex);
  const ofEmotion = (i) => state.emotion === "" || utterances.emotion[i] === Number(state.emotion);

  const wanted = (i) => {
    if (!spokenBy(i) || !ofEmotion(i)) return false;
    if (state.text) {
      const text = `${utterances.name[i]} ${utterances.sentence[i]}`.toLowerCase();
      if (!text.includes(state.text.toLowerCase())) return false;
    }
    if (state.cell) {
      const [truth, predicted] = state.cell;
      if (utterances.emotion[i] !== truth) return false;
      if (!tests(i).some(([, found]) => found === predicted)) return false;
    }
    return !state.outcome || outcomeOf(i) === state.outcome;
  };

  // Whether both systems are right about an utterance, one of them, or none.
  const outcomeOf = (i) => {
    const [first, second] = [right(i), right(i, state.second)];
    if (first === null || second === null) return null;
    return `${first ? "right" : "wrong"} ${second ? "right" : "wrong"}`;
  };

  const update = () => {
    shown = [];
    passes = new Uint8Array(count);
    for (let i = 0; i < count; i += 1) if (wanted(i)) { shown.push(i); passes[i] = 1; }
    if (state.sort) shown.sort(compare);
    $("count").textContent = shown.length === count ? `${count} utterances` : `${shown.length} of ${count} utterances`;
    $("grid").setAttribute("aria-rowcount", shown.length + 1);
    $("spacer").style.height = `${shown.length * ROW}px`;
    drawHead();
    drawRows();
    drawConfusion();
    drawComparison();
    drawLengths();
    drawScatter();
    drawPeople();
  };

  const drawRows = () => {
    const grid = $("grid");
    const top = Math.max(0, grid.scrollTop - 10 * ROW);
    const first = Math.floor(top / ROW);
    const last = Math.min(shown.length, first + Math.ceil(grid.clientHeight / ROW) + 20);
    const chosen = visibleColumns();
    const rows = [];
    for (let place = first; place < last; place += 1) {
      const i = shown[place];
      const row = make("div", undefined, {
        class: "row", role: "row", id: `row-${i}`, "aria-rowindex": place + 2, "aria-selected": String(i === state.chosen),
      });
      row.style.top = `${place * ROW}px`;
      for (const column of chosen) {
        const text = (column.text || column.value)(i);
        const cell = make("span", text === null || text === "" ? NONE : text, { role: "gridcell" });
        cell.className = [column.number ? "number" : "", column.class ? column.class(i) : ""].join(" ").trim();
        row.append(cell);
      }
      row.addEventListener("click", () => choose(i));
      row.addEventListener("dblclick", play);
      rows.push(row);
    }
    $("spacer").replaceChildren(...rows);
    if (document.getElementById(`row-${state.chosen}`)) grid.setAttribute("aria-activedescendant", `row-${state.chosen}`);
    else grid.removeAttribute("aria-activedescendant");
  };

  const bringIntoView = (place) => {
    const grid = $("grid");
    const head = $("head").offsetHeight;
    const top = place * ROW;
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top + ROW + head > grid.scrollTop + grid.clientHeight) grid.scrollTop = top + ROW + head - grid.clientHeight;
  };

  const onKey = (event) => {
    if (event.target !== $("grid")) return;
    if (event.key === "Enter") {
      event.preventDefault();
      play();
      return;
    }
    const move = MOVES[event.key];
    if (!move || !shown.length) return;
    event.preventDefault();
    const page = Math.max(1, Math.floor($("grid").clientHeight / ROW) - 2);
    const next = Math.min(shown.length - 1, Math.max(0, move(shown.indexOf(state.chosen), page)));
    bringIntoView(next);
    choose(shown[next]);
  };

  // ---- The confusion matrix

  const drawConfusion = () => {
    const size = atlas.emotions.length;
    const counts = Array.from({ length: size }, () => new Array(size).fill(0));
    for (let i = 0; i < count; i += 1) {
      if (!spokenBy(i)) continue;
      for (const [, predicted] of tests(i)) counts[utterances.emotion[i]][predicted] += 1;
    }
    const head = make("tr");
    head.append(make("th"), ...atlas.emotions.map((name) => make("th", name, { scope: "col" })));
    const rows = counts.map((row, truth) => {
      const line = make("tr");
      line.append(make("th", atlas.emotions[truth], { scope: "row" }));
      const total = row.reduce((sum, value) => sum + value, 0);
      row.forEach((value, predicted) => {
        const share = total ? value / total : 0;
        const pressed = Boolean(state.cell) && state.cell[0] === truth && state.cell[1] === predicted;
        const button = make("button", value || "", {
          type: "button", "aria-pressed": String(pressed),
          "aria-label": `${atlas.emotions[truth]} recognised as ${atlas.emotions[predicted]}: ${value}`,
        });
        button.style.background = `rgb(${[247 - 239 * share, 251 - 203 * share, 255 - 148 * share].map(Math.round).join(",")})`;
        button.style.color = share > 0.5 ? "#fff" : "#1b1f24";
        button.addEventListener("click", () => pressCell(truth, predicted, pressed));
        const cell = make("td");
        cell.append(button);
        line.append(cell);
      });
      return line;
    });
    const thead = make("thead");
    thead.append(head);
    const tbody = make("tbody");
    tbody.append(...rows);
    $("confusion").replaceChildren(thead, tbody);
    $("confusion-figure").hidden = !Object.keys(atlas.predicted).length;
  };

  const pressCell = (truth, predicted, pressed) => {
    state.cell = pressed ? null : [truth, predicted];
    $("grid").scrollTop = 0;
    update();
    const row = $("confusion").tBodies[0].rows[truth];
    row.querySelectorAll("button")[predicted].focus();
  };

  // ---- Two systems

  const drawComparison = () => {
    $("comparison-figure").hidden = state.second === "";
    if (state.second === "") return;
    const counts = {};
    for (let i = 0; i < count; i += 1) {
      if (!spokenBy(i) || !ofEmotion(i)) continue;
      const outcome = outcomeOf(i);
      if (outcome) counts[outcome] = (counts[outcome] || 0) + 1;
    }
    const [first, second] = [state.system, state.second].map((system) => atlas.systems[system]);
    $("comparison-caption").textContent = `Utterances that the first, ${first}, and the second, ${second}, recognise: a cell shows them`;
    const head = make("tr");
    head.append(make("th"), ...["right", "wrong"].map((of) => make("th", `second ${of}`, { scope: "col" })));
    const rows = ["right", "wrong"].map((ofFirst) => {
      const line = make("tr");
      line.append(make("th", `first ${ofFirst}`, { scope: "row" }), ...["right", "wrong"].map((ofSecond) => {
        const outcome = `${ofFirst} ${ofSecond}`;
        const pressed = state.outcome === outcome;
        const button = make("button", counts[outcome] || 0, { type: "button", "aria-pressed": String(pressed), "aria-label": `first ${ofFirst}, second ${ofSecond}: ${counts[outcome] || 0}` });
        button.addEventListener("click", () => {
          state.outcome = pressed ? null : outcome;
          $("grid").scrollTop = 0;
          update();
          $("comparison").querySelector(`button[aria-label^="first ${ofFirst}, second ${ofSecond}"]`).focus();
        });
        const cell = make("td");
        cell.append(button);
        return cell;
      }));
      return line;
    });
    const [thead, tbody] = [make("thead"), make("tbody")];
    thead.append(head);
    tbody.append(...rows);
    $("comparison").replaceChildren(thead, tbody);
  };

  // ---- Errors over length

  const GROUPS = 5;  // of as many utterances each

  // Share of errors among n utterances, and its 95 % interval (Wilson's).
  const errorsOf = (members, system) => {
    const judged = members.map((i) => right(i, system)).filter((each) => each !== null);
    const n = judged.length;
    if (!n) return null;
    const share = judged.filter((each) => !each).length / n;
    const z = 1.96;
    const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
    const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
    return { share, low: middle - half, high: middle + half };
  };

  const lengthGroups = () => {
    const members = [];
    for (let i = 0; i < count; i += 1) if (spokenBy(i) && ofEmotion(i)) members.push(i);
    members.sort((a, b) => utterances.duration[a] - utterances.duration[b]);
    return Array.from({ length: GROUPS }, (_, k) => members.slice(Math.round((k * members.length) / GROUPS), Math.round(((k + 1) * members.length) / GROUPS))).filter((group) => group.length);
  };

  const drawLengths = () => {
    const systems = [state.system, state.second].filter((system) => system && atlas.predicted[system]);
    $("lengths-figure").hidden = !systems.length;
    if (!systems.length) return;
    const { brush, width, height } = prepare($("lengths"));
    const groups = lengthGroups();
    const box = place(48, 8, width - 58, height - 48, [-0.5, GROUPS - 0.5]);
    const ends = groups.map((group, k) => [k, `${fixed(utterances.duration[group[0]], 1)}\u2013${fixed(utterances.duration[group[group.length - 1]], 1)}`]);
    const errors = groups.map((group) => systems.map((system) => errorsOf(group, system)));
    const most = Math.max(...errors.flat().map((each) => (each ? each.high : 0)));
    const top = [0.1, 0.2, 0.5].find((limit) => most <= limit) || 1;
    axes(brush, box, ends, [0, 0.5, 1].map((part) => [part, `${Math.round(100 * part * top)} %`]), "length, s", "");
    const wide = Math.min(46, (box.width / GROUPS) * (0.7 / systems.length));
    groups.forEach((_, k) => systems.forEach((system, number) => {
      if (!errors[k][number]) return;
      const [share, low, high] = ["share", "low", "high"].map((part) => box.y(errors[k][number][part] / top));
      const middle = box.x(k) + (number - (systems.length - 1) / 2) * (wide + 3);
      brush.fillStyle = COLOURS[number];
      brush.globalAlpha = 0.75;
      brush.fillRect(middle - wide / 2, share, wide, box.y(0) - share);
      brush.globalAlpha = 1;
      brush.strokeStyle = "#1b1f24";
      brush.lineWidth = 1.5;
      brush.beginPath();
      brush.moveTo(middle, low);
      brush.lineTo(middle, high);
      brush.stroke();
    }));
    const names = systems.map((system, number) => `${number ? "orange" : "blue"}: ${atlas.systems[system]}`);
    $("lengths-caption").textContent = `Share of errors by length, fifths of the utterances, with 95 % intervals${systems.length > 1 ? ` (${names.join(", ")})` : ""}`;
  };

  // ---- Drawing

  const mark = (brush, x, y, emotion, size = 4) => {
    const shape = SHAPES[emotion % SHAPES.length];
    brush.beginPath();
    if (shape === "circle" || shape === "ring") brush.arc(x, y, size, 0, 2 * Math.PI);
    else if (shape === "square") brush.rect(x - size, y - size, 2 * size, 2 * size);
    else if (shape === "bar") brush.rect(x - size, y - size / 2, 2 * size, size);
    else if (shape === "triangle") { brush.moveTo(x, y - size); brush.lineTo(x + size, y + size); brush.lineTo(x - size, y + size); brush.closePath(); }
    else if (shape === "wedge") { brush.moveTo(x, y + size); brush.lineTo(x + size, y - size); brush.lineTo(x - size, y - size); brush.closePath(); }
    else if (shape === "diamond") { brush.moveTo(x, y - size - 1); brush.lineTo(x + size + 1, y); brush.lineTo(x, y + size + 1); brush.lineTo(x - size - 1, y); brush.closePath(); }
    else { brush.moveTo(x - size, y - size); brush.lineTo(x + size, y + size); brush.moveTo(x + size, y - size); brush.lineTo(x - size, y + size); }
    if (shape === "cross" || shape === "ring") { brush.lineWidth = 2; brush.stroke(); } else brush.fill();
  };

  const colour = (brush, emotion) => { brush.fillStyle = brush.strokeStyle = COLOURS[emotion % COLOURS.length]; };

  const axes = (brush, box, ticksX, ticksY, nameX, nameY) => {
    brush.strokeStyle = "#8c959f";
    brush.fillStyle = "#57606a";
    brush.lineWidth = 1;
    brush.font = "12px system-ui, 'DejaVu Sans', sans-serif";
    brush.strokeRect(box.left, box.top, box.width, box.height);
    brush.textAlign = "center";
    for (const [value, text] of ticksX) brush.fillText(text, box.x(value), box.top + box.height + 15);
    brush.fillText(nameX, box.left + box.width / 2, box.top + box.height + 31);
    brush.textAlign = "right";
    for (const [value, text] of ticksY) brush.fillText(text, box.left - 5, box.y(value) + 4);
    brush.save();
    brush.translate(box.left - 34, box.top + box.height / 2);
    brush.rotate(-Math.PI / 2);
    brush.textAlign = "center";
    brush.fillText(nameY, 0, 0);
    brush.restore();
  };

  const UNIT = [0, 0.25, 0.5, 0.75, 1].map((value) => [value, String(value)]);
  const place = (left, top, width, height, range) => ({
    left, top, width, height,
    x: (value) => left + 8 + (width - 16) * (value - range[0]) / (range[1] - range[0]),
    y: (value) => top + height - 8 - (height - 16) * value,
  });

  let scatterPoints = [];
  let peoplePoints = [];

  const drawPoints = (brush, points) => {
    for (const kept of [false, true]) {
      for (const [i, x, y] of points) {
        if (Boolean(passes[i]) !== kept) continue;
        if (kept) colour(brush, utterances.emotion[i]);
        else brush.fillStyle = brush.strokeStyle = "#d8dee4";
        brush.globalAlpha = kept ? 0.75 : 0.6;
        mark(brush, x, y, utterances.emotion[i], kept ? 4 : 3);
      }
    }
    brush.globalAlpha = 1;
    for (const [i, x, y] of points) {
      if (i !== state.chosen) continue;
      brush.strokeStyle = "#cf222e";
      brush.lineWidth = 2.5;
      brush.beginPath();
      brush.arc(x, y, 9, 0, 2 * Math.PI);
      brush.stroke();
    }
  };

  const drawScatter = () => {
    $("scatter-figure").hidden = networks.length < 2;
    if (networks.length < 2) return;
    const [first, second] = networks;  // of more, their columns in the list are compared
    $("scatter-caption").textContent = `Hard index of ${title(first)} and of ${title(second)}, mean over the folds that train on an utterance`;
    const { brush, width, height } = prepare($("scatter"));
    const box = place(48, 8, width - 58, height - 48, [0, 1]);
    axes(brush, box, UNIT, UNIT, `h, ${title(second)}`, `h, ${title(first)}`);
    scatterPoints = [];
    for (let i = 0; i < count; i += 1) {
      const [across, up] = [atlas.hard[second].mean[i], atlas.hard[first].mean[i]];
      if (across !== null && up !== null) scatterPoints.push([i, box.x(across), box.y(up)]);
    }
    drawPoints(brush, scatterPoints);
  };

  // A number between -0.5 and 0.5 that belongs to an utterance: what keeps equal ones apart.
  const jitter = (i) => (i * 0.6180339887) % 1 - 0.5;

  const drawPeople = () => {
    $("people-figure").hidden = !utterances.people || !networks.length;
    if ($("people-figure").hidden) return;
    const { brush, width, height } = prepare($("people"));
    // Listeners were twenty, or about as many: shares are shown in twentieths.
    const bin = (share) => Math.round(20 * share) / 20;
    const bins = [...new Set(utterances.people.filter((share) => share !== null).map(bin))].sort((a, b) => a - b);
    const range = [bins[0] - 0.025, bins[bins.length - 1] + 0.025];
    const each = width / networks.length;
    peoplePoints = [];
    networks.forEach((network, number) => {
      const box = place(number * each + 48, 8, each - 58, height - 48, range);
      const ticks = bins.filter((share) => bins.length <= 8 || Math.round(20 * share) % 4 === 0);
      axes(brush, box, ticks.map((share) => [share, `${Math.round(100 * share)}`]), UNIT, box.width > 190 ? "listeners who recognised it, %" : "listeners, %", `h, ${title(network)}`);
      const points = [];
      const hard = new Map(bins.map((share) => [share, []]));
      for (let i = 0; i < count; i += 1) {
        const [share, h] = [utterances.people[i], atlas.hard[network].mean[i]];
        if (share === null || h === null) continue;
        points.push([i, box.x(bin(share) + 0.036 * jitter(i)), box.y(h)]);
        hard.get(bin(share)).push(h);
      }
      drawPoints(brush, points);
      peoplePoints.push(...points);
      brush.strokeStyle = "#1b1f24";
      brush.lineWidth = 3;
      for (const [share, values] of hard) {
        if (!values.length) continue;
        const mean = box.y(values.reduce((sum, value) => sum + value, 0) / values.length);
        brush.beginPath();
        brush.moveTo(box.x(share - 0.022), mean);
        brush.lineTo(box.x(share + 0.022), mean);
        brush.stroke();
      }
    });
  };

  const nearest = (points, canvas, event) => {
    const bounds = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    let best = -1;
    let distance = 18 ** 2;
    for (const [i, px, py] of points) {
      const own = (px - x) ** 2 + (py - y) ** 2 + (passes[i] ? 0 : 150);
      if (own < distance) [best, distance] = [i, own];
    }
    return best;
  };

  const followPoints = (canvas, points) => {
    canvas.addEventListener("click", (event) => {
      const found = nearest(points(), canvas, event);
      if (found < 0) return;
      if (!passes[found]) clear();
      bringIntoView(shown.indexOf(found));
      choose(found);
    });
    canvas.addEventListener("mousemove", (event) => {
      const found = nearest(points(), canvas, event);
      canvas.title = found < 0 ? "" : `${utterances.name[found]}, ${atlas.emotions[utterances.emotion[found]]}`;
    });
  };

  const drawLegend = () => {
    $("legend").replaceChildren(...atlas.emotions.map((name, emotion) => {
      const item = make("li");
      const sample = make("canvas", undefined, { width: 28, height: 28, "aria-hidden": "true" });
      const brush = sample.getContext("2d");
      brush.scale(2, 2);
      colour(brush, emotion);
      mark(brush, 7, 7, emotion, 4.5);
      item.append(sample, name);
      return item;
    }));
    $("agreement").replaceChildren(...atlas.agreement.map((row) => {
      const interval = row.low === null ? "" : ` (95 % interval ${signed(row.low)} to ${signed(row.high)})`;
      return make("li", `${title(row.network)}: Spearman's rho ${signed(row.rho)}${interval}, ${row.utterances} utterances`);
    }), make("li", "Bars: mean hard index of a share of listeners. Below 0: what is hard for people is hard for the network."));
  };
  const signed = (value) => (value === null ? NONE : value.toFixed(2).replace("-", "\u2212"));

  // ---- The chosen utterance

  const choose = (i, byUser = true) => {
    state.chosen = i;
    drawRows();
    drawScatter();
    drawPeople();
    $("detail").hidden = i < 0;
    if (i < 0) return;
    describe(i);
    if (byUser) history.replaceState(null, "", `#${utterances.name[i]}`);
    const shard = Math.floor(i / atlas.shard);
    const show = () => { if (state.chosen === i) drawDetail(i, window.ATLAS_DETAILS[shard][i % atlas.shard]); };
    if (window.ATLAS_DETAILS[shard]) show();
    else {
      const script = make("script", undefined, { src: `details/${shard}.js` });
      script.addEventListener("load", show);
      document.head.append(script);
    }
  };

  const describe = (i) => {
    $("name").textContent = utterances.name[i];
    const facts = [
      `emotion ${atlas.emotions[utterances.emotion[i]]}`,
      utterances.speaker[i] && `speaker ${utterances.speaker[i]}${utterances.sex[i] ? `, ${utterances.sex[i]}` : ""}`,
      utterances.sentence[i] && `sentence ${utterances.sentence[i]}`,
      `${fixed(utterances.duration[i], 2)} s`,
      utterances.people && utterances.people[i] !== null && `recognised by ${Math.round(100 * utterances.people[i])} % of the listeners`,
    ];
    $("facts").textContent = facts.filter(Boolean).join(" \u00b7 ");
    const all = tests(i);
    $("tests").replaceChildren(all.length ? `${atlas.systems[state.system]}: ` : `${atlas.systems[state.system] || ""}: not tested in this run`);
    all.forEach(([fold, predicted], number) => {
      const right = predicted === utterances.emotion[i];
      const text = `fold ${fold}: ${atlas.emotions[predicted]}${right ? "" : " (wrong)"}`;
      $("tests").append(number ? ", " : "", make("span", text, { class: right ? "" : "wrong" }));
    });
    // What belongs to the one before is taken away; loading may take a moment.
    for (const id of ["waveform", "frames", "attention"]) prepare($(id));
    $("explained").textContent = "";
    $("mined").querySelector("tbody").replaceChildren();
    $("missing").hidden = true;
    $("audio").src = utterances.audio[i];
    $("head-line").hidden = true;
  };

  const bytes = (text, Kind) => new Kind(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);

  // Stops of viridis (van der Walt and Smith), between which colours are mixed.
  const VIRIDIS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
  const viridis = (value) => {
    const scaled = (value / 255) * (VIRIDIS.length - 1);
    const below = Math.min(VIRIDIS.length - 2, Math.floor(scaled));
    return VIRIDIS[below].map((part, k) => part + (scaled - below) * (VIRIDIS[below + 1][k] - part));
  };

  let opened = null;

  const drawDetail = (i, detail) => {
    opened = [i, detail];
    drawWaveform(detail);
    drawFrames(i, detail);
    drawAttention(i, detail);
    const about = ["Above: the waveform, and the spectral features, each coefficient z-scored by the corpus (yellow is high), the first at the bottom."];
    if (detail.attention) {
      const { fold, held_out } = detail.attention;
      about.push(`Below: the attention weights in fold ${fold}, which ${held_out ? "tests this utterance" : "does not test it"}.`);
    }
    $("explained").textContent = about.join(" ");
    $("mined").hidden = !detail.mined.length;
    $("mined").querySelector("tbody").replaceChildren(...detail.mined.map(([network, fold, wrong, epochs, hard, isHard]) => {
      const row = make("tr");
      row.append(...[title(network), fold, wrong, epochs, hard.toFixed(3), isHard ? "yes" : "no"].map((text) => make("td", text)));
      return row;
    }));
  };

  const drawWaveform = (detail) => {
    const { brush, width, height } = prepare($("waveform"));
    const peaks = bytes(detail.waveform, Int8Array);
    const pairs = peaks.length / 2;
    brush.fillStyle = "#0550ae";
    for (let k = 0; k < pairs; k += 1) {
      const y = (value) => height / 2 - (value / 127) * (height / 2 - 3);
      const top = y(peaks[2 * k + 1]);
      brush.fillRect((k * width) / pairs, top, Math.max(1, width / pairs), Math.max(1, y(peaks[2 * k]) - top));
    }
  };

  // Frames and steps begin at their number times the hop; what is drawn ends with the recording.
  const across = (i, seconds, width) => (seconds / utterances.duration[i]) * width;

  const drawFrames = (i, detail) => {
    const { brush, width, height } = prepare($("frames"));
    const values = bytes(detail.frames, Uint8Array);
    const rows = detail.coefficients;
    const total = values.length / rows;
    const picture = new ImageData(total, rows);
    for (let t = 0; t < total; t += 1) {
      for (let f = 0; f < rows; f += 1) {
        const [red, green, blue] = viridis(values[t * rows + f]);
        picture.data.set([red, green, blue, 255], 4 * ((rows - 1 - f) * total + t));
      }
    }
    const small = make("canvas", undefined, { width: total, height: rows });
    small.getContext("2d").putImageData(picture, 0, 0);
    brush.imageSmoothingEnabled = false;
    brush.drawImage(small, 0, 0, across(i, total * detail.hop, width), height);
  };

  const drawAttention = (i, detail) => {
    $("attention").hidden = !detail.attention;
    if (!detail.attention) return;
    const { brush, width, height } = prepare($("attention"));
    const { weights, frames } = detail.attention;
    const most = Math.max(...weights);
    const step = frames * detail.hop;
    weights.forEach((weight, k) => {
      const [left, right] = [across(i, k * step, width), Math.min(width, across(i, (k + 1) * step, width))];
      brush.fillStyle = weight === most ? "#d55e00" : "#8c959f";
      const tall = (weight / most) * (height - 6);
      brush.fillRect(left + 1, height - tall, Math.max(1, right - left - 2), tall);
    });
  };

  const play = () => {
    if (state.chosen < 0) return;
    const audio = $("audio");
    if (!audio.paused) { audio.pause(); return; }
    const end = begin() + utterances.duration[state.chosen];
    if (audio.src.includes("#t=") && audio.currentTime >= end) audio.currentTime = begin();
    audio.play().catch(() => {});  // the error event tells
  };

  // Of an utterance that is a segment of a recording the address says so: where it begins, in s.
  const begin = () => Number((/#t=([\d.]+)/.exec($("audio").src) || [0, 0])[1]);

  const followAudio = () => {
    const audio = $("audio");
    const line = $("head-line");
    const move = () => {
      const seconds = Math.max(0, audio.currentTime - begin());
      const over = audio.src.includes("#t=") && seconds >= utterances.duration[state.chosen];
      if (over) audio.pause();
      line.hidden = seconds === 0;
      line.style.left = `${across(state.chosen, seconds, $("tracks").clientWidth)}px`;
      if (!audio.paused) requestAnimationFrame(move);
    };
    audio.addEventListener("play", move);
    audio.addEventListener("seeked", move);
    audio.addEventListener("error", () => {
      $("missing").hidden = false;
      $("missing").textContent = `The recording cannot be played: it is expected at ${decodeURIComponent(audio.getAttribute("src").split("#")[0])}, relative to this page.`;
    });
    for (const id of ["waveform", "frames", "attention"]) {
      $(id).addEventListener("click", (event) => {
        const bounds = $(id).getBoundingClientRect();
        const seconds = ((event.clientX - bounds.left) / bounds.width) * utterances.duration[state.chosen];
        const seek = () => { audio.currentTime = begin() + seconds; };
        if (audio.readyState > 0) seek();
        else { audio.addEventListener("loadedmetadata", seek, { once: true }); audio.load(); }
      });
    }
  };

  // ---- Filters

  const fill = (select, options) => {
    select.replaceChildren(...options.map(([value, text]) => make("option", text, { value })));
  };

  const clear = () => {
    Object.assign(state, { text: "", emotion: "", speaker: "", sex: "", cell: null, outcome: null });
    for (const id of ["text", "emotion", "speaker", "sex"]) $(id).value = "";
    update();
  };

  const followFilters = () => {
    for (const id of ["text", "emotion", "speaker", "sex", "system", "second"]) {
      $(id).addEventListener("input", () => {
        state[id] = $(id).value;
        if (id === "system") state.cell = null;
        if (id === "system" || id === "second") state.outcome = null;
        $("grid").scrollTop = 0;
        update();
        if (id === "system" && state.chosen >= 0) describe(state.chosen);
      });
    }
    $("clear").addEventListener("click", clear);
    $("filters").addEventListener("submit", (event) => event.preventDefault());
  };

  const start = () => {
    document.title = atlas.title;
    $("title").textContent = atlas.title;
    $("note").textContent = atlas.note;
    fill($("emotion"), [["", "all"], ...atlas.emotions.map((name, k) => [k, name])]);
    const speakers = [...new Set(utterances.speaker)].filter(Boolean).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    fill($("speaker"), [["", "all"], ...speakers.map((name) => [name, name])]);
    const sexes = [...new Set(utterances.sex)].filter(Boolean).sort();
    fill($("sex"), [["", "all"], ...sexes.map((name) => [name, name])]);
    $("sex").parentElement.hidden = sexes.length < 2;
    // The best one comes first.
    const systems = Object.keys(atlas.systems).map((system) => [system, accuracyOf(system)]).sort((a, b) => b[1] - a[1]);
    const options = systems.map(([system, accuracy]) => [system, `${(100 * accuracy).toFixed(1)} % ${atlas.systems[system]}`]);
    fill($("system"), options);
    $("system").value = state.system;
    fill($("second"), [["", "nothing"], ...options]);
    $("second").parentElement.hidden = systems.length < 2;
    for (const element of document.querySelectorAll("#meaning .hard")) element.hidden = !networks.length;
    for (const element of document.querySelectorAll("#meaning .people")) element.hidden = !utterances.people;
    const hardest = columns.find((column) => column.title.startsWith("h "));
    if (hardest) state.sort = { column: hardest, down: true };
    followFilters();
    followAudio();
    followPoints($("scatter"), () => scatterPoints);
    followPoints($("people"), () => peoplePoints);
    $("grid").addEventListener("scroll", drawRows);
    $("grid").addEventListener("keydown", onKey);
    window.addEventListener("resize", () => { update(); if (opened && opened[0] === state.chosen) drawDetail(...opened); });
    drawLegend();
    update();
    const asked = utterances.name.indexOf(decodeURIComponent(location.hash.slice(1)));
    choose(asked >= 0 ? asked : shown.length ? shown[0] : -1, false);
    if (asked >= 0) bringIntoView(shown.indexOf(asked));
  };

  start();
})();
