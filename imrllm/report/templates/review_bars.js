// From a bar of the overview to its letters, and back. The address says where one is: the browser's "back" works too.

// The bar whose letters are listed: its words, the link it was opened by, and the items of each letter that it counts.
let bar = null;
const KINDS = { all: (bits) => bits & 3, overturned: (bits) => bits & 1, upheld: (bits) => bits & 2, review: (bits) => bits & 4 };

// The letters of a bar: a map of each letter's index to the indices of its items. Null if there is no such bar.
function lettersOf(table, row, kind) {
  const found = Object.hasOwn(data.bars, table) && Object.hasOwn(data.bars[table], row) ? data.bars[table][row] : null;
  if (!found || !Object.hasOwn(KINDS, kind)) return null;
  const letters = new Map();
  for (let at = 0; at < found.length; at += 3) {
    const [place, item, bits] = found.slice(at, at + 3);
    if (!KINDS[kind](bits)) continue;
    if (!letters.has(place)) letters.set(place, []);
    letters.get(place).push(item);
  }
  return letters.size ? letters : null;
}
// What a bar is called: the title of its table, its row, and which of the row's items it counts.
function barWords(link) {
  const title = link.closest("section").querySelector("h3").textContent.trim();
  return `${title}: ${link.title.replace(/^Open the letters: /, "")}`;
}

function openBar(link) {
  const [, , table, row, kind] = link.getAttribute("href").split("/");
  const letters = lettersOf(table, row, kind);
  if (!letters) return false;
  // Another filter could hide the bar's letters.
  $("filters").reset();
  bar = { link, letters, words: barWords(link) };
  drawBar();
  arrange();
  filter();
  const first = order.find((place) => letters.has(place));
  page("review");
  pane("list");
  show(first);
  say(`${$("bar-words").textContent} ${$("shown").textContent}`);
  return true;
}
function closeBar() {
  bar = null;
  drawBar();
  filter();
}
function drawBar() {
  for (const each of document.querySelectorAll("#overview .was")) each.classList.remove("was");
  bar?.link.closest("tr").classList.add("was");
  $("bar").hidden = !bar;
  $("bar-words").textContent = bar?.words ?? "";
  data.documents.forEach((_, place) => tell(place));
}
// "item 2", "items 1, 3": of a listed letter, what the bar counts.
const itemsOfBar = (place) => {
  const items = bar?.letters.get(place) ?? [];
  return items.length ? `${items.length > 1 ? "items" : "item"} ${items.map((index) => index + 1).join(", ")}` : "";
};
// The heading of the first item of the letter on display that the bar counts, as a list of pointers.
function headingOfBar() {
  const [item] = bar?.letters.get(view.place) ?? [];
  return item === undefined ? [] : [`/disputed_items/${item}/heading`];
}
// Shows that item, in the letter and in the record.
function goToItemOfBar() {
  const [heading] = headingOfBar();
  if (!heading) return;
  goToMark(heading);
  $("fields").querySelector(`[data-item="${above(heading)}"]`)?.scrollIntoView({ block: "start" });
}

// Goes where an address says; what it does not know is left alone.
function route(hash) {
  const [, name, part] = hash.split("/");
  if (name === "letters") {
    const link = [...document.querySelectorAll("#overview a.opens")].find((each) => each.getAttribute("href") === hash);
    if (link && (bar?.link === link || openBar(link))) page("review");
  } else if (name === "overview") {
    page("overview");
    if (part) document.getElementById(part)?.scrollIntoView();
    else if (bar) bar.link.focus();
  } else if (name === "review") page("review");
}
// Goes there at once; the address follows, for the browser's way back, where a page may change it: not in every frame.
function go(hash) {
  route(hash);
  try {
    if (location.hash !== hash) location.hash = hash;
  } catch {
    // The page works without an address.
  }
}
