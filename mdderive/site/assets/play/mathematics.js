// Formulas that arithmatex marks, \(...\) or \[...\], set as MathML; and what goes with them.

const WIDE = 30; // about how many signs fit on a line of a phone

const ENLARGED = { "1.2em": "1.2em", "1.623em": "1.45em" }; // `\\bigl(` and `\\Bigl(`, as the pages of a site have them

/** Lets a parenthesis take no more room than it needs: browsers set a wide gap around what is stretched. */
const setFence = (sign) => {
  const size = ENLARGED[sign.getAttribute("minsize")];
  if (size) {
    sign.setAttribute("stretchy", "false");
    sign.style.fontSize = size;
  } else if ("()".includes(sign.textContent)) sign.classList.add("mdderive-fence");
};

export const typeset = (root) => {
  for (const place of root.querySelectorAll(".arithmatex")) {
    const latex = place.textContent.trim();
    const display = latex.startsWith("\\[");
    const body = latex.slice(2, -2);
    globalThis.temml.render(body, place, { displayMode: display, throwOnError: false, trust: false, wrap: "none" });
    place.classList.replace("arithmatex", "play-math");
    for (const sign of place.querySelectorAll("mo[fence]")) setFence(sign);
    const inText = !place.closest(".mdderive-row, .mdderive-line");
    if (inText && body.replace(/\\[a-zA-Z]+|[{}^_]/g, "x").length > WIDE) place.classList.add("mdderive-long");
  }
};

export const scrollableByKey = (root, label) => {
  for (const box of root.querySelectorAll(".mdderive-right, .mdderive-left, .mdderive-line, .mdderive-long")) {
    if (box.scrollWidth > box.clientWidth + 1) {
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", label);
    } else if (box.hasAttribute("tabindex")) {
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
    }
  }
};

/** Returns lines that show where in a text a problem is: the line, and carets below it. */
export const excerpt = (text, start, end) => {
  const first = text.lastIndexOf("\n", start - 1) + 1;
  const line = text.slice(first).split("\n", 1)[0];
  const width = Math.max(1, Math.min(end - first, line.length) - (start - first));
  return `${line}\n${" ".repeat(start - first)}${"^".repeat(width)}`;
};
