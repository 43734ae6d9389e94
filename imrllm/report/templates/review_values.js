"use strict";
// Finds, formats, checks and changes values of a record. Nothing here touches the page.

// Characters that do not print or that steer the printing of others; as `printable` in Python, except white space.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/gu;
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const NOTHING = "–";

const escaped = (character) => {
  const hex = character.codePointAt(0).toString(16);
  return hex.length > 4 ? `\\U${hex.padStart(8, "0")}` : hex.length > 2 ? `\\u${hex.padStart(4, "0")}` : `\\x${hex.padStart(2, "0")}`;
};
const printable = (text) => text.replace(UNSEEN, escaped);
// Keeps a text's lines, but only one of several empty lines in a row.
const printableLines = (text) =>
  text.replace(/\r/g, "").replace(/\n[^\S\n]*(\n[^\S\n]*)+\n/g, "\n\n").replace(UNSEEN, (each) => ("\n\t".includes(each) ? each : each === "\f" || each === "\v" ? "\n" : escaped(each)));

const isEmpty = (value) => value === null || value === undefined || (Array.isArray(value) && value.length === 0);
const isPlain = (value) => value === null || typeof value !== "object";
const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

// A value in one line; a middle dot separates list entries, as on the other pages. Citations are sentences, one a line.
function compact(value) {
  if (isEmpty(value)) return NOTHING;
  if (Array.isArray(value)) return value.map(compact).join(value.every(isPlain) ? " · " : "\n");
  if (typeof value !== "object") return String(value) || '""';
  if (typeof value.guideline === "string" && Array.isArray(value.pages)) return citationWords(value);
  if (typeof value.stance === "string" && Array.isArray(value.citations)) return basisWords(value).join("\n");
  if (typeof value.heading === "string" && typeof value.decision === "string") return `${value.heading} (${value.decision})`;
  return JSON.stringify(value, null, 1);
}
// A value of a field in one line; one of a list of choices, such as a ground, without the underscores of its name.
const worded = (field, value) => (field.choices && !isEmpty(value) ? spaced(compact(value)) : compact(value));
// "MTUS Chronic Pain Treatment Guidelines 2009, sections A; B, pages 5-6"
function citationWords({ guideline, within_mtus: within, chapter, year, sections, pages }) {
  const named = guideline === "other" || String(chapter ?? "").startsWith(guideline) ? [] : [guideline];
  const parts = [[...named, chapter, year].filter(Boolean).join(" ") || guideline];
  if (sections?.length) parts.push(`${sections.length > 1 ? "sections" : "section"} ${sections.join("; ")}`);
  if (pages?.length) parts.push(`${pages.length > 1 || /[-–,]/.test(pages[0]) ? "pages" : "page"} ${pages.join(", ")}`);
  return `${parts.join(", ")}${within ? "" : " (outside the MTUS)"}`;
}
const STANCES = { none_cited: "No medical evidence cited", outside_mtus: "Did not go by the MTUS" };
// A side's stance, unless its citations say it, and its citations: a sentence each.
function basisWords({ stance, citations }) {
  const said = STANCES[stance] ?? (citations.length ? null : "Cited, without a citation");
  return [...(said ? [said] : []), ...citations.map(citationWords)];
}

const steps = (pointer) => pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
const above = (pointer) => pointer.slice(0, Math.max(pointer.lastIndexOf("/"), 0));
const spaced = (name) => name.replaceAll("_", " ");

// The value at a pointer, through own properties only; undefined if there is none.
function valueAt(record, pointer) {
  let found = record;
  for (const step of steps(pointer)) {
    if (found === null || typeof found !== "object" || !Object.hasOwn(found, step)) return undefined;
    found = found[step];
  }
  return found;
}

const patternOf = (pointer) => pointer.replace(/\/\d+(?=\/|$)/g, "/*");

// "Item 2 · reviewer basis · citation 1 · pages"
function labelOf(pointer) {
  const names = { disputed_items: "item", citations: "citation", added: "added item" };
  const parts = [];
  let before = "";
  for (const step of steps(pointer)) {
    if (!/^\d+$/.test(step)) parts.push(spaced(step));
    else if (parts.length) parts[parts.length - 1] = `${names[before] ?? spaced(before)} ${Number(step) + 1}`;
    before = step;
  }
  return parts.join(" · ") || "record";
}

// The color of a field's marks, by its part of the letter.
const GROUPS = [
  ["case", "header, reviewer, worker"],
  ["summary", "case summary"],
  ["request", "request"],
  ["outcome", "outcome"],
  ["administrator", "claims administrator"],
  ["reviewer", "reviewer’s guidelines"],
  ["rationale", "rationale"],
];
function groupOf(pointer) {
  const [first, , field] = steps(pointer);
  if (first === "clinical_summary") return "summary";
  if (first !== "disputed_items" && first !== "added") return "case";
  if (field === "decision") return "outcome";
  if (field === "claims_administrator") return "administrator";
  if (field === "reviewer_basis") return "reviewer";
  return ["rationale", "medically_necessary", "grounds"].includes(field) ? "rationale" : "request";
}

// One side's guidelines, to fill in.
const EMPTY_BASIS = { stance: "cited", citations: [{ guideline: "MTUS", within_mtus: true, chapter: null, year: null, sections: [], pages: [] }] };

const isBasis = (value) => typeof value === "object" && typeof value.stance === "string" && Array.isArray(value.citations) && value.citations.every((each) => each !== null && Array.isArray(each?.sections) && Array.isArray(each.pages));

// Why a field cannot have a value, in words; "" if it can. `imrllm apply` makes the final check.
function misfit(field, value) {
  if (value === null) return field.nullable ? "" : "It must not be empty.";
  const chosen = (each) => !field.choices || field.choices.includes(each);
  switch (field.kind) {
    case "boolean": return typeof value === "boolean" ? "" : "It must be true or false.";
    case "integer": return Number.isInteger(value) && value >= 0 ? "" : "It must be a whole number, 0 or more.";
    case "number": return Number.isFinite(value) && value >= 0 ? "" : "It must be a number, 0 or more.";
    case "date": return typeof value === "string" && isDay(value) ? "" : "It must be a day: YYYY-MM-DD.";
    case "choice": return chosen(value) ? "" : "It must be one of the choices.";
    case "list": {
      if (!Array.isArray(value) || !value.every((each) => typeof each === "string")) return "It must be a list of texts.";
      const wrong = value.find((each) => !chosen(each));
      return wrong === undefined ? "" : `“${printable(wrong)}” is not one of: ${field.choices.join(", ")}.`;
    }
    case "object":
      if (/_(administrator|basis)$/.test(field.path)) return isBasis(value) ? "" : "It must be JSON of the same form.";
      return (field.entries ? Array.isArray(value) : typeof value === "object" && !Array.isArray(value)) ? "" : "It must be JSON of the same form.";
    default:
      if (typeof value !== "string") return "It must be text.";
      return !field.pattern || new RegExp(field.pattern, "u").test(value) ? "" : "It must be YYYY-MM-DD, YYYY-MM or YYYY.";
  }
}
function isDay(text) {
  const day = new Date(`${text}T00:00:00Z`);
  return DATE.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

// A probability as a percentage: "12%".
const percent = (share) => (share > 0 && share < 0.005 ? "below 1%" : `${Math.round(share * 100)}%`);

// Parses typed text as a value of the field. Throws if it is not valid.
function typed(field, text) {
  const trimmed = text.trim();
  if (field.kind === "list") return text.split("\n").map((line) => line.trim()).filter(Boolean);
  if (trimmed === "") return null;
  if (field.kind === "object") return JSON.parse(trimmed);
  if (field.kind === "boolean") return trimmed === "true";
  if (field.kind === "integer" || field.kind === "number") return /^\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : NaN;
  return trimmed;
}
function asTyped(field, value) {
  if (value === null && field.kind === "object" && !field.entries) return JSON.stringify(EMPTY_BASIS, null, 2);
  if (isEmpty(value)) return "";
  if (field.kind === "list") return value.join("\n");
  return field.kind === "object" ? JSON.stringify(value, null, 2) : String(value);
}

// The field's value if one side of a check is chosen; undefined if that makes no sense.
// If the check is about one list entry, that entry is replaced, removed or added, and the others stay.
function taken(field, check, side, record, draft) {
  const value = (side === "source" ? check.source_value : check.model_value) ?? null;
  const entry = check.pointer === check.at ? null : Number(check.pointer.slice(check.at.length + 1));
  const ofEntry = check.pointer !== check.at || [check.model_value, check.source_value].some((each) => typeof each === "string");
  if (field.kind === "list" && ofEntry && !Array.isArray(value)) {
    const list = [...draft];
    const held = entry === null ? undefined : valueAt(record, check.pointer);
    const place = held === undefined ? -1 : list.indexOf(held);
    // The other side of a dropped entry is that it is absent.
    const dropped = [check.model_value, check.source_value].find((each) => typeof each === "string");
    if (value !== null && place >= 0) list[place] = value;
    else if (value !== null && !list.includes(value)) list.push(value);
    else if (value === null && place >= 0) list.splice(place, 1);
    else if (value === null && list.includes(dropped)) list.splice(list.indexOf(dropped), 1);
    return misfit(field, list) ? undefined : list;
  }
  if (check.pointer !== check.at) return undefined;
  if (field.kind === "list") {
    // A list with a missing entry keeps its other entries.
    const kept = check.status === "missing" && side === "source" ? [...draft, ...(value ?? []).filter((each) => !draft.includes(each))] : value ?? [];
    return misfit(field, kept) ? undefined : kept;
  }
  // What the letter states beside a value (an unread figure, a second outcome) is not a value for the field.
  const held = valueAt(record, check.at);
  if (check.status === "missing" && isEmpty(check.model_value) && !isEmpty(held) && !same(held, value)) return undefined;
  return misfit(field, value) ? undefined : value;
}
