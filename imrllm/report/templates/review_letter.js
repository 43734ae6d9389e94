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

// The length, in characters, from which a filled span would cover the others: a rationale, a whole basis.
const WIDE = 240;

// The letter's element, and its marks by pointer.
function drawLetter(entry, openAt) {
  const characters = /[\ud800-\udfff]/.test(entry.text) ? [...entry.text] : entry.text;
  const slice = (start, end) => (typeof characters === "string" ? characters.slice(start, end) : characters.slice(start, end).join(""));
  const given = entry.evidence.flatMap(([pointer, spans]) => spans.map((span) => [pointer, span, openAt.has(pointer) || openAt.has(above(pointer))]));
  for (const check of entry.checks) if (check.span && openAt.has(check.at)) given.push([check.at, check.span, true]);
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
