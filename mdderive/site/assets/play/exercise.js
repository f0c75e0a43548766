// Fields on a course page: a student's answer is judged, or another function is derived, by the engine of the playground.
// Python is fetched when a reader first asks for something. Without JavaScript the solution stands there as it is.

import { connect, filesFrom, wordsFrom } from "./engine.js";
import { excerpt, scrollableByKey, typeset } from "./mathematics.js";

const base = new URL("./", import.meta.url);
const onState = new Set();
const engine = connect("worker", base, (state, reason) => onState.forEach((tell) => tell(state, reason)));
let needed = null;

const needs = () => {
  needed ??= Promise.all([wordsFrom(base), filesFrom(base), new Promise((resolve, reject) => {
    if (globalThis.temml) resolve();
    else document.head.append(Object.assign(document.createElement("script"), { src: new URL("temml.min.js", base), onload: resolve, onerror: reject }));
  })]);
  return needed;
};

const made = (tag, attributes = {}, ...inside) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
};

let count = 0;

const dress = async (place) => {
  place.dataset.dressed = "";
  const [words, files] = await needs();
  const question = JSON.parse(place.dataset.question);
  const told = (key, values = {}) => (words[question.lang] || words.en)[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const isTry = place.dataset.wish === "try";
  count += 1;
  const field = made("input", { id: `mdderive-asked-${count}`, spellcheck: "false", autocapitalize: "off", autocomplete: "off" });
  if (isTry) field.value = question.f;
  const label = made("label", { for: field.id }, told(isTry ? "try" : "your answer"));
  const preview = made("span", { class: "mdderive-preview", "aria-hidden": "true" });
  const button = made("button", { type: "submit" }, told(isTry ? "derive" : "check"));
  const said = made("div", { class: "mdderive-said", role: "status" });
  const form = made("form", { class: "mdderive-form" }, label, made("div", { class: "mdderive-line-of-form" }, field, button), preview, said);
  place.append(form);

  const show = () => {
    preview.replaceChildren();
    if (!field.value.trim()) return;
    const span = made("span", { class: "arithmatex" }, `\\(${field.value}\\)`);
    preview.append(span);
    typeset(preview);
    if (preview.querySelector(".temml-error")) preview.replaceChildren(); // still being typed
  };
  const trouble = (problem) => {
    const pre = made("pre", { tabindex: "0", "aria-label": told("where") }, excerpt(field.value, problem.start, problem.end));
    return [made("p", {}, `${problem.code} ${problem.message}`), pre, ...(problem.hint ? [made("p", {}, problem.hint)] : [])];
  };
  const reply = (found) => {
    said.replaceChildren();
    said.className = `mdderive-said mdderive-said-${found.verdict || found.kind}`;
    if (found.kind === "verdict") {
      said.innerHTML = `<p><strong>${found.says}</strong></p>`;
      if (found.problem) said.append(...trouble(found.problem));
    } else if (found.kind === "solution") {
      said.innerHTML = `<p class="mdderive-statement">${found.statement}</p>${found.working}${found.check}${found.remarks.map((x) => `<p>${x}</p>`).join("")}`;
    } else if (found.problem) {
      said.append(...trouble(found.problem));
    }
    field.setAttribute("aria-invalid", String(Boolean(found.problem)));
    typeset(said);
    scrollableByKey(said, told("scroll"));
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    const tell = (state, reason) => {
      const key = { loading: "loading", starting: "starting", ready: "working", failed: "failed" }[state];
      said.textContent = told(key, { size: files.size, reason });
    };
    onState.add(tell);
    try {
      reply(await engine.ask(isTry ? { ...question, f: field.value } : { ...question, answer: field.value }));
    } catch (error) {
      said.textContent = told("crashed", { reason: error.message });
    } finally {
      onState.delete(tell);
      button.disabled = false;
    }
  });
  field.addEventListener("input", show);
  show();
};

const dressAll = () => document.querySelectorAll(".mdderive-asked:not([data-dressed])").forEach(dress);
if (globalThis.document$) globalThis.document$.subscribe(dressAll);
else dressAll();
