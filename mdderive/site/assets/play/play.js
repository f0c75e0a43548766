// The playground: three fields, and below them what they mean. All state stands in the fragment of the address.

import { connect, examplesFrom, filesFrom, wordsFrom } from "./engine.js";
import { copied } from "./clipboard.js";
import { excerpt, scrollableByKey, typeset } from "./mathematics.js";

const base = new URL("./", import.meta.url);
const at = (name) => document.getElementById(name);
const page = document.documentElement;
const FIELDS = ["f", "variable", "clauses"];
const CHOICES = ["lang", "detail"];
const TYPING = 250; // milliseconds without a key before an answer is asked for
const SLOW = 2500; // milliseconds after which a derivation can be stopped

const [words, files, examples] = await Promise.all([wordsFrom(base), filesFrom(base), examplesFrom(base)]);
let state = "loading";
let offline = false;
let chosen = "markdown";
let last = null;

const told = (key, values = {}) => (words[at("lang").value] || words.en)[key]
  .replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

const made = (tag, text, attributes = {}) => {
  const element = Object.assign(document.createElement(tag), { textContent: text });
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

const say = (key, values) => { at("status").textContent = told(key, values); };
const sayState = () => {
  if (state === "loading") say("loading", { size: files.size });
  else if (state === "ready") say(offline ? "offline" : "ready");
  else say(state);
};

const engine = connect(page.dataset.engine, base, (now, reason) => {
  state = now;
  if (now === "failed") say("failed", { reason });
  else sayState();
  if (now === "ready") keepForOffline();
});

// --- the fields and the address

const read = () => Object.fromEntries([...FIELDS, ...CHOICES].map((name) => [name, at(name).value]));

const write = (values) => {
  for (const name of [...FIELDS, ...CHOICES]) if (values[name] !== undefined) at(name).value = values[name];
  fit();
};

const fit = () => {
  for (const area of document.querySelectorAll(".play-fields textarea")) {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  }
};

const fragment = () => {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(read())) if (value.trim()) said.set(name, value);
  return `#${said}`;
};

const fromAddress = () => {
  const said = new URLSearchParams(location.hash.slice(1));
  const known = CHOICES.every((name) => !said.has(name) || [...at(name).options].some((x) => x.value === said.get(name)));
  write(Object.fromEntries([...FIELDS, ...(known ? CHOICES : [])].filter((x) => said.has(x)).map((x) => [x, said.get(x)])));
  return said.has("f");
};

// --- what is shown

const showWords = () => {
  page.lang = at("lang").value;
  document.title = told("title");
  for (const place of document.querySelectorAll("[data-say]")) place.textContent = told(place.dataset.say);
  for (const option of at("detail").options) option.textContent = told(option.value);
  const list = at("example");
  list.replaceChildren(made("option", told("choose"), { value: "" }));
  for (const group of examples) {
    const box = made("optgroup", "", { label: told(group.name) });
    group.examples.forEach((x, k) => box.append(made("option", x[page.lang] || x.en, { value: `${group.name} ${k}` })));
    list.append(box);
  }
};

const showRead = (letters) => {
  at("read").hidden = !letters.length;
  at("letters").replaceChildren(...letters.map((html) => {
    const item = document.createElement("li");
    item.innerHTML = html;
    return item;
  }));
  typeset(at("letters"));
};

const showProblem = (problem) => {
  const box = at("problem");
  for (const name of FIELDS) at(name).toggleAttribute("aria-invalid", problem?.field === name);
  for (const name of FIELDS) if (problem?.field === name) at(name).setAttribute("aria-invalid", "true");
  box.hidden = !problem;
  box.replaceChildren();
  if (!problem) return;
  const code = page.dataset.errors
    ? made("a", problem.code, { href: `${page.dataset.errors}${problem.code}`, "aria-label": told("more", { code: problem.code }) })
    : made("span", problem.code);
  const head = made("p", ` ${problem.message}`, { class: "play-message" });
  head.prepend(code);
  const field = at(problem.field);
  const place = made("button", excerpt(field.value, problem.start, problem.end), { type: "button", class: "play-excerpt", "aria-label": told("where") });
  place.addEventListener("click", () => {
    field.focus();
    field.setSelectionRange(problem.start, problem.end);
  });
  box.append(head, place, ...problem.notes.map((note) => made("p", note.text)));
  if (problem.hint) box.append(made("p", problem.hint, { class: "play-hint" }));
  const offers = made("div", "", { class: "play-offers" });
  for (const { label, ...fields } of problem.offers) {
    const button = made("button", label, { type: "button" });
    button.addEventListener("click", () => {
      write(fields);
      field.focus();
      changed(0);
    });
    offers.append(button);
  }
  if (problem.offers.length) box.append(offers);
};

const showSolution = (reply) => {
  const there = reply?.kind === "solution";
  at("solution").hidden = at("source").hidden = !there;
  if (!there) return;
  at("worked").lang = reply.language;
  at("worked").innerHTML = `<p class="mdderive-statement">${reply.statement}</p>\n<div class="mdderive-solution">${reply.working}\n${reply.check}</div>`;
  at("remarks").innerHTML = reply.remarks.map((html) => `<p class="play-remark">${html}</p>`).join("");
  typeset(at("solution"));
  scrollableByKey(at("solution"), told("scroll"));
  showTabs(reply.marker ? { marker: reply.marker, ...reply.texts } : reply.texts);
};

const NAMES = { marker: "\\derive", markdown: "Markdown", latex: "LaTeX", json: "JSON", jax: "JAX", torch: "PyTorch", sympy: "SymPy", julia: "Julia", mermaid: "Mermaid" };

const showTabs = (texts) => {
  if (!(chosen in texts)) chosen = "markdown";
  const names = Object.keys(texts);
  at("tabs").replaceChildren(...names.map((name) => {
    const tab = made("button", NAMES[name] || name, { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "panel", "aria-selected": String(name === chosen) });
    tab.tabIndex = name === chosen ? 0 : -1;
    tab.addEventListener("click", () => choose(name, texts));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const to = { Home: 0, End: names.length - 1 }[event.key] ?? (step && (names.indexOf(name) + step + names.length) % names.length);
      if (to === undefined) return;
      event.preventDefault();
      choose(names[to], texts);
    });
    return tab;
  }));
  at("panel").setAttribute("aria-labelledby", `tab-${chosen}`);
  at("text").textContent = texts[chosen];
};

const choose = (name, texts) => {
  chosen = name;
  showTabs(texts);
  at(`tab-${name}`).focus(); // the tabs are new elements
};

const show = (reply) => {
  if (reply.kind === "fields") {
    write(reply);
    return changed(0);
  }
  showRead(reply.read || []);
  showProblem(reply.problem);
  showSolution(reply);
  if (reply.kind === "empty") say("empty");
  else sayState();
  return undefined;
};

// --- asking: only for what stands in the fields now

let timer = 0;
let busy = false;
let slow = 0;

const changed = (wait = TYPING) => {
  clearTimeout(timer);
  timer = setTimeout(ask, wait);
};

const ask = async () => {
  const question = { ...read(), rules: page.dataset.rules };
  const text = JSON.stringify(question);
  if (busy || text === last) return;
  history.replaceState(null, "", fragment());
  busy = true;
  last = text;
  if (state === "ready") say("working");
  slow = setTimeout(() => { at("stop").hidden = state !== "ready"; }, SLOW);
  try {
    show(await engine.ask(question, (now) => { state = now; }));
  } catch (error) {
    showSolution(null);
    if (state !== "failed") say(error.message === "stopped" ? "stopped" : "crashed", { reason: error.message });
  } finally {
    busy = false;
    clearTimeout(slow);
    at("stop").hidden = true;
  }
  if (JSON.stringify({ ...read(), rules: page.dataset.rules }) !== last) changed(0);
};

const keepForOffline = async () => {
  if (page.dataset.engine !== "worker" || !navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register(new URL("sw.js", base));
    await navigator.serviceWorker.ready;
    offline = true;
    if (!busy) sayState();
  } catch { /* a site without https has none: it stays a page that needs its host */ }
};

// --- the beginning

const copyBy = (button, key, text) => button.addEventListener("click", async () => {
  try {
    await copied(text());
    button.textContent = told("copied");
  } catch {
    button.textContent = told("not copied");
  }
  setTimeout(() => { button.textContent = told(key); }, 2000);
});

copyBy(at("copy"), "copy", () => at("text").textContent);
copyBy(at("address"), "copy address", () => location.href.split("#", 1)[0] + fragment());
at("fields").addEventListener("submit", (event) => event.preventDefault());
at("fields").addEventListener("input", (event) => {
  if (event.target.id === "example") return;
  fit();
  changed(event.target.tagName === "SELECT" ? 0 : TYPING);
});
at("lang").addEventListener("change", () => {
  showWords();
  sayState();
});
at("example").addEventListener("change", () => {
  const [name, k] = at("example").value.split(" ");
  const example = examples.find((x) => x.name === name)?.examples[Number(k)];
  if (!example) return;
  write({ clauses: "", ...example });
  changed(0);
});
at("stop").addEventListener("click", () => engine.stop());
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) changed(0);
});
addEventListener("hashchange", () => {
  if (fromAddress()) changed(0);
  showWords();
});
addEventListener("resize", () => {
  fit();
  scrollableByKey(at("solution"), told("scroll"));
});

if (!new URLSearchParams(location.hash.slice(1)).has("lang")) {
  at("lang").value = (navigator.language || "en").startsWith("zh") ? "zh" : "en";
}
if (!fromAddress()) write({ clauses: "", ...examples[0].examples[0] });
showWords();
sayState();
changed(0);
