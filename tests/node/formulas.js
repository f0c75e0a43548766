// Reads [[formula, display, settings], ...] from stdin; prints what KaTeX and MathJax have against each, as
// [[who, why, formula], ...]. The settings are "" or a line, MathJax = {...}.
import { readFileSync } from "node:fs";
import katex from "katex";
import { mathjax } from "mathjax-full/js/mathjax.js";
import { TeX } from "mathjax-full/js/input/tex.js";
import { STATE } from "mathjax-full/js/core/MathItem.js";
import { liteAdaptor } from "mathjax-full/js/adaptors/liteAdaptor.js";
import { RegisterHTMLHandler } from "mathjax-full/js/handlers/html.js";
import "mathjax-full/js/input/tex/ams/AmsConfiguration.js";
import "mathjax-full/js/input/tex/configmacros/ConfigMacrosConfiguration.js";
import "mathjax-full/js/input/tex/newcommand/NewcommandConfiguration.js";

RegisterHTMLHandler(liteAdaptor());
const read = (settings) => (settings ? new Function(`let MathJax; ${settings}; return MathJax`)() : {});
const page = (settings) =>
  mathjax.document("", {
    InputJax: new TeX({
      packages: ["base", "ams", "newcommand", "configmacros"],
      ...read(settings).tex,
      formatError: (_, error) => {
        throw error;
      },
    }),
  });
const pages = new Map();
const strict = (code) => (code === "unicodeTextInMathMode" ? "ignore" : "error");
const renderers = {
  KaTeX: (formula, display) => katex.renderToString(formula, { displayMode: display, throwOnError: true, strict }),
  MathJax: (formula, display, settings) => {
    if (!pages.has(settings)) pages.set(settings, page(settings));
    pages.get(settings).convert(formula, { display, end: STATE.CONVERT }); // read, and not set
  },
};
const complaints = [];
for (const [formula, display, settings] of JSON.parse(readFileSync(0, "utf8"))) {
  for (const [name, render] of Object.entries(renderers)) {
    try {
      render(formula, display, settings);
    } catch (error) {
      complaints.push([name, error.message, formula]);
    }
  }
}
console.log(JSON.stringify(complaints));
