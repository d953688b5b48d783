"use strict";

(() => {
  const page = JSON.parse(document.getElementById("data").textContent);
  const recordings = page.recordings;
  const { COLOURS, NONE, ROW, MOVES, make, prepare } = SHARED;
  const BAND = 24;  // height of the answers above the probabilities, in pixels

  const $ = (id) => document.getElementById(id);
  const state = { recording: 0, segment: 0, span: 0, until: null };

  const colour = (emotion) => COLOURS[emotion % COLOURS.length];
  const clock = (seconds) => {
    const tenths = Math.round(10 * seconds);
    const two = (value) => String(value).padStart(2, "0");
    const [hours, minutes] = [Math.floor(tenths / 36000), Math.floor(tenths / 600) % 60];
    const rest = `${two(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
    return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
  };
  const chosen = () => recordings[state.recording];
  const segment = () => chosen().segments[state.segment];
  const nameOf = (each) => (each.emotion < 0 ? "silent" : page.emotions[each.emotion]);
  const answerOf = (each) => nameOf(each) + (each.unusual && each.emotion >= 0 ? " ?" : "");

  // ---- Lists: rows of which only those in view are in the page, as in the atlas

  const list = (grid, columns, { count, current, choose, play }) => {
    const head = make("div", undefined, { class: "head", role: "row" });
    const spacer = make("div", undefined, { class: "spacer", role: "rowgroup" });
    grid.append(head, spacer);
    const visible = () => columns.filter((column) => !column.wide || window.innerWidth > 900);

    const draw = () => {
      const shown = visible();
      grid.style.setProperty("--columns", shown.map((column) => column.width).join(" "));
      grid.setAttribute("aria-rowcount", count() + 1);
      head.replaceChildren(...shown.map((column) => make("span", column.title, { role: "columnheader", class: column.number ? "number" : "" })));
      spacer.style.height = `${count() * ROW}px`;
      const first = Math.max(0, Math.floor(grid.scrollTop / ROW) - 10);
      const last = Math.min(count(), first + Math.ceil(grid.clientHeight / ROW) + 30);
      const rows = [];
      for (let i = first; i < last; i += 1) {
        const row = make("div", undefined, { class: "row", role: "row", id: `${grid.id}-${i}`, "aria-rowindex": i + 2, "aria-selected": String(i === current()) });
        row.style.top = `${i * ROW}px`;
        row.append(...shown.map((column) => {
          const cell = make("span", column.text(i), { role: "gridcell", class: column.number ? "number" : "" });
          if (column.long) cell.title = column.text(i);
          return cell;
        }));
        row.addEventListener("click", () => choose(i));
        row.addEventListener("dblclick", play);
        rows.push(row);
      }
      spacer.replaceChildren(...rows);
      if ($(`${grid.id}-${current()}`)) grid.setAttribute("aria-activedescendant", `${grid.id}-${current()}`);
      else grid.removeAttribute("aria-activedescendant");
    };

    const show = () => {
      const top = current() * ROW;
      const below = top + ROW + head.offsetHeight - grid.clientHeight;
      if (top < grid.scrollTop) grid.scrollTop = top;
      else if (below > grid.scrollTop) grid.scrollTop = below;
      draw();
    };

    grid.addEventListener("scroll", draw);
    grid.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); play(); return; }
      const move = MOVES[event.key];
      if (!move || !count()) return;
      event.preventDefault();
      const rows = Math.max(1, Math.floor(grid.clientHeight / ROW) - 2);
      choose(Math.min(count() - 1, Math.max(0, move(current(), rows))));
    });
    return { draw, show };
  };

  // The emotion that is heard longest, of those that are heard at all.
  const longest = (recording) => {
    const seconds = new Map();
    for (const [start, end, i] of recording.intervals) {
      const { emotion } = recording.segments[i];
      if (emotion >= 0) seconds.set(emotion, (seconds.get(emotion) || 0) + end - start);
    }
    return [...seconds].sort((a, b) => b[1] - a[1])[0];
  };

  const mostly = (recording) => {
    const most = longest(recording);
    if (!most) return "silent";
    const heard = recording.intervals.reduce((sum, [start, end, i]) => sum + (recording.segments[i].emotion >= 0 ? end - start : 0), 0);
    const share = Math.round((100 * most[1]) / heard);
    return page.emotions[most[0]] + (share < 100 ? ` ${share} %` : "");
  };

  const strange = (recording) => recording.segments.filter((each) => each.unusual).length;

  const listOfRecordings = list($("recordings"), [
    { title: "Recording", width: "minmax(7rem, 2fr)", long: true, text: (i) => recordings[i].name },
    { title: "Mostly", width: "minmax(8.2rem, 1fr)", text: (i) => mostly(recordings[i]) },
    { title: "Length", number: true, width: "5rem", text: (i) => clock(recordings[i].length) },
    { title: "Segments", number: true, wide: true, width: "5.4rem", text: (i) => recordings[i].segments.length },
    { title: "Unusual", number: true, wide: true, width: "5rem", text: (i) => strange(recordings[i]) || NONE },
  ], { count: () => recordings.length, current: () => state.recording, choose: (i) => open(i), play: () => playSegment() });

  const listOfSegments = list($("segments"), [
    { title: "From", number: true, width: "5.2rem", text: (i) => clock(chosen().segments[i].start) },
    { title: "To", number: true, width: "5.2rem", text: (i) => clock(chosen().segments[i].end) },
    { title: "Emotion", width: "minmax(6rem, 1fr)", text: (i) => answerOf(chosen().segments[i]) },
    { title: page.calibrated ? "Probability" : "Score", number: true, width: "6rem", text: (i) => { const { value } = chosen().segments[i]; if (value === null) return NONE; return page.calibrated ? `${(100 * value).toFixed(0)} %` : value.toFixed(2); } },
    { title: "Unusual", wide: true, width: "5rem", text: (i) => (chosen().segments[i].unusual ? "unusual" : "") },
  ], { count: () => chosen().segments.length, current: () => state.segment, choose: (i) => chooseSegment(i), play: () => playSegment() });

  // ---- Time

  // What part of the recording the tracks show, in s.
  const view = () => {
    const { length } = chosen();
    if (!state.span || state.span >= length) return [0, length];
    const audio = $("audio");
    const middle = audio.paused ? (segment().start + segment().end) / 2 : audio.currentTime;
    const first = Math.max(0, Math.min(length - state.span, middle - state.span / 2));
    return [first, first + state.span];
  };
  const across = (seconds, width, [first, last]) => ((seconds - first) / (last - first)) * width;

  const zoom = (factor) => {
    const { length } = chosen();
    const span = Math.max(2, (state.span || length) * factor);
    state.span = span >= length ? 0 : span;
    drawTracks();
  };

  // ---- Drawing

  const peaksOf = (recording) => {
    if (!recording.peaks) recording.peaks = new Int8Array(Uint8Array.from(atob(recording.waveform), (letter) => letter.charCodeAt(0)).buffer);
    return recording.peaks;
  };

  const drawWaveform = (shown) => {
    const { brush, width, height } = prepare($("waveform"));
    const recording = chosen();
    const peaks = peaksOf(recording);
    const pairs = peaks.length / 2;
    const y = (value) => height / 2 - (value / 127) * (height / 2 - 9);
    brush.fillStyle = "#0550ae";
    for (let x = 0; x < width; x += 1) {
      const at = (place) => Math.floor(((shown[0] + ((shown[1] - shown[0]) * place) / width) / recording.length) * pairs);
      const last = Math.min(pairs, Math.max(at(x) + 1, at(x + 1)));
      let [low, high] = [127, -127];
      for (let k = at(x); k < last; k += 1) {
        low = Math.min(low, peaks[2 * k]);
        high = Math.max(high, peaks[2 * k + 1]);
      }
      if (low <= high) brush.fillRect(x, y(high), 1, Math.max(1, y(low) - y(high)));
    }
    for (const interval of recording.intervals) {
      const { attention, start } = recording.segments[interval[2]];
      if (attention) drawAttention(brush, attention, start, interval, shown, width, height);
    }
  };

  // A step of the attention is a plateau; of segments that overlap each has its own interval.
  const drawAttention = (brush, { step, shares }, start, [from, to], shown, width, height) => {
    const y = (share) => height - 1 - (share / 100) * (height - 4);
    brush.strokeStyle = "#d55e00";
    brush.lineWidth = 1.5;
    brush.beginPath();
    shares.forEach((share, k) => {
      const [left, right] = [start + k * step, start + (k + 1) * step].map((time) => across(Math.min(to, Math.max(from, time)), width, shown));
      if (right <= left) return;
      brush.lineTo(left, y(share));
      brush.lineTo(right, y(share));
    });
    brush.stroke();
  };

  const drawEmotions = (shown) => {
    const canvas = $("emotions");
    canvas.setAttribute("height", page.calibrated ? 130 : BAND + 4);
    canvas.removeAttribute("data-height");
    const { brush, width, height } = prepare(canvas);
    brush.font = "12px system-ui, 'DejaVu Sans', sans-serif";
    brush.textBaseline = "middle";
    for (const [start, end, i] of chosen().intervals) {
      if (end < shown[0] || start > shown[1]) continue;
      const each = chosen().segments[i];
      const [left, right] = [across(start, width, shown), across(end, width, shown)];
      const wide = Math.max(0.5, right - left - (right - left > 6 ? 1 : 0));
      drawAnswer(brush, each, left, wide, Math.max(4, left + 4), Math.min(width, right));
      if (each.chances) drawChances(brush, each, left, wide, height);
    }
    const { start, end } = segment();
    brush.strokeStyle = "#cf222e";
    brush.lineWidth = 2;
    const [left, right] = [across(start, width, shown), across(end, width, shown)];
    if (chosen().segments.length > 1) brush.strokeRect(left + 1, 1, Math.max(2, right - left - 2), height - 2);
  };

  const drawAnswer = (brush, each, left, wide, from, to) => {
    brush.fillStyle = each.emotion < 0 ? "#eaeef2" : colour(each.emotion);
    brush.globalAlpha = each.unusual && each.emotion >= 0 ? 0.45 : 1;
    brush.fillRect(left, 0, wide, BAND);
    brush.globalAlpha = 1;
    const text = answerOf(each);
    if (brush.measureText(text).width > to - from - 3) return;
    brush.fillStyle = each.emotion < 0 || each.unusual || ["#56b4e9", "#e69f00", "#cc79a7"].includes(colour(each.emotion)) ? "#1b1f24" : "#fff";
    brush.fillText(text, from, BAND / 2 + 1);
  };

  const drawChances = (brush, each, left, wide, height) => {
    let top = BAND + 4;
    const room = height - top;
    brush.globalAlpha = each.unusual ? 0.45 : 1;
    each.chances.forEach((chance, emotion) => {
      brush.fillStyle = colour(emotion);
      brush.fillRect(left, top, wide, chance * room);
      top += chance * room;
    });
    brush.globalAlpha = 1;
  };

  const drawTracks = () => {
    const shown = view();
    drawWaveform(shown);
    drawEmotions(shown);
    $("view").textContent = state.span ? `${clock(shown[0])} to ${clock(shown[1])}` : "";
    $("wider").disabled = !state.span;
    $("closer").disabled = (state.span || chosen().length) <= 2;
    drawHeadLine(shown);
  };

  const drawHeadLine = (shown) => {
    const seconds = $("audio").currentTime;
    const line = $("head-line");
    line.hidden = seconds === 0 || seconds < shown[0] || seconds > shown[1];
    line.style.left = `${across(seconds, $("tracks").clientWidth, shown)}px`;
  };

  // ---- What is chosen

  const open = (i) => {
    const audio = $("audio");
    Object.assign(state, { recording: i, segment: 0, span: 0, until: null });
    const recording = chosen();
    $("name").textContent = recording.name;
    const facts = [`${clock(recording.length)} long`, `mostly ${mostly(recording)}`];
    if (strange(recording)) facts.push(`${strange(recording)} of ${recording.segments.length} unlike the training data`);
    $("facts").textContent = facts.join(" \u00b7 ");
    $("missing").hidden = recording.audio !== null;
    $("missing").textContent = "It was read from standard input and cannot be played.";
    audio.hidden = recording.audio === null;
    if (recording.audio === null) audio.removeAttribute("src");
    else audio.src = recording.audio;
    $("segments").scrollTop = 0;
    listOfRecordings.show();
    listOfSegments.draw();
    drawTracks();
  };

  const chooseSegment = (i, seek = true) => {
    state.segment = i;
    listOfSegments.show();
    if (seek) moveTo(segment().start);
    drawTracks();
  };

  // ---- Sound

  const moveTo = (seconds) => {
    const audio = $("audio");
    if (!audio.getAttribute("src")) return;
    state.until = null;
    const seek = () => { audio.currentTime = Math.max(0, Math.min(chosen().length, seconds)); };
    if (audio.readyState > 0) seek();
    else { audio.addEventListener("loadedmetadata", seek, { once: true }); audio.load(); }
  };

  const toggle = () => {
    const audio = $("audio");
    if (!audio.getAttribute("src")) return;
    state.until = null;
    if (audio.paused) audio.play().catch(() => {});  // the error event tells
    else audio.pause();
  };

  const playSegment = () => {
    const audio = $("audio");
    if (!audio.getAttribute("src")) return;
    if (!audio.paused) { audio.pause(); return; }
    moveTo(segment().start);
    state.until = segment().end;
    audio.play().catch(() => {});
  };

  const under = (seconds) => {
    const interval = chosen().intervals.find(([start, end]) => start <= seconds && seconds < end);
    return interval ? interval[2] : -1;
  };

  const followAudio = () => {
    const audio = $("audio");
    const move = () => {
      const seconds = audio.currentTime;
      if (state.until !== null && seconds >= state.until) { audio.pause(); state.until = null; }
      const heard = under(seconds);
      if (!audio.paused && state.until === null && heard >= 0 && heard !== state.segment) chooseSegment(heard, false);
      else if (state.span && !audio.paused) drawTracks();
      else drawHeadLine(view());
      if (!audio.paused) requestAnimationFrame(move);
    };
    for (const event of ["play", "seeked", "pause"]) audio.addEventListener(event, move);
    audio.addEventListener("error", () => {
      if (!audio.getAttribute("src")) return;
      $("missing").hidden = false;
      $("missing").textContent = `The recording cannot be played: it is expected at ${decodeURIComponent(audio.getAttribute("src"))}, relative to this page.`;
    });
    for (const id of ["waveform", "emotions"]) {
      $(id).addEventListener("click", (event) => {
        const bounds = $(id).getBoundingClientRect();
        const [first, last] = view();
        const seconds = first + ((event.clientX - bounds.left) / bounds.width) * (last - first);
        const heard = under(seconds);
        if (heard >= 0) chooseSegment(heard, false);
        moveTo(seconds);
      });
    }
  };

  const onKey = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("button, audio")) return;
    if (event.key === " ") toggle();
    else if (event.key === "ArrowRight") moveTo($("audio").currentTime + 1);
    else if (event.key === "ArrowLeft") moveTo($("audio").currentTime - 1);
    else return;
    event.preventDefault();
  };

  const explain = () => {
    const sentences = ["The band names the emotion of each segment; where segments overlap, the one whose middle is nearest."];
    if (page.calibrated) sentences.push("Below it are the calibrated probabilities of all emotions.");
    sentences.push("Pale, with a question mark: unlike the training data; do not trust it.");
    if (recordings.some((each) => each.segments.some(({ attention }) => attention))) sentences.push("Orange line: attention weight over time, relative to the most in the segment.");
    $("explained").textContent = sentences.join(" ");
  };

  const start = () => {
    document.title = page.title;
    $("title").textContent = page.title;
    $("note").textContent = page.note;
    $("legend").replaceChildren(...page.emotions.map((name, emotion) => {
      const item = make("li");
      const sample = make("span");
      sample.style.background = colour(emotion);
      item.append(sample, name);
      return item;
    }));
    if (recordings.length === 1) document.querySelector("main").classList.add("alone");
    if (!recordings.length) { document.querySelector("main").hidden = true; return; }
    explain();
    followAudio();
    $("closer").addEventListener("click", () => zoom(0.5));
    $("wider").addEventListener("click", () => zoom(2));
    document.addEventListener("keydown", onKey);
    window.addEventListener("resize", () => { listOfRecordings.draw(); listOfSegments.draw(); drawTracks(); });
    open(0);
  };

  start();
})();
