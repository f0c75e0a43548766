// Who answers: Python in a worker of this page, or the server that `mdderive play` runs on this machine.
// `connect` returns {ask, stop, size}: ask(question) is a promise of the reply, stop() gives up what is under way.

const json = async (address, options) => {
  const response = await fetch(address, options);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.json();
};

const server = (base) => ({
  ask: (question, onState) => {
    onState?.("ready");
    const options = { method: "POST", body: JSON.stringify(question), headers: { "Content-Type": "application/json" } };
    return json(new URL("answer", base), options);
  },
  stop: () => {},
});

const worker = (base, onState) => {
  let running = null;
  let waiting = new Map();
  let count = 0;
  const end = (reason) => {
    running?.terminate();
    running = null;
    for (const { reject } of waiting.values()) reject(new Error(reason));
    waiting = new Map();
  };
  const start = () => {
    running = new Worker(new URL("worker.js", base), { type: "module" });
    running.onmessage = ({ data }) => {
      if (data.state) return onState?.(data.state, data.reason);
      const { resolve, reject } = waiting.get(data.id) || {};
      waiting.delete(data.id);
      if (data.failed) reject?.(new Error(data.failed));
      else resolve?.(JSON.parse(data.reply));
      return undefined;
    };
    running.onerror = (event) => {
      onState?.("failed", event.message);
      end(event.message);
    };
  };
  return {
    ask: (question) => new Promise((resolve, reject) => {
      if (!running) start();
      count += 1;
      waiting.set(count, { resolve, reject });
      running.postMessage({ id: count, question: JSON.stringify(question) });
    }),
    stop: () => end("stopped"),
  };
};

export const connect = (kind, base, onState) => (kind === "server" ? server(base) : worker(base, onState));
export const wordsFrom = (base) => json(new URL("words.json", base));
export const filesFrom = (base) => json(new URL("files.json", base));
export const examplesFrom = (base) => json(new URL("examples.json", base));
