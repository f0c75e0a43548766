// The engine in a worker: Pyodide runs mdderive, whose source lies in engine.zip. Nothing is asked of another host.
// Large files are kept compressed, so that any server sends few bytes; they are unpacked here.

const base = new URL("./", import.meta.url);
const plain = globalThis.fetch.bind(globalThis);

const unpacked = async (name, type) => {
  const response = await plain(new URL(`${name}.gz`, base));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return new Response(response.body.pipeThrough(new DecompressionStream("gzip")), { headers: { "Content-Type": type } });
};

globalThis.fetch = (request, options) => {
  const address = String(request?.url ?? request);
  return address.endsWith("/pyodide.asm.wasm") ? unpacked("pyodide.asm.wasm", "application/wasm") : plain(request, options);
};

const started = (async () => {
  postMessage({ state: "loading" });
  const [{ loadPyodide }, archive] = await Promise.all([
    import(new URL("pyodide.mjs", base)),
    plain(new URL("engine.zip", base)).then((x) => x.arrayBuffer()),
  ]);
  const pyodide = await loadPyodide({ indexURL: base.href });
  postMessage({ state: "starting" });
  pyodide.unpackArchive(archive, "zip", { extractDir: "/engine" });
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
