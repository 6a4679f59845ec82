// Speaking at words: marking them with a finger, keeping what was typed, sending it again when the line was bad.
// Without this script the page does the same by lists to choose from and an ordinary form.
const WAITING = "khlong.waiting";
const points = (text) => Array.from(text).length;

function read(name, otherwise) {
  try { return JSON.parse(localStorage.getItem(name)) ?? otherwise; } catch { return otherwise; }
}
function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch { return false; }
}

// Which code points of a passage are marked now; null when none are, or when the marking leaves the passage.
function marked(passage) {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!passage.contains(range.startContainer) || !passage.contains(range.endContainer)) return null;
  const before = document.createRange();
  before.selectNodeContents(passage);
  before.setEnd(range.startContainer, range.startOffset);
  const text = range.toString();
  const quote = text.trim();
  if (!quote) return null;
  const start = points(before.toString()) + points(text) - points(text.trimStart());
  return {start, end: start + points(quote), quote};
}

// --- the page of the whole plan: a bar with the way to the words that are marked -------------------

function readingPage(root) {
  const bar = document.querySelector(".marked");
  for (const hint of document.querySelectorAll(".marks-only")) hint.hidden = false;
  if (!bar) return;
  document.addEventListener("selectionchange", () => {
    const passages = Array.from(root.querySelectorAll("[data-words]"));
    const here = passages.map((passage) => [passage, marked(passage)]).find((pair) => pair[1]);
    if (!here) return;
    const [passage, place] = here;
    bar.querySelector(".marked-words").textContent = place.quote;
    bar.querySelector("a").href = `${passage.dataset.words}?start=${place.start}&end=${place.end}`;
    bar.hidden = false;
  });
}

// --- one passage ------------------------------------------------------------------------------------

function choose(form, place) {
  for (const name of ["start", "end", "quote"]) form.elements[name].value = place[name];
  const radio = form.querySelector('input[name=place][value="chosen"]');
  if (radio) radio.checked = true;
  tell(place.quote);
}
function tell(quote) {
  const words = document.querySelector(".how-marked");
  if (!words) return;
  words.querySelector(".marked-words").textContent = quote;
  words.hidden = !quote;
}
function passagePage(passage) {
  const form = document.querySelector("form input[name=quote]")?.form;
  if (!form) return;
  for (const hint of document.querySelectorAll(".marks-only")) hint.hidden = false;
  const chosen = form.querySelector('input[name=place][value="chosen"]');
  if (chosen?.checked) tell(form.elements.quote.value);
  document.addEventListener("selectionchange", () => {
    const place = marked(passage);
    if (place) choose(form, place);
  });
  if (form.dataset.draft) speakForm(form);
}

const KEPT = ["voice", "instead", "words", "language"];
function speakForm(form) {
  const name = `khlong.draft ${form.dataset.draft}`;
  const note = document.querySelector(".kept-here");
  const draft = read(name, null);
  if (draft && !document.querySelector(".errors") && !form.elements.words.value) {
    for (const key of KEPT) if (draft[key] && form.elements[key]) form.elements[key].value = draft[key];
    if (note) note.hidden = false;
  }
  const save = () => {
    const data = new FormData(form);
    const typed = Object.fromEntries(KEPT.map((key) => [key, data.get(key) || ""]));
    if (keep(name, typed) && note) note.hidden = !(typed.words || typed.instead);
  };
  form.addEventListener("input", save);
  document.querySelector("[data-forget]")?.addEventListener("click", () => {
    keep(name, null);
    for (const key of ["words", "instead"]) form.elements[key].value = "";
    note.hidden = true;
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = Array.from(new FormData(form, event.submitter)).filter((pair) => pair[0] !== "csrfmiddlewaretoken");
    send({url: form.action, body, draft: name}, form);
  });
}

// --- sending, and keeping what could not be sent ------------------------------------------------------

async function token(url) {
  const page = await fetch(url, {credentials: "same-origin", headers: {"X-Khlong-Again": "1"}});
  const found = new DOMParser().parseFromString(await page.text(), "text/html");
  return found.querySelector("input[name=csrfmiddlewaretoken]")?.value || "";
}
async function post(letter, csrf) {
  const body = new URLSearchParams([...letter.body, ["csrfmiddlewaretoken", csrf]]);
  return fetch(letter.url, {method: "POST", body, credentials: "same-origin", redirect: "follow"});
}
function wait(letter) {
  const rest = read(WAITING, []).filter((other) => keyOf(other) !== keyOf(letter));
  return keep(WAITING, [...rest, letter]);
}
function done(letter) {
  keep(WAITING, read(WAITING, []).filter((other) => keyOf(other) !== keyOf(letter)));
  keep(letter.draft, null);
}
const keyOf = (letter) => letter.body.find((pair) => pair[0] === "key")?.[1];

async function send(letter, form) {
  const words = form.querySelector(".sending");
  const button = form.querySelector("button:not([type])");
  words.textContent = words.dataset.sending;
  words.hidden = false;
  button.disabled = true;
  wait(letter);
  try {
    const answer = await post(letter, form.elements.csrfmiddlewaretoken.value);
    if (answer.status >= 500 || answer.status === 403) throw new Error(String(answer.status));
    if (answer.ok) done(letter);
    else keep(WAITING, read(WAITING, []).filter((other) => keyOf(other) !== keyOf(letter)));
    put(await answer.text());
  } catch {
    words.textContent = words.dataset.offline;
    button.disabled = false;
  }
}

// Put the answer in the place of this page, as if it had been loaded.
function put(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  document.title = page.title;
  document.body.replaceWith(page.body);
  scrollTo(0, 0);
  begin();
  (document.querySelector(".errors") || document.querySelector("main"))?.focus();
}

let flushing = false;
async function flush() {
  if (flushing) return;
  flushing = true;
  try {
    for (const letter of read(WAITING, [])) await later(letter);
  } catch { /* still no connection: the words wait */ } finally { flushing = false; }
}
async function later(letter) {
  const answer = await post(letter, await token(letter.url));
  if (answer.status >= 500 || answer.status === 403 || answer.status === 429) return;
  const html = await answer.text();
  if (answer.ok) {
    done(letter);
    put(html);
    return;
  }
  // Refused in words: show them where they were typed, with everything that was typed.
  keep(WAITING, read(WAITING, []).filter((other) => keyOf(other) !== keyOf(letter)));
  put(html);
}

function begin() {
  const root = document.querySelector(".speak");
  if (root) readingPage(root);
  const passage = document.querySelector("[data-passage]");
  if (passage) passagePage(passage);
  const waiting = document.querySelector(".sent-later");
  if (waiting && read(WAITING, []).length) {
    waiting.textContent = waiting.dataset.waiting;
    waiting.hidden = false;
  }
}

addEventListener("online", flush);
begin();
if (read(WAITING, []).length) flush();
