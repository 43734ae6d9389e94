// The page: the list of letters, the letter on display, and the keyboard commands.

const $ = (id) => document.getElementById(id);
const say = (text) => { $("said").textContent = text; };
const ICONS = { ok: "✓", review: "⚑", failed: "✗" };

// The letter on display: its index, its marks and its fields in doubt.
const view = { place: -1, marks: new Map(), current: null };
const buttons = [];
const entryOf = () => data.documents[view.place];

function drawList() {
  data.documents.forEach((entry, place) => {
    const button = make("button", { type: "button", onclick: () => { show(place); pane("letter"); } }, make("b", {}, printable(entry.id)), make("span", { class: "fine" }));
    buttons.push(button);
    make("li", {}, button);
    tell(place);
  });
  arrange();
  const fields = new Map();
  for (const entry of data.documents) for (const { at } of entry.open) fields.set(patternOf(at), (fields.get(patternOf(at)) ?? 0) + 1);
  for (const [pattern, count] of [...fields].sort((a, b) => b[1] - a[1])) {
    $("f-field").append(make("option", { value: pattern }, `${labelOf(pattern).replaceAll(" · *", "")} (${count})`));
  }
}

// The verdict on a letter of an audit.
function verdictOf(place) {
  const wrong = isChanged(place);
  if (!state.whole.has(place)) return wrong ? `${ICONS.review} wrong value, not marked yet` : "to compare";
  return wrong ? `${ICONS.failed} wrong` : `${ICONS.ok} right`;
}

// One document's row in the list.
function tell(place) {
  const entry = data.documents[place];
  const left = openOf(place).length;
  const words = data.audit ? verdictOf(place) : entry.status === "failed" ? `${ICONS.failed} failed` : left ? `${ICONS.review} ${left} in doubt` : entry.open.length ? `${ICONS.ok} all settled` : entry.status === "ok" ? `${ICONS.ok} ok` : `${ICONS.review} review`;
  const line = buttons[place].lastChild;
  const counted = itemsOfBar(place);
  line.textContent = `${counted && `${counted} · `}${words}${state.whole.has(place) && !data.audit ? " · read whole" : ""}${entry.text === null && entry.status !== "failed" ? " · no letter" : ""}`;
  line.className = `fine${left || entry.status === "failed" ? " doubtful" : ""}`;
}

// Puts the letters in the order that is chosen: by the worth of what is to be looked at, or as in the file.
let order = data.order;
function arrange() {
  order = $("f-order").value === "file" ? data.documents.map((_, place) => place) : data.order;
  $("documents").append(...order.map((place) => buttons[place].parentNode));
}

function progress() {
  if (data.audit) {
    const wrong = data.documents.filter((_, place) => isChanged(place)).length;
    showProgress(state.whole.size, data.documents.length);
    $("progress").textContent = `${state.whole.size.toLocaleString("en")} of ${data.documents.length.toLocaleString("en")} letters compared${wrong ? ` · ${wrong.toLocaleString("en")} wrong` : ""}`;
    return;
  }
  const count = (number) => number.toLocaleString("en");
  const left = data.documents.map((_, place) => openOf(place).length);
  const all = data.documents.reduce((sum, entry) => sum + entry.open.length, 0);
  const open = left.reduce((sum, each) => sum + each, 0);
  const letters = left.filter(Boolean).length;
  $("progress").textContent = all ? `${count(all - open)} of ${count(all)} values looked at · ${letters ? `${count(letters)} ${letters === 1 ? "letter" : "letters"} left` : "no letter left"}` : "No value is in doubt";
  showProgress(all - open, all);
}
function showProgress(done, all) {
  $("queue").hidden = !all;
  $("queue").max = Math.max(all, 1);
  $("queue").value = done;
}

// Whether a document passes the filter.
let hay = null;
function prepareSearch() {
  const text = (entry) => `${entry.id} ${entry.text ?? JSON.stringify(entry.record) ?? ""}`;
  hay ??= data.documents.map((entry) => text(entry).toLowerCase().replace(/\s+/g, " "));
}
function matches(place, wanted) {
  const entry = data.documents[place];
  const items = entry.record?.disputed_items ?? [];
  const { status } = wanted;
  if (bar && !bar.letters.has(place)) return false;
  if (wanted.document && !entry.id.toLowerCase().includes(wanted.document)) return false;
  if (status === "open" ? !openOf(place).length : status === "settled" ? !entry.open.length || openOf(place).length : status && entry.status !== status) return false;
  if ((wanted.decision || wanted.category) && !items.some((item) => (!wanted.decision || item.decision === wanted.decision) && (!wanted.category || item.category === wanted.category))) return false;
  if (wanted.field && !entry.open.some(({ at }) => patternOf(at) === wanted.field)) return false;
  return !wanted.search || hay[place].includes(wanted.search);
}
function filter() {
  const value = (name) => $(`f-${name}`).value;
  const wanted = { search: value("search").trim().replace(/\s+/g, " ").toLowerCase(), document: value("document").trim().toLowerCase(), status: value("status"), decision: value("decision"), category: value("category"), field: value("field") };
  if (wanted.search) prepareSearch();
  let count = 0;
  data.documents.forEach((_, place) => {
    const shown = matches(place, wanted);
    buttons[place].parentNode.hidden = !shown;
    count += shown;
  });
  const all = data.documents.length;
  const of = `${all.toLocaleString("en")} ${all === 1 ? "document" : "documents"}`;
  $("shown").textContent = count === all ? of : `${count.toLocaleString("en")} of ${of}`;
  $("clear").hidden = !Object.values(wanted).some(Boolean);
}
const isShown = (place) => !buttons[place].parentNode.hidden;

function show(place) {
  if (view.place >= 0) buttons[view.place].removeAttribute("aria-current");
  view.place = place;
  view.current = null;
  buttons[place].setAttribute("aria-current", "true");
  buttons[place].scrollIntoView({ block: "nearest" });
  showLetter();
  showRecord();
  $("letter").scrollTop = 0;
  $("record").scrollTop = 0;
  goToItemOfBar();
}

function showLetter() {
  const entry = entryOf();
  const head = make("div", { class: "head" }, make("h2", {}, printable(entry.id)));
  if (entry.text === null) {
    $("letter").replaceChildren(head, make("p", { class: "text soft" }, entry.note ?? "The letter is not shown."));
    view.marks = new Map();
    return;
  }
  const { text, marks } = drawLetter(entry, new Set(entry.open.map(({ at }) => at)));
  view.marks = marks;
  head.append(make("div", { class: "groups fine", "aria-label": "Colours" }, ...GROUPS.map(([name, words]) => make("span", {}, make("i", { class: `is-${name}` }), words))));
  text.addEventListener("mouseover", (event) => light(event.target.pointers ?? currently()));
  text.addEventListener("mouseleave", () => light(currently()));
  text.addEventListener("click", (event) => { if (event.target.pointers) goToField(event.target.pointers[0]); });
  $("letter").replaceChildren(head, text);
}

const currently = () => (view.current ? [view.current] : headingOfBar());
// Highlights values and their spans together.
let lit = [];
function light(pointers) {
  for (const each of lit) each.classList.remove("on", "near");
  lit = [];
  const turn = (element) => { element.classList.add("on"); lit.push(element); };
  const isOf = (element, pointer) => element.dataset.at === pointer || (element.classList.contains("sentence") && pointer.startsWith(`${element.dataset.at}/`));
  for (const pointer of pointers) for (const element of $("record").querySelectorAll("[data-at]")) if (isOf(element, pointer)) turn(element);
  if (pointers.length) for (const mark of marksOf(pointers[0])) turn(mark);
}
function marksOf(pointer) {
  if (view.marks.has(pointer)) return view.marks.get(pointer);
  const beneath = [...view.marks].filter(([each]) => each.startsWith(`${pointer}/`)).flatMap(([, marks]) => marks);
  return beneath.length ? beneath : view.marks.get(above(pointer)) ?? [];
}
// Where to look for a value that has no place in the letter: the rationale, the heading, or the section of the letter.
function nearby(pointer) {
  const item = itemOf(pointer);
  const [section] = steps(pointer);
  const places = item ? [`${item}/${groupOf(pointer) === "rationale" ? "rationale" : "heading"}`, `${item}/request`, item] : [`/${section}`, section === "clinical_summary" ? "/injured_worker" : "/letter"];
  return places.map((each) => marksOf(each)).find((marks) => marks.length) ?? [];
}
function goToMark(pointer) {
  const own = marksOf(pointer);
  const marks = own.length ? own : nearby(pointer);
  light([pointer]);
  if (!marks.length) return;
  if (!own.length) {
    for (const each of marks) each.classList.add("near");
    lit.push(...marks);
  }
  // A hidden pane cannot scroll.
  marks[0].scrollIntoView({ block: "center" });
}
function goToField(pointer) {
  const places = [...$("record").querySelectorAll("[data-at]")].sort((one, other) => other.checkVisibility() - one.checkVisibility());
  const target = places.find((each) => each.dataset.at === pointer) ?? places.find((each) => each.dataset.at === above(pointer));
  if (!target) return;
  pane("record");
  const fold = target.closest("details");
  if (fold) fold.open = true;
  target.scrollIntoView({ block: "center" });
  (target.closest(".doubt-card") ?? target.closest(".row")?.querySelector("button") ?? target).focus({ preventScroll: true });
}

const redrawn = () => {
  drawDoubts();
  drawFields();
  refreshWhole();
};
// Settles a field; a null action opens it again.
function settle(at, action, value, onwards) {
  const scroll = $("record").scrollTop;
  if (isAdded(at)) {
    const [, index, ...path] = steps(at);
    const holder = valueAt(state.added[view.place][index].item, above(`/${path.join("/")}`));
    holder[path.at(-1)] = value;
    changed(view.place);
    redrawn();
    $("record").scrollTop = scroll;
    say(`${labelOf(at)}: edited.`);
    return;
  }
  if (action) state.settled[view.place].set(at, { action, value });
  else {
    state.settled[view.place].delete(at);
    if (isAsked(view.place, at)) state.whole.delete(view.place);
  }
  changed(view.place);
  redrawn();
  $("record").scrollTop = scroll;
  say(`${labelOf(at)}: ${action ? VERDICTS[action] : "open again"}. ${openOf(view.place).length} left in this letter.`);
  if (onwards && move(1, true)) return;
  focusCard(at);
}
function changed(place) {
  save();
  tell(place);
  progress();
  notice();
}
function focusCard(at) {
  const element = [...$("doubts").querySelectorAll(".doubt-card")].find((each) => each.dataset.at === at);
  element?.focus({ preventScroll: true });
  return element;
}

// Makes a field in doubt the current field and shows its place.
function setCurrent(at, scroll = true) {
  view.current = at;
  for (const each of $("doubts").querySelectorAll(".doubt-card")) each.classList.toggle("current", each.dataset.at === at);
  goToMark(at);
  if (scroll) focusCard(at)?.scrollIntoView({ block: "center" });
}
// Goes to the next or previous field in doubt in the listed letters; with `stay`, first to those left in this letter.
function move(direction, stay = false) {
  const wanted = $("f-field").value;
  const openIn = (place) => openOf(place).filter((at) => !wanted || patternOf(at) === wanted);
  const count = data.documents.length;
  const all = entryOf() ? entryOf().open.map(({ at }) => at) : [];
  const here = all.indexOf(view.current);
  const left = view.place >= 0 && isShown(view.place) ? openIn(view.place) : [];
  const ahead = (direction > 0 ? left.find((at) => all.indexOf(at) > here) : left.filter((at) => here >= 0 && all.indexOf(at) < here).at(-1)) ?? (stay ? left[0] : undefined);
  if (ahead !== undefined) {
    setCurrent(ahead);
    return true;
  }
  for (let step = 1; step <= count; step += 1) {
    const place = order[(((Math.max(order.indexOf(view.place), 0) + direction * step) % count) + count) % count];
    const found = isShown(place) ? openIn(place) : [];
    if (found.length) {
      if (place !== view.place) show(place);
      setCurrent(direction > 0 ? found[0] : found.at(-1));
      return true;
    }
  }
  say("No value is in doubt in the letters shown.");
  return false;
}
function moveLetter(direction) {
  const ahead = direction > 0 ? order.slice(order.indexOf(view.place) + 1) : order.slice(0, Math.max(order.indexOf(view.place), 0)).reverse();
  const place = ahead.find(isShown);
  if (place !== undefined) show(place);
}

const accept = () => !isRemoved(view.place, view.current) && settle(view.current, "accept", valueAt(entryOf().record, view.current) ?? null, true);
function take(side) {
  if (isRemoved(view.place, view.current)) return;
  const offer = offerOf(view.current, side);
  const held = checksAt(entryOf(), view.current);
  if (offer !== undefined) settle(view.current, side, offer, true);
  else if (held.length === 1 && (side === "source" || !isAlone(held[0])) && same(held[0][`${side}_value`], valueAt(entryOf().record, view.current))) accept();
  else say("This field has no value to choose: accept or edit.");
}
// Takes an item out of the record, with what was settled in it.
function removeItem(at) {
  for (const each of [...state.settled[view.place].keys()]) if (each.startsWith(`${at}/`)) state.settled[view.place].delete(each);
  settle(at, "remove", null, openOf(view.place).some((each) => itemOf(each) === at));
}
function addItem(before, heading, decision) {
  state.added[view.place].push({ before, item: { ...structuredClone(data.blank), heading, request: heading, decision } });
  changed(view.place);
  redrawn();
  say("Item added: fill in its fields.");
  $("fields").querySelector(`[data-at="/added/${state.added[view.place].length - 1}/treatment"] .edit`)?.focus();
}
function dropAdded(index) {
  state.added[view.place].splice(index, 1);
  changed(view.place);
  redrawn();
}
const repairsLeft = () => entryOf().repairs.filter((at) => !isSettled(view.place, at));
function acceptRepairs() {
  const left = entryOf() ? repairsLeft() : [];
  if (!left.length) {
    say("No repair is left to accept in this letter.");
    return;
  }
  for (const at of left) state.settled[view.place].set(at, { action: "accept", value: draftOf(view.place, at) });
  changed(view.place);
  redrawn();
  say(`${left.length} repairs accepted.`);
  if (!openOf(view.place).length) move(1, true);
  else if (view.current) focusCard(view.current);
}
function reopenRepairs() {
  for (const at of entryOf().repairs) if (state.settled[view.place].get(at)?.action === "accept") state.settled[view.place].delete(at);
  changed(view.place);
  redrawn();
}
const undo = () => settle(isRemoved(view.place, view.current) ? itemOf(view.current) : view.current, null, null, false);
function edit() {
  const element = [...$("doubts").querySelectorAll(".doubt-card")].find((each) => each.dataset.at === view.current);
  if (view.current === "/disputed_items") openAdding();
  else if (element && !isRemoved(view.place, view.current)) openEditor(element, view.current);
}

function exportFile() {
  if (!/^\S(.{0,18}\S)?$/.test($("initials").value.trim())) {
    warn("Enter your initials first: they are saved with your corrections.");
    $("initials").focus();
    return;
  }
  const given = exported();
  const address = URL.createObjectURL(new Blob([`${JSON.stringify(given, null, 1)}\n`], { type: "application/json" }));
  make("a", { href: address, download: `${data.audit ? "verdicts" : "corrections"}-${state.reviewer.replace(/[^\p{L}\p{N}]/gu, "") || "x"}-${given.exported}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
  state.unsaved = false;
  say(`${given.corrections.length} corrections exported.`);
}
async function importFile(file) {
  try {
    const [fit, unfit] = imported(JSON.parse(await file.text()));
    $("initials").value = state.reviewer;
    data.documents.forEach((_, place) => tell(place));
    changed(Math.max(view.place, 0));
    if (view.place >= 0) showRecord();
    warn(`${fit} corrections imported${unfit ? `, ${unfit} do not fit these records and were skipped` : ""}.`);
  } catch {
    warn("That file contains no corrections for this page.");
  }
}
function warn(text) {
  $("notice").textContent = text;
  $("notice").hidden = false;
}
function notice() {
  if (storage) $("notice").hidden = true;
  else warn("This browser does not save your work on this page: export your corrections before you close it, and import them to continue.");
}

function pane(name) {
  $("review").dataset.pane = name;
  for (const each of ["list", "letter", "record"]) select($(`tab-${each}`), each === name);
  if (name === "letter" && lit.length) lit.find((each) => each.tagName === "MARK")?.scrollIntoView({ block: "center" });
}
function page(name) {
  for (const each of ["review", "overview"]) {
    $(each).hidden = each !== name;
    $("hints").hidden = name !== "review";
    select($(`tab-${each}`), each === name);
  }
}
function select(tab, chosen) {
  tab.setAttribute("aria-selected", String(chosen));
  tab.tabIndex = chosen ? 0 : -1;
}
function tabs(list, choose) {
  const all = [...$(list).children];
  all.forEach((tab, index) => {
    const name = tab.id.slice(4);
    tab.addEventListener("click", () => choose(name));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = all[(index + step + all.length) % all.length];
      choose(next.id.slice(4));
      next.focus();
    });
  });
}

const KEYS = {
  n: () => move(1), p: () => move(-1), j: () => moveLetter(1), k: () => moveLetter(-1),
  "/": () => { pane("list"); $("f-search").focus(); }, "?": () => $("help").showModal(),
  r: acceptRepairs, a: accept, s: () => take("source"), m: () => take("model"), e: edit, u: undo,
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea, dialog") || $("review").hidden) return;
  if (!Object.hasOwn(KEYS, event.key) || ("asmeu".includes(event.key) && !view.current)) return;
  event.preventDefault();
  KEYS[event.key]();
});

restore();
// Who goes on knows what to do; on a phone the steps take half of the screen.
if (data.audit && state.whole.size) $("audit").open = false;
drawList();
tabs("pages", (name) => { page(name); go(`#/${name}`); });
tabs("panes", pane);
$("initials").value = state.reviewer;
$("initials").addEventListener("input", (event) => { state.reviewer = event.target.value.trim(); save(); notice(); });
$("filters").addEventListener("input", filter);
$("f-order").addEventListener("input", arrange);
$("f-search").addEventListener("focus", prepareSearch);
$("filters").addEventListener("submit", (event) => event.preventDefault());
$("filters").addEventListener("reset", () => setTimeout(() => { arrange(); filter(); }));
$("export").addEventListener("click", exportFile);
$("import").addEventListener("click", () => $("import-file").click());
$("import-file").addEventListener("change", (event) => { if (event.target.files.length) importFile(event.target.files[0]); event.target.value = ""; });
$("help-open").addEventListener("click", () => $("help").showModal());
$("bar-close").addEventListener("click", () => { closeBar(); go("#/review"); });
$("bar-back").addEventListener("click", (event) => { event.preventDefault(); go("#/overview"); });
$("overview").addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#/"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});
window.addEventListener("hashchange", () => route(location.hash));
window.addEventListener("beforeunload", (event) => { if (state.unsaved) event.preventDefault(); });
filter();
progress();
notice();
if (data.documents.length) show(order.find((place) => openOf(place).length) ?? order[0]);
route(location.hash);
document.documentElement.dataset.ready = "";
