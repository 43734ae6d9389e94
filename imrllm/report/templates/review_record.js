// The record: the queue of what a person is asked to look at, all fields, the confirmed fields, and the value editor.

const VERDICTS = { remove: "removed", accept: "accepted", source: "set to the letter’s", model: "set to the model’s", edit: "edited" };

function showRecord() {
  const entry = entryOf();
  const head = make("div", { class: "head" }, make("h2", {}, entry.status === "failed" ? "No record" : "Record", " ", make("span", { class: `mark ${entry.status === "ok" ? "good" : entry.status === "failed" ? "bad" : ""}` }, `${ICONS[entry.status]} ${entry.status}`)));
  const body = [head];
  if (entry.made) head.append(make("p", { class: "fine" }, printable(entry.made)));
  if (entry.error) body.push(make("p", { class: "flag" }, printable(entry.error)));
  else if (entry.note && entry.status === "failed") body.push(make("p", { class: "flag" }, printable(entry.note)));
  if (entry.record) {
    const box = make("input", { type: "checkbox", id: "whole", onchange: (event) => setWhole(event.target.checked) });
    head.append(make("label", { class: "whole" }, box, make("span", {}, `I compared every value with the letter${data.audit ? "" : " (gold)"}`)), make("p", { id: "gold", class: "fine", hidden: true }, "imrllm apply --gold writes this letter as gold, from which imrllm calibrate learns whose values are right and what risk they have."));
    if (entry.scanned.length) body.push(make("p", { class: "flag" }, `Recognized in a scan: page ${entry.scanned.join(", ")}. Compare every figure.`));
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
  $("gold").hidden = !$("whole").checked || data.audit;
  $("whole").parentNode.title = left ? "First settle what is in doubt." : "";
}
function setWhole(checked) {
  if (checked) state.whole.add(view.place);
  else state.whole.delete(view.place);
  changed(view.place);
  refreshWhole();
}

// The checks of a field that a person is asked about; else those that differ.
function checksAt(entry, at) {
  const own = entry.checks.filter((check) => check.at === at);
  const open = own.filter((check) => check.open);
  return open.length ? open : own.filter((check) => check.status !== "confirmed");
}

// What is to be looked at, by item, the most worth first; below it the repairs that are not in doubt, in one line.
function drawDoubts() {
  const entry = entryOf();
  const body = [];
  let before = null;
  for (const { at, group, risk } of entry.open) {
    if (group !== before) body.push(groupHeading(entry, group));
    body.push(card(entry, at, risk));
    before = group;
  }
  if (!body.length && !data.audit) body.push(make("p", { class: "calm" }, "✓ Nothing in this letter is in doubt."));
  if (entry.repairs.length) body.push(repairsFold(entry));
  const unfolded = $("repairs")?.open;
  $("doubts").replaceChildren(...body);
  if (unfolded && $("repairs")) $("repairs").open = true;
}
function groupHeading(entry, group) {
  const count = make("span", { class: "count" }, String(entry.open.filter((each) => each.group === group).length));
  if (!group) return make("h3", { class: "group" }, "Letter ", count);
  const item = valueAt(entry.record, group);
  return make("h3", { class: "group" }, `Item ${Number(steps(group)[1]) + 1} of ${entry.record.disputed_items.length} `, count, make("span", { class: "about fine" }, printable(compact(item))));
}
function riskOf(risk) {
  if (risk === null) return make("span", { class: "risk fine", title: "No measured risk: the readers differ." }, "risk not measured");
  const words = `risk ${percent(risk)}`;
  return make("span", { class: "risk fine", title: "The measured probability that the record’s value is wrong" }, make("meter", { min: "0", max: "1", value: String(risk), "aria-hidden": "true" }), words);
}

// One field to look at: why, the values of both readers, the record's value and the possible actions.
function card(entry, at, risk) {
  const field = fieldOf(at);
  const settled = isRemoved(view.place, at) ? state.settled[view.place].get(itemOf(at)) : state.settled[view.place].get(at);
  const held = draftOf(view.place, at);
  const checks = checksAt(entry, at);
  const [, , ...within] = at.startsWith("/disputed_items/") ? steps(at) : ["", "", at];
  const name = within.length && at.startsWith("/disputed_items/") ? labelOf(`/${within.join("/")}`) : labelOf(at);
  const element = make("article", { class: `doubt-card is-${groupOf(at)}${settled ? " settled" : ""}${view.current === at ? " current" : ""}`, "data-at": at, tabindex: "-1", "aria-label": `${labelOf(at)}, ${settled ? VERDICTS[settled.action] : "in doubt"}` });
  const why = [...new Set(checks.map((check) => check.why))];
  element.append(make("div", { class: "what" }, make("button", { type: "button", class: "name", title: field.description, onclick: () => { setCurrent(at); pane("letter"); } }, make("b", {}, name)),
    settled ? make("span", { class: "verdict" }, `✓ ${VERDICTS[settled.action]}`) : riskOf(risk),
    why.length === 1 ? make("span", { class: "why fine" }, why[0]) : null));
  let shown = false;
  const side = (words, value, check, word) => {
    const offer = taken(field, check, word, entry.record, held ?? []);
    const isHeld = !isEmpty(value) && same(value, held);
    shown ||= isHeld && checks.length === 1;
    return make("div", { class: isHeld ? "same" : "" }, make("dt", {}, words, isHeld ? make("span", { class: "in" }, settled ? " ✓ taken" : " ✓ in the record") : null), make("dd", {}, printableLines(worded(field, value))),
      checks.length > 1 && offer !== undefined && !same(offer, held) ? make("button", { type: "button", onclick: () => settle(at, word, offer, false) }, isEmpty(value) ? "Leave it out" : "Take it") : null);
  };
  const values = make("dl", { class: "sides" });
  for (const check of checks) {
    if (isAlone(check)) continue;
    if (why.length > 1) values.append(make("div", { class: "full-width fine" }, check.pointer === at ? check.why : `entry ${Number(check.pointer.slice(at.length + 1)) + 1}: ${check.why}`));
    // Of what nobody reads there is nothing to compare.
    if (isEmpty(check.model_value) && isEmpty(check.source_value)) continue;
    values.append(side(check.sides[0], check.model_value, check, "model"), side(check.sides[1], check.source_value, check, "source"));
  }
  if (values.childElementCount) element.append(values);
  if (!shown) element.append(make("dl", { class: "held" }, make("div", {}, make("dt", {}, settled ? "the record will hold" : "the record holds"), make("dd", {}, printableLines(worded(field, held))))));
  const act = (words, key, action, primary) => make("button", { type: "button", class: primary ? "primary" : "", onclick: () => { setCurrent(at, false); action(); } }, `${words} `, make("kbd", { "aria-hidden": "true" }, key));
  const row = make("div", { class: "buttons" }, act("Accept", "a", accept, !settled));
  if (checks.length === 1) {
    for (const [word, key, place] of [["source", "s", 1], ["model", "m", 0]]) {
      if (itemOf(at) !== at && offerOf(at, word) !== undefined) row.append(act(OFFERS[checks[0].sides[place]] ?? `Take ${checks[0].sides[place]}’s`, key, () => take(word)));
    }
  }
  if (at === "/disputed_items") row.append(make("button", { type: "button", onclick: openAdding }, "Add the item"));
  else if (itemOf(at) === at) row.append(make("button", { type: "button", onclick: () => removeItem(at) }, "Remove the item"));
  else row.append(act("Edit", "e", edit));
  if (settled) row.append(act("Undo", "u", undo));
  element.append(row);
  element.addEventListener("mouseenter", () => light([at]));
  element.addEventListener("mouseleave", () => light(currently()));
  element.addEventListener("focusin", () => { if (view.current !== at) setCurrent(at, false); });
  return element;
}
const OFFERS = { "letter, as read": "Take letter’s", "from the letter’s words": "Take what follows", "the letter also": "Take the other", "the record": "Take the record’s", "as made": "Take as made" };
// A check of what one reader alone reads, or does not read, has nothing to choose from.
const isAlone = (check) => check.status === "confirmed" && isEmpty(check.model_value);

// The repairs that are not in doubt: one line, one key.
function repairsFold(entry) {
  const left = repairsLeft();
  const count = entry.repairs.length;
  const many = count === 1 ? "1 repair" : `${count} repairs`;
  const rows = entry.repairs.map((at) => {
    const checks = checksAt(entry, at);
    const held = draftOf(view.place, at);
    const other = [...checks].sort((one, two) => (two.pointer === at) - (one.pointer === at)).map((check) => [check.model_value, check.source_value].find((value) => !isEmpty(value) && !same(value, held))).find((value) => value !== undefined);
    const reasons = [...new Set(checks.map((check) => check.why))].filter((why) => why !== "two readers differ").join("; ");
    const line = make("div", { class: `repair is-${groupOf(at)}`, "data-at": at, tabindex: "-1" },
      make("button", { type: "button", class: "name", onclick: () => { goToMark(at); pane("letter"); } }, labelOf(at)),
      make("div", { class: "value" }, make("del", {}, printableLines(worded(fieldOf(at), other ?? null))), " → ", make("ins", {}, printableLines(worded(fieldOf(at), held)))),
      reasons ? make("div", { class: "why fine" }, reasons) : null,
      make("button", { type: "button", class: "edit", "aria-label": `Edit ${labelOf(at)}`, onclick: () => openEditor(line, at) }, "edit"));
    line.addEventListener("mouseover", () => light([at]));
    line.addEventListener("mouseleave", () => light(currently()));
    return line;
  });
  const fold = make("details", { id: "repairs" }, make("summary", {}, left.length ? `${many}, not in doubt` : `✓ ${many} accepted`),
    make("p", { class: "fine" }, "The readers differ here, and on letters with gold the value in the record was right so often that nobody is asked."), ...rows);
  const button = left.length ? make("button", { type: "button", onclick: acceptRepairs }, "Accept all ", make("kbd", { "aria-hidden": "true" }, "r")) : make("button", { type: "button", onclick: reopenRepairs }, "Undo");
  return make("div", { class: "fold" }, fold, button);
}
// The value if one side of a field's only check is chosen; undefined if it equals the record's value.
function offerOf(at, side) {
  const entry = entryOf();
  const checks = checksAt(entry, at);
  if (checks.length !== 1 || isAlone(checks[0])) return undefined;
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
  const open = new Set(entry.open.map(({ at }) => at));
  const confirmed = new Set(entry.checks.filter((check) => check.status === "confirmed").map((check) => check.at));
  const walk = (value, pointer) => {
    for (const [name, each] of Object.entries(value)) {
      const at = `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (each !== null && typeof each === "object" && !(Array.isArray(each) && each.every(isPlain))) {
        if (pointer && typeof each.stance === "string" && Array.isArray(each.citations)) {
          const outer = rows;
          rows = basisFold(outer, at);
          walk(each, at);
          rows = outer;
          continue;
        }
        if (!Array.isArray(each)) heading(labelOf(at), pointer ? "h4" : "h3");
        if (Array.isArray(each) && name === "citations") each.forEach((one, index) => { rows.append(make("h4", {}, `Citation ${index + 1}`)); walk(one, `${at}/${index}`); });
        else if (Array.isArray(each) && name !== "disputed_items") each.forEach((one, index) => { heading(labelOf(`${at}/${index}`), "h4"); walk(one, `${at}/${index}`); });
        else if (Array.isArray(each)) {
          for (let index = 0; index <= each.length; index += 1) {
            state.added[view.place].forEach(({ before, item }, place) => { if (before === index) drawAdded(item, place); });
            if (index < each.length) drawItem(each[index], index, each.length);
          }
          body.push(addingForm(each.length));
        }
        else walk(each, at);
      } else if (pointer) rows.append(fieldRow(at, open, confirmed));
    }
  };
  const drawItem = (item, index, count) => {
    const at = `/disputed_items/${index}`;
    const gone = isRemoved(view.place, at);
    heading(`Item ${index + 1} of ${count}`, "h3");
    body.at(-2).dataset.item = at;
    body.at(-2).append(gone ? make("span", { class: "alarm" }, " removed ") : "", make("button", { type: "button", class: "link fine", onclick: () => (gone ? settle(at, null, null, false) : removeItem(at)) }, gone ? "put it back" : "remove"));
    if (gone) rows.append(make("div", { class: "row gone" }, make("del", {}, printable(compact(item)))));
    else walk(item, at);
  };
  const drawAdded = (item, place) => {
    heading("Added item ", "h3");
    body.at(-2).append(make("button", { type: "button", class: "link fine", onclick: () => dropAdded(place) }, "remove"));
    walk(item, `/added/${place}`);
  };
  walk(entry.record, "");
  $("fields").replaceChildren(...body);
}

// Adds an item that the letter has and the record lacks: its heading and outcome first, then its fields like any other's.
function addingForm(count) {
  const heading = make("input", { id: "adding-heading", autocomplete: "off", spellcheck: "false" });
  const decision = make("select", { id: "adding-decision" }, ...fieldOf("/added/0/decision").choices.map((each) => make("option", {}, each)));
  const place = make("select", { id: "adding-place" }, ...Array.from({ length: count }, (_, index) => make("option", { value: String(index) }, `before item ${index + 1}`)), make("option", { value: String(count), selected: true }, "at the end"));
  const wrong = make("p", { class: "wrong", role: "alert", hidden: true }, "Copy the heading from the letter, without its outcome.");
  const keep = (event) => {
    event.preventDefault();
    const words = heading.value.trim().replace(/\s+/g, " ");
    wrong.hidden = Boolean(words);
    if (words) addItem(Number(place.value), words, decision.value);
    else heading.focus();
  };
  return make("details", { id: "adding" }, make("summary", {}, "Add an item"), make("form", { class: "adding", onsubmit: keep },
    make("label", { class: "fine" }, "Heading, as printed ", heading), make("label", { class: "fine" }, "Outcome ", decision), make("label", { class: "fine" }, "Place ", place), wrong,
    make("div", { class: "buttons" }, make("button", { class: "primary" }, "Add"))));
}
function openAdding() {
  pane("record");
  $("adding").open = true;
  $("adding").scrollIntoView({ block: "center" });
  $("adding-heading").focus({ preventScroll: true });
}

// One side's guidelines as sentences; unfolded, the fields that say so.
function basisFold(rows, at) {
  const entry = entryOf();
  const settled = (pointer) => [...state.settled[view.place].keys()].some((each) => each === pointer || each.startsWith(`${pointer}/`));
  const doubtful = entry.open.some((each) => each.at === at || each.at.startsWith(`${at}/`)) && !settled(at);
  const basis = draftBasis(at);
  const sentences = basisWords(basis);
  const inner = make("div", { class: "inner" });
  const numbered = sentences.length > basis.citations.length ? ["stance", ...basis.citations.keys()] : [...basis.citations.keys()];
  const summary = make("summary", { class: `row is-${groupOf(at)}` }, make("span", { class: "name" }, printable(spaced(steps(at).at(-1)))),
    make("div", { class: "value" }, ...sentences.map((words, index) => make("span", { class: "sentence", "data-at": `${at}/${numbered[index] === "stance" ? "stance" : `citations/${numbered[index]}`}` }, printableLines(words)))),
    make("div", { class: "end" }, settled(at) ? make("span", { class: "tick" }, "✓ settled") : doubtful ? make("span", { class: "alarm" }, "⚑ in doubt") : null, make("span", { class: "fine unfold", "aria-hidden": "true" })));
  summary.addEventListener("mouseover", (event) => light([event.target.closest("[data-at]")?.dataset.at ?? at]));
  summary.addEventListener("mouseleave", () => light(currently()));
  const fold = make("details", { class: "basis" }, summary, inner);
  fold.open = unfolded.has(`${view.place} ${at}`);
  fold.addEventListener("toggle", () => { unfolded[fold.open ? "add" : "delete"](`${view.place} ${at}`); });
  rows.append(fold);
  return inner;
}
const unfolded = new Set();
// A side's basis with what is settled of its fields.
function draftBasis(at) {
  const basis = structuredClone(draftOf(view.place, at));
  for (const [pointer, { value }] of state.settled[view.place]) {
    if (!pointer.startsWith(`${at}/`)) continue;
    const holder = valueAt(basis, above(pointer.slice(at.length)));
    const last = steps(pointer).at(-1);
    if (holder !== undefined && holder !== null && Object.hasOwn(holder, last)) holder[last] = value;
  }
  return basis;
}

function fieldRow(at, open, confirmed) {
  const field = fieldOf(at);
  const held = draftOf(view.place, at);
  const settled = state.settled[view.place].get(at);
  const values = Array.isArray(held) && held.length ? held : [held];
  const shown = make("div", { class: `value${String(held).length > 400 ? " long" : ""}` });
  values.forEach((each, index) => {
    shown.append(make("span", { "data-at": Array.isArray(held) ? `${at}/${index}` : null, class: isEmpty(each) ? "none" : "" }, printableLines(worded(field, each))));
  });
  const note = settled ? make("span", { class: "tick" }, `✓ ${VERDICTS[settled.action]}`) : open.has(at) ? make("span", { class: "alarm" }, "⚑ in doubt") : confirmed.has(at) ? make("span", { class: "tick", title: field.follows ? "It follows from the letter’s words" : "The letter states it" }, "✓ confirmed") : null;
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
