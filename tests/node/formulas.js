// Reads [[formula, display], ...] from stdin; prints what KaTeX and MathJax have against each, as [[who, why, formula], ...].
// An argument is a line of settings, MathJax = {...}, to be used.
import { readFileSync } from "node:fs";
import katex from "katex";
import { mathjax } from "mathjax-full/js/mathjax.js";
import { TeX } from "mathjax-full/js/input/tex.js";
import { SVG } from "mathjax-full/js/output/svg.js";
import { liteAdaptor } from "mathjax-full/js/adaptors/liteAdaptor.js";
import { RegisterHTMLHandler } from "mathjax-full/js/handlers/html.js";
import "mathjax-full/js/input/tex/ams/AmsConfiguration.js";
import "mathjax-full/js/input/tex/configmacros/ConfigMacrosConfiguration.js";
import "mathjax-full/js/input/tex/newcommand/NewcommandConfiguration.js";

RegisterHTMLHandler(liteAdaptor());
const MathJax = process.argv[2] ? new Function(`let MathJax; ${process.argv[2]}; return MathJax`)() : {};
const tex = new TeX({
  packages: ["base", "ams", "newcommand", "configmacros"],
  ...MathJax.tex,
  formatError: (_, error) => {
    throw error;
  },
});
const page = mathjax.document("", { InputJax: tex, OutputJax: new SVG() });
const strict = (code) => (code === "unicodeTextInMathMode" ? "ignore" : "error");
const renderers = {
  KaTeX: (formula, display) => katex.renderToString(formula, { displayMode: display, throwOnError: true, strict }),
  MathJax: (formula, display) => page.convert(formula, { display }),
};
const complaints = [];
for (const [formula, display] of JSON.parse(readFileSync(0, "utf8"))) {
  for (const [name, render] of Object.entries(renderers)) {
    try {
      render(formula, display);
    } catch (error) {
      complaints.push([name, error.message, formula]);
    }
  }
}
console.log(JSON.stringify(complaints));
