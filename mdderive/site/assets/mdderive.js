// Copy buttons, solutions that open when a link leads to them or the page is printed, keys for what scrolls.
// Without it every page can be read and every solution opened all the same.
(() => {
  const WORDS = {
    en: { latex: "Copy LaTeX", python: "Copy numpy", done: "Copied", failed: "Not copied", scroll: "Formula" },
    zh: { latex: "复制 LaTeX", python: "复制 numpy", done: "已复制", failed: "复制失败", scroll: "公式" },
  };
  const SCROLLING = [".mdderive-right", ".mdderive-left", ".mdderive-line", "div.mdderive-math",
    ".mdderive-long", ".mdderive-index"].join();
  const wordsOf = (element) => WORDS[element.closest("[lang]")?.lang.slice(0, 2)] || WORDS.en;

  const copy = async (text) => {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    if (!copied) throw new Error("not copied");
  };

  const button = (solution, name) => {
    const words = wordsOf(solution);
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = words[name];
    made.addEventListener("click", async () => {
      try {
        await copy(solution.dataset[name]);
        made.textContent = words.done;
      } catch {
        made.textContent = words.failed;
      }
      setTimeout(() => { made.textContent = words[name]; }, 2000);
    });
    return made;
  };

  const addButtons = (solution) => {
    const tools = document.createElement("div");
    tools.className = "mdderive-tools";
    tools.setAttribute("aria-live", "polite");
    for (const name of ["latex", "python"]) if (solution.dataset[name]) tools.append(button(solution, name));
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
