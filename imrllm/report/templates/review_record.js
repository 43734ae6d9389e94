// The record: its fields in doubt, all fields, the confirmed fields, and the value editor.

const STATUS_WORDS = {
  conflict: "conflict: the letter says otherwise",
  missing: "missing: the letter states more than the record was given",
  unsupported: "unsupported: stands nowhere in its part of the letter",
};
const VERDICTS = { accept: "accepted", source: "set to the letter’s", model: "set to the model’s", edit: "edited" };

function showRecord() {
  const entry = entryOf();
  const head = make("div", { class: "head" }, make("h2", {}, entry.status === "failed" ? "No record" : "Record", " ", make("span", { class: `mark ${entry.status === "ok" ? "good" : entry.status === "failed" ? "bad" : ""}` }, `${ICONS[entry.status]} ${entry.status}`)));
  const body = [head];
  if (entry.made) head.append(make("p", { class: "fine" }, printable(entry.made)));
  if (entry.error) body.push(make("p", { class: "flag" }, printable(entry.error)));
  else if (entry.note && entry.status === "failed") body.push(make("p", { class: "flag" }, printable(entry.note)));
  if (entry.record) {
    const box = make("input", { type: "checkbox", id: "whole", onchange: (event) => setWhole(event.target.checked) });
    head.append(make("label", { class: "whole" }, box, make("span", {}, `I compared every value with the letter${data.audit ? "" : " (gold)"}`)));
    body.push(make("div", { id: "doubts" }), make("div", { id: "fields" }), make("div", { id: "confirmed" }));
  }
  $("record").replaceChildren(...body);
  if (entry.record) {
    drawDoubts();
    drawFields();
    drawConfirmed();
    refreshWhole();
  }
}
function refreshWhole() {
  const left = openOf(view.place).length;
  if (left) state.whole.delete(view.place);
  $("whole").disabled = left > 0;
  $("whole").checked = state.whole.has(view.place);
  $("whole").parentNode.title = left ? "First settle what is in doubt." : "";
}
function setWhole(checked) {
  if (checked) state.whole.add(view.place);
  else state.whole.delete(view.place);
  changed(view.place);
}

const checksAt = (entry, at) => entry.checks.filter((check) => check.at === at && check.status !== "confirmed");

function drawDoubts() {
  const entry = entryOf();
  const open = entry.open;
  const body = [];
  for (const status of data.statuses) {
    const listed = open.filter(([, each]) => each === status);
    if (!listed.length) continue;
    body.push(make("h3", { title: STATUS_WORDS[status] }, `${status[0].toUpperCase()}${status.slice(1)} (${listed.length})`, make("span", { class: "fine" }, ` ${STATUS_WORDS[status].split(": ")[1]}`)));
    for (const [at] of listed) body.push(card(entry, at));
  }
  $("doubts").replaceChildren(...body);
}

// One field in doubt: both readers' values, the record's value and the possible actions.
function card(entry, at) {
  const field = fieldOf(at);
  const settled = state.settled[view.place].get(at);
  const held = draftOf(view.place, at);
  const checks = checksAt(entry, at);
  const element = make("article", { class: `doubt-card is-${groupOf(at)}${settled ? " settled" : ""}${view.current === at ? " current" : ""}`, "data-at": at, tabindex: "-1", "aria-label": `${labelOf(at)}, ${settled ? VERDICTS[settled.action] : "in doubt"}` });
  element.append(make("div", { class: "what" }, make("button", { type: "button", class: "name", title: field.description, onclick: () => { setCurrent(at); pane("letter"); } }, make("b", {}, labelOf(at))), settled ? make("span", { class: "verdict" }, `✓ ${VERDICTS[settled.action]}`) : null));
  const side = (name, value, check, word) => {
    const offer = taken(field, check, word, entry.record, held ?? []);
    const text = compact(value);
    return make("div", { class: !isEmpty(value) && same(value, held) ? "same" : "" }, make("dt", {}, name), make("dd", {}, printableLines(text)),
      checks.length > 1 && offer !== undefined && !same(offer, held) ? make("button", { type: "button", onclick: () => settle(at, word, offer, false) }, isEmpty(value) ? "Leave it out" : "Take it") : null);
  };
  const sides = make("dl", { class: "sides" });
  for (const check of checks) {
    if (checks.length > 1) sides.append(make("div", { class: "full-width fine" }, `${check.status}${check.pointer === at ? "" : ` · entry ${Number(check.pointer.slice(at.length + 1)) + 1}`}`));
    sides.append(side(entry.asked ? "model" : "as made", check.model_value, check, "model"), side("letter, as read", check.source_value, check, "source"));
  }
  element.append(sides, make("dl", { class: "held" }, make("dt", {}, settled ? "the record will hold" : "the record holds"), make("dd", {}, printableLines(compact(held)))));
  const act = (words, key, action, primary) => make("button", { type: "button", class: primary ? "primary" : "", onclick: () => { setCurrent(at, false); action(); } }, `${words} `, make("kbd", { "aria-hidden": "true" }, key));
  const row = make("div", { class: "buttons" }, act("Accept", "a", accept, !settled));
  if (checks.length === 1) {
    for (const [word, words, key] of [["source", "Take letter’s", "s"], ["model", entry.asked ? "Take model’s" : "Take as made", "m"]]) {
      if (offerOf(at, word) !== undefined) row.append(act(words, key, () => take(word)));
    }
  }
  row.append(act("Edit", "e", edit));
  if (settled) row.append(act("Undo", "u", undo));
  element.append(row);
  element.addEventListener("mouseenter", () => light([at]));
  element.addEventListener("mouseleave", () => light(currently()));
  element.addEventListener("focusin", () => { if (view.current !== at) setCurrent(at, false); });
  return element;
}
// The value if one side of a field's only check is chosen; undefined if it equals the record's value.
function offerOf(at, side) {
  const entry = entryOf();
  const checks = checksAt(entry, at);
  if (checks.length !== 1) return undefined;
  const held = valueAt(entry.record, at) ?? null;
  const offer = taken(fieldOf(at), checks[0], side, entry.record, held ?? []);
  return offer === undefined || same(offer, held) ? undefined : offer;
}

function drawFields() {
  const entry = entryOf();
  const body = [];
  let rows = null;
  const heading = (words, level) => {
    rows = make("div", { class: "rows" });
    body.push(make(level, {}, words), rows);
  };
  const open = new Map(entry.open);
  const confirmed = new Set(entry.checks.filter((check) => check.status === "confirmed").map((check) => check.at));
  const walk = (value, pointer) => {
    for (const [name, each] of Object.entries(value)) {
      const at = `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (each !== null && typeof each === "object" && !(Array.isArray(each) && each.every(isPlain))) {
        if (!Array.isArray(each)) heading(labelOf(at), pointer ? "h4" : "h3");
        if (Array.isArray(each) && name !== "disputed_items") each.forEach((one, index) => { heading(labelOf(`${at}/${index}`), "h4"); walk(one, `${at}/${index}`); });
        else if (Array.isArray(each)) each.forEach((one, index) => { heading(`Item ${index + 1} of ${each.length}`, "h3"); walk(one, `${at}/${index}`); });
        else walk(each, at);
      } else if (pointer) rows.append(fieldRow(at, open, confirmed));
    }
  };
  walk(entry.record, "");
  $("fields").replaceChildren(...body);
}

function fieldRow(at, open, confirmed) {
  const field = fieldOf(at);
  const held = draftOf(view.place, at);
  const settled = state.settled[view.place].get(at);
  const values = Array.isArray(held) && held.length ? held : [held];
  const shown = make("div", { class: `value${String(held).length > 400 ? " long" : ""}` });
  values.forEach((each, index) => {
    shown.append(make("span", { "data-at": Array.isArray(held) ? `${at}/${index}` : null, class: isEmpty(each) ? "none" : "" }, printableLines(compact(each))));
  });
  const note = settled ? make("span", { class: "tick" }, `✓ ${VERDICTS[settled.action]}`) : open.has(at) ? make("span", { class: "alarm" }, `⚑ ${open.get(at)}`) : confirmed.has(at) ? make("span", { class: "tick", title: "The letter states it" }, "✓ confirmed") : null;
  const last = steps(at).at(-1);
  const row = make("div", { class: `row is-${groupOf(at)}`, "data-at": at },
    make("button", { type: "button", class: "name", title: `${at}\n${field.description}`, onclick: () => { goToMark(at); pane("letter"); } }, printable(spaced(last))), shown,
    make("div", { class: "end" }, note, make("button", { type: "button", class: "edit", "aria-label": `Edit ${labelOf(at)}`, onclick: () => openEditor(row, at) }, "edit"),
      settled && !open.has(at) ? make("button", { type: "button", class: "edit", "aria-label": `Undo ${labelOf(at)}`, onclick: () => settle(at, null, null, false) }, "undo") : null));
  row.addEventListener("mouseover", (event) => light([event.target.closest("[data-at]").dataset.at]));
  row.addEventListener("mouseleave", () => light(currently()));
  return row;
}

// The confirmed fields, built when first opened.
function drawConfirmed() {
  const confirmed = entryOf().checks.filter((check) => check.status === "confirmed" || check.confirmed_by);
  if (!confirmed.length) return;
  const details = make("details", {}, make("summary", {}, `Confirmed checks (${confirmed.length})`));
  details.addEventListener("toggle", () => {
    if (details.lastChild.tagName === "TABLE") return;
    const cells = (check) => [make("td", {}, printableLines(compact(check.model_value))), make("td", {}, printableLines(compact(check.source_value))), make("td", {}, check.confirmed_by ? printable(`${check.confirmed_by.initials}, ${check.confirmed_by.on}`) : check.status)];
    details.append(make("table", { class: "checks-table" }, make("thead", {}, make("tr", {}, ...["field", entryOf().asked ? "model" : "as made", "letter, as read", "confirmed by"].map((name) => make("th", { scope: "col" }, name)))),
      make("tbody", {}, ...confirmed.map((check) => make("tr", {}, make("th", { scope: "row" }, labelOf(check.pointer)), ...cells(check))))));
  });
  $("confirmed").replaceChildren(details);
}

let editors = 0;
function openEditor(holder, at) {
  if (holder.querySelector(".editor")) return;
  const field = fieldOf(at);
  const id = `editor-${(editors += 1)}`;
  const initial = asTyped(field, draftOf(view.place, at));
  const choices = field.kind === "boolean" ? ["true", "false"] : field.kind === "choice" ? field.choices : null;
  const several = field.kind === "list" || field.kind === "object" || initial.length > 60;
  const control = choices ? make("select", { id }, ...(field.nullable ? [make("option", { value: "" }, "not stated")] : []), ...choices.map((each) => make("option", { value: each }, spaced(each)))) : make(several ? "textarea" : "input", { id, spellcheck: "false", autocomplete: "off" });
  control.value = initial;
  const hint = { list: field.choices ? `One a line, of: ${field.choices.join(", ")}` : "One a line", object: "JSON", date: "YYYY-MM-DD", number: "A number", integer: "A whole number" }[field.kind] ?? "Text";
  const wrong = make("p", { class: "wrong", role: "alert", hidden: true });
  control.setAttribute("aria-describedby", `${id}-hint`);
  const keep = () => {
    let value;
    let why;
    try {
      value = typed(field, control.value);
      why = misfit(field, value);
    } catch {
      why = "This is not valid JSON.";
    }
    wrong.textContent = why;
    wrong.hidden = !why;
    if (!why) settle(at, same(value, valueAt(entryOf().record, at)) ? "accept" : "edit", value, false);
  };
  const leave = () => {
    editor.remove();
    holder.querySelector("button")?.focus();
  };
  const editor = make("form", { class: "editor", onsubmit: (event) => { event.preventDefault(); keep(); } },
    make("label", { class: "fine", for: id }, `${labelOf(at)}. `, make("span", { id: `${id}-hint` }, `${hint}${field.nullable ? "; empty: not stated" : ""}`)), control, wrong,
    make("div", { class: "buttons" }, make("button", { class: "primary" }, "Keep"), make("button", { type: "button", onclick: leave }, "Cancel")));
  editor.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) keep();
  });
  holder.append(editor);
  control.focus();
}
