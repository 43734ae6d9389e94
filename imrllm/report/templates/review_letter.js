// The letter's text, with its evidence marked.

// Splits spans into pieces that do not overlap: [start, end, pointers], in order, with all pointers that cover a piece.
function pieces(spans, length) {
  const edges = new Set([0, length]);
  for (const [start, end] of spans) edges.add(start).add(end);
  const sorted = [...edges].sort((a, b) => a - b);
  const starting = [...spans].sort((a, b) => a[0] - b[0]);
  const found = [];
  let open = [];
  let next = 0;
  for (let index = 0; index + 1 < sorted.length; index += 1) {
    const at = sorted[index];
    open = open.filter((span) => span[1] > at);
    while (next < starting.length && starting[next][0] <= at) open.push(starting[next++]);
    found.push([at, sorted[index + 1], [...open]]);
  }
  return found;
}

// Spans count code points, as Python does; a file may contain any numbers.
function spansOf(given, length) {
  const spans = [];
  for (const [pointer, [start, end], doubtful] of given) {
    if (Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start < end && end <= length) spans.push([start, end, pointer, doubtful]);
  }
  return spans;
}

// Which line breaks only wrap a paragraph. The text stays as long as it is, so that spans fit: such a break becomes a space.
// Where the extractor left an empty line after each line, two breaks are one.
function reflowed(text) {
  // Whole runs of white space: a pattern that looks for the break in them would be quadratic in a run's length.
  const breaks = [...text.matchAll(/\s+/g)].filter(([run]) => run.includes("\n")).map((found) => ({ start: found.index, end: found.index + found[0].length, lines: found[0].split("\n").length - 1 }));
  const unit = breaks.filter(({ lines }) => lines === 1).length * 5 >= breaks.length ? 1 : 2;
  const lines = breaks.map(({ start }, index) => text.slice(index ? breaks[index - 1].end : 0, start));
  const lengths = lines.map((line) => line.length).filter((length) => length > 20).sort((a, b) => a - b);
  // Nine of ten lines are at most this long: the text's width, where one long line is not.
  const width = lengths[Math.floor(lengths.length * 0.9)] ?? 0;
  let shown = "";
  let from = 0;
  breaks.forEach(({ start, end, lines: count }, index) => {
    const line = lines[index];
    const [next] = text.slice(end, end + 60).split(/\s/, 1);
    // The next word did not fit, or a sentence goes on. A label at the start of a line opens a paragraph; "Page(s):" at
    // the end of one goes on.
    const isWrapped = count <= unit && line.length > 20 && (line.length + next.length + 1 >= width * 0.85 || /^[a-z(]/.test(next)) && (!/:$/.test(line) || /\(s\):$/.test(line)) && !(/[.!?:)]$/.test(line) && LABEL.test(text.slice(end, end + 60)));
    // A page ended within the sentence.
    const goesOn = line.length >= width * 0.6 && /[\p{L}\p{N},;]$/u.test(line) && /^[a-z(]/.test(next);
    const wraps = isWrapped || goesOn;
    shown += text.slice(from, start) + (wraps ? " ".repeat(end - start) : text.slice(start, end));
    from = end;
  });
  return shown + text.slice(from);
}
const LABEL = /^(?:[A-Z][\w/()’'-]*(?: [\w/()’'-]+){0,5}:|\d{1,2}[.)] )/;

// The length, in characters, from which a filled span would cover the others: a rationale, a whole basis.
const WIDE = 240;

// The letter's element, and its marks by pointer.
function drawLetter(entry, openAt) {
  const printed = reflowed(entry.text);
  const characters = /[\ud800-\udfff]/.test(printed) ? [...printed] : printed;
  const slice = (start, end) => (typeof characters === "string" ? characters.slice(start, end) : characters.slice(start, end).join(""));
  const given = entry.evidence.flatMap(([pointer, spans]) => spans.map((span) => [pointer, span, openAt.has(pointer) || openAt.has(above(pointer))]));
  for (const check of entry.checks) if (check.span && check.open) given.push([check.at, check.span, true]);
  const marks = new Map();
  const text = make("div", { class: "text", lang: "en" });
  for (const [start, end, covering] of pieces(spansOf(given, characters.length), characters.length)) {
    const words = printableLines(slice(start, end));
    if (!covering.length) {
      text.append(words);
      continue;
    }
    covering.sort((a, b) => a[1] - a[0] - (b[1] - b[0]));
    const [narrowest] = covering;
    const pointers = [...new Set(covering.map((span) => span[2]))];
    const wide = narrowest[1] - narrowest[0] > WIDE;
    const mark = make("mark", { class: `is-${groupOf(narrowest[2])}${wide ? " wide" : ""}${narrowest[3] && !wide ? " doubt" : ""}`, title: pointers.slice(0, 6).map(labelOf).join("\n") }, words);
    mark.pointers = pointers;
    for (const pointer of pointers) {
      if (!marks.has(pointer)) marks.set(pointer, []);
      marks.get(pointer).push(mark);
    }
    text.append(mark);
  }
  return { text, marks };
}

// Creates an element with text and child elements; text is never parsed as markup.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, typeof value === "string" && name !== "class" && name !== "title" ? value : printableLines(String(value)));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}
