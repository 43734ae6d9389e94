// The settled fields: saved by the browser, exported and imported.

const data = JSON.parse(document.getElementById("data").textContent);
const FIELDS = new Map(data.fields.map((field) => [field.path, field]));
// An added item has the fields of the others; its pointers begin with /added until the corrections are applied.
const fieldOf = (pointer) => FIELDS.get(patternOf(pointer).replace(/^\/added\//, "/disputed_items/")) ?? { kind: "object", nullable: false, path: pointer, description: "", entries: Array.isArray(valueAt(null, pointer)) };
const KEY = `imrllm review ${data.digest}`;

const state = {
  reviewer: "",
  // By document index: a map of pointer to {action, value}.
  settled: data.documents.map(() => new Map()),
  // By document index: the added items, each with the index of the item that it stands before.
  added: data.documents.map(() => []),
  whole: new Set(),
  // Whether any correction is neither exported nor saved by the browser.
  unsaved: false,
};
const places = new Map(data.documents.map((entry, place) => [entry.id, place]));

const isAdded = (at) => at.startsWith("/added/");
const addedOf = (place) => ({ added: state.added[place].map(({ item }) => item) });
const draftOf = (place, at) => {
  if (isAdded(at)) return valueAt(addedOf(place), at) ?? null;
  const settled = state.settled[place].get(at);
  return settled ? settled.value : (valueAt(data.documents[place].record, at) ?? null);
};
// The fields of a letter that a person is asked to look at and has not, the most worth first.
const itemOf = (at) => /^\/disputed_items\/\d+/.exec(at)?.[0];
const isRemoved = (place, at) => state.settled[place].get(itemOf(at))?.action === "remove";
const isSettled = (place, at) => state.settled[place].has(at) || isRemoved(place, at);
const openOf = (place) => data.documents[place].open.filter(({ at }) => !isSettled(place, at)).map(({ at }) => at);
const isAsked = (place, at) => data.documents[place].open.some((each) => each.at === at);

const isChanged = (place) => state.added[place].length > 0 || [...state.settled[place]].some(([at, { value }]) => !same(value, valueAt(data.documents[place].record, at) ?? null));

let storage = null;
try {
  storage = window.localStorage;
  storage.setItem(`${KEY} try`, "");
  storage.removeItem(`${KEY} try`);
} catch {
  storage = null;
}

function exported() {
  const corrections = [];
  data.documents.forEach((entry, place) => {
    for (const [pointer, { action, value }] of state.settled[place]) {
      corrections.push({ document_id: entry.id, sha256: entry.sha256, pointer, action, was: valueAt(entry.record, pointer) ?? null, value });
    }
    for (const { before, item } of state.added[place]) {
      corrections.push({ document_id: entry.id, sha256: entry.sha256, pointer: `/disputed_items/${before}`, action: "add", was: null, value: item });
    }
  });
  const now = new Date();
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
  const whole = [...state.whole].sort((a, b) => a - b).map((place) => ({ document_id: data.documents[place].id, sha256: data.documents[place].sha256 }));
  return { version: data.version, records: data.digest, reviewer: state.reviewer, exported: day, corrections, read_whole: whole };
}

// Imports exported corrections. Returns how many fit these records and how many do not.
function imported(given) {
  if (given === null || typeof given !== "object" || !data.reads.includes(given.version) || !Array.isArray(given.corrections) || !Array.isArray(given.read_whole)) {
    throw new Error("This is not a corrections file.");
  }
  let fit = 0;
  let unfit = 0;
  for (const each of given.corrections) {
    const place = places.get(each?.document_id);
    const entry = data.documents[place];
    if (entry && each.action === "add") {
      const before = Number(/^\/disputed_items\/(\d+)$/.exec(each.pointer)?.[1] ?? NaN);
      if (each.sha256 === entry.sha256 && before <= (entry.record?.disputed_items.length ?? -1) && isItem(each.value)) {
        if (!state.added[place].some((other) => other.before === before && same(other.item, each.value))) state.added[place].push({ before, item: each.value });
        fit += 1;
      } else unfit += 1;
      continue;
    }
    const held = entry && typeof each.pointer === "string" ? valueAt(entry.record, each.pointer) : undefined;
    const fits = held !== undefined && each.sha256 === entry.sha256 && same(held, each.was) && (each.action === "remove" ? itemOf(each.pointer) === each.pointer : ["accept", "model", "source", "edit"].includes(each.action) && !misfit(fieldOf(each.pointer), each.value ?? null));
    if (fits) {
      state.settled[place].set(each.pointer, { action: each.action, value: each.value ?? null });
      fit += 1;
    } else unfit += 1;
  }
  for (const each of given.read_whole) {
    const place = places.get(each?.document_id);
    if (place !== undefined && data.documents[place].sha256 === each.sha256 && !openOf(place).length) state.whole.add(place);
  }
  if (!state.reviewer && typeof given.reviewer === "string") state.reviewer = given.reviewer.slice(0, 20);
  return [fit, unfit];
}

// Whether a value is a disputed item: all its fields and no others, and each may have its value.
function isItem(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value) || Object.keys(value).length !== Object.keys(data.blank).length) return false;
  return Object.keys(data.blank).every((name) => Object.hasOwn(value, name) && !misfit(fieldOf(`/added/0/${name}`), value[name]));
}

function save() {
  try {
    storage.setItem(KEY, JSON.stringify(exported()));
    state.unsaved = false;
  } catch {
    storage = null;
    state.unsaved = true;
  }
}
function restore() {
  try {
    const kept = storage?.getItem(KEY);
    if (kept) imported(JSON.parse(kept));
  } catch {
    // Data that another version saved is not progress of this one.
  }
}
