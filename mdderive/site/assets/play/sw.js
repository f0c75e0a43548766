// Keeps the files of the playground, so that it opens without a network. A new version of the site has new files.

const kept = async () => {
  const { version, files } = await (await fetch("files.json", { cache: "no-cache" })).json();
  const cache = await caches.open(`mdderive-${version}`);
  await cache.addAll(["./", "files.json", ...files.map((x) => x.name)]);
  for (const name of await caches.keys()) {
    if (name.startsWith("mdderive-") && name !== `mdderive-${version}`) await caches.delete(name);
  }
};

self.addEventListener("install", (event) => event.waitUntil(kept().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET" || !event.request.url.startsWith(self.registration.scope)) return;
  const fresh = () => fetch(event.request);
  event.respondWith(caches.match(event.request, { ignoreSearch: true }).then((found) => found || fresh()));
});
