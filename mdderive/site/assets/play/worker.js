// The engine in a worker: Pyodide runs mdderive, whose modules lie in engine.zip. Nothing is asked of another host.
// Large files are kept compressed, so that any server sends few bytes; they are unpacked here, and all asked for at once.

const base = new URL("./", import.meta.url);
const plain = globalThis.fetch.bind(globalThis);
const TYPES = { "pyodide.asm.wasm": "application/wasm", "python_stdlib.zip": "application/zip", "engine.zip": "application/zip" };

const unpacked = async (name) => {
  const response = await plain(new URL(`${name}.gz`, base));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return new Response(response.body.pipeThrough(new DecompressionStream("gzip")), { headers: { "Content-Type": TYPES[name] } });
};

const arriving = new Map(Object.keys(TYPES).map((name) => [name, unpacked(name)]));

globalThis.fetch = (request, options) => {
  const name = String(request?.url ?? request).slice(base.href.length);
  if (!(name in TYPES)) return plain(request, options);
  const first = arriving.get(name);
  arriving.delete(name); // a second reader of the same file has to ask again
  return first ?? unpacked(name);
};

const started = (async () => {
  postMessage({ state: "loading" });
  const [{ loadPyodide }] = await Promise.all(["pyodide.mjs", "pyodide.asm.mjs"].map((name) => import(new URL(name, base))));
  const pyodide = await loadPyodide({ indexURL: base.href });
  postMessage({ state: "starting" });
  pyodide.unpackArchive(await (await fetch(new URL("engine.zip", base))).arrayBuffer(), "zip", { extractDir: "/engine" });
  pyodide.runPython("import sys; sys.path.insert(0, '/engine'); sys.dont_write_bytecode = True");
  const answer = pyodide.runPython("from mdderive.site.playground import answer_json; answer_json");
  postMessage({ state: "ready" });
  return answer;
})();
started.catch((error) => postMessage({ state: "failed", reason: String(error) }));

onmessage = async ({ data }) => {
  try {
    const answer = await started;
    postMessage({ id: data.id, reply: answer(data.question) });
  } catch (error) {
    const lines = String(error.message || error).trim().split("\n");
    postMessage({ id: data.id, failed: lines[lines.length - 1] });
  }
};
