// Copy buttons, solutions that open when a link leads to them or the page is printed, keys for what scrolls.
// Without it every page can be read and every solution opened all the same.
(() => {
  const WORDS = {
    en: { copy: "Copy", done: "Copied", failed: "Not copied", scroll: "Formula", cite: "reference" },
    zh: { copy: "复制", done: "已复制", failed: "复制失败", scroll: "公式", cite: "引用" },
  };
  const SOURCES = { latex: "LaTeX", numpy: "numpy", jax: "jax", torch: "torch", julia: "Julia", sympy: "SymPy", mermaid: "Mermaid" };
  const SCROLLING = [".mdderive-right", ".mdderive-left", ".mdderive-line", "div.mdderive-math",
    ".mdderive-long", ".mdderive-index"].join();
  const wordsOf = (element) => WORDS[element.closest("[lang]")?.lang.slice(0, 2)] || WORDS.en;

  /* play/clipboard.js */

  const button = (words, name, text) => {
    const made = document.createElement("button");
    const label = `${words.copy} ${name}`;
    made.type = "button";
    made.textContent = name;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", async () => {
      try {
        await copied(text());
        made.textContent = words.done;
      } catch {
        made.textContent = words.failed;
      }
      made.removeAttribute("aria-label");
      setTimeout(() => { made.textContent = name; made.setAttribute("aria-label", label); }, 2000);
    });
    return made;
  };

  // "Exercise 3 (weighted). Least squares. https://..."
  const reference = (block) => {
    const name = block.querySelector(".mdderive-statement > strong")?.textContent.trim() || "";
    const title = document.querySelector("h1")?.firstChild?.textContent.trim() || document.title;
    return `${name} ${title}. ${location.href.split("#")[0]}#${block.id}`.trim();
  };

  const addButtons = (solution) => {
    const tools = document.createElement("div");
    tools.className = "mdderive-tools";
    tools.setAttribute("aria-live", "polite");
    const words = wordsOf(solution);
    const block = solution.closest(".mdderive[id]");
    tools.append(`${words.copy}`);
    for (const [key, name] of Object.entries(SOURCES)) {
      if (solution.dataset[key]) tools.append(button(words, name, () => solution.dataset[key]));
    }
    if (block?.querySelector(".mdderive-link")) tools.append(button(words, words.cite, () => reference(block)));
    solution.append(tools);
  };

  const letKeysScroll = () => {
    for (const box of document.querySelectorAll(SCROLLING)) {
      if (box.scrollWidth > box.clientWidth + 4) { // a parenthesis may stand out a little
        box.tabIndex = 0;
        box.setAttribute("role", "group");
        box.setAttribute("aria-label", wordsOf(box).scroll);
      } else if (box.hasAttribute("tabindex")) {
        for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
      }
    }
  };

  const openTarget = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.classList.contains("mdderive")) return;
    for (let above = target.parentElement; above; above = above.parentElement) if (above.tagName === "DETAILS") above.open = true;
  };

  const dress = () => {
    for (const solution of document.querySelectorAll(".mdderive-solution[data-latex]:not([data-dressed])")) {
      solution.dataset.dressed = "";
      addButtons(solution);
      solution.addEventListener("toggle", letKeysScroll, true);
    }
    letKeysScroll();
    openTarget();
  };

  if (window.mdderiveIsHere) return;
  window.mdderiveIsHere = true;
  addEventListener("hashchange", openTarget);
  addEventListener("resize", letKeysScroll);
  addEventListener("beforeprint", () => {
    for (const folded of document.querySelectorAll(".mdderive details:not(.mdderive-check)")) folded.open = true;
  });
  if (window.document$) window.document$.subscribe(dress);
  else if (document.readyState === "loading") addEventListener("DOMContentLoaded", dress);
  else dress();
})();
