// The settled fields: saved by the browser, exported and imported.

const data = JSON.parse(document.getElementById("data").textContent);
const FIELDS = new Map(data.fields.map((field) => [field.path, field]));
const fieldOf = (pointer) => FIELDS.get(patternOf(pointer)) ?? { kind: "object", nullable: false, path: pointer, description: "", entries: Array.isArray(valueAt(null, pointer)) };
const KEY = `imrllm review ${data.digest}`;

const state = {
  reviewer: "",
  // By document index: a map of pointer to {action, value}.
  settled: data.documents.map(() => new Map()),
  whole: new Set(),
  // Whether any correction is neither exported nor saved by the browser.
  unsaved: false,
};
const places = new Map(data.documents.map((entry, place) => [entry.id, place]));

const draftOf = (place, at) => {
  const settled = state.settled[place].get(at);
  return settled ? settled.value : (valueAt(data.documents[place].record, at) ?? null);
};
const openOf = (place) => data.documents[place].open.filter(([at]) => !state.settled[place].has(at));

const isChanged = (place) => [...state.settled[place]].some(([at, { value }]) => !same(value, valueAt(data.documents[place].record, at) ?? null));

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
  });
  const now = new Date();
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
  const whole = [...state.whole].sort((a, b) => a - b).map((place) => ({ document_id: data.documents[place].id, sha256: data.documents[place].sha256 }));
  return { version: data.version, records: data.digest, reviewer: state.reviewer, exported: day, corrections, read_whole: whole };
}

// Imports exported corrections. Returns how many fit these records and how many do not.
function imported(given) {
  if (given === null || typeof given !== "object" || given.version !== data.version || !Array.isArray(given.corrections) || !Array.isArray(given.read_whole)) {
    throw new Error("This is not a corrections file.");
  }
  let fit = 0;
  let unfit = 0;
  for (const each of given.corrections) {
    const place = places.get(each?.document_id);
    const entry = data.documents[place];
    const held = entry && typeof each.pointer === "string" ? valueAt(entry.record, each.pointer) : undefined;
    const fits = held !== undefined && each.sha256 === entry.sha256 && same(held, each.was) && ["accept", "model", "source", "edit"].includes(each.action) && !misfit(fieldOf(each.pointer), each.value ?? null);
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
