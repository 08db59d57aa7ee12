// Keeps what the notebook page fetches. JupyterLite's own service worker (the files of a running kernel) works on below it.
//
//   Pyodide's CDN, files with a digest in their name   never change: what is kept is given, and nothing is asked
//   the rest of lite/                                  may change: asked for each time, and what is kept serves when nobody answers
//
// A new build of the site is a new text of this file, and the browser installs it. The files of the build before stay, for the pages
// that are open and for a visit without connection; those of older ones are let go.

const CDN = "@CDN@";
const ROOT = new URL("./", self.location).href;
const OURS = `ic ${new URL(ROOT).pathname} `; // other books may live at the same host
const SITE = `${OURS}site @BUILD@`;
const PYTHON = `${OURS}pyodide @PYODIDE@`;
const NEVER_CHANGES = /\/wheels\/[0-9a-f]{8}\/|\.[0-9a-f]{7,}\.(m?js|css|woff2?|ttf|svg|png)$|\?(_|v)=[0-9a-f]{7,}$/;
const underway = new Map(); // address -> a response that is still coming in, for whoever asks a second time

self.addEventListener("activate", (event) => {
  // Until this is done no page gets an answer.
  event.waitUntil(
    stored(async () => {
      const names = await caches.keys();
      const sites = names.filter((name) => name.startsWith(`${OURS}site `) && name !== SITE).slice(0, -1); // the oldest come first
      const pythons = names.filter((name) => name.startsWith(`${OURS}pyodide `) && name !== PYTHON);
      return Promise.all([...sites, ...pythons].map((name) => caches.delete(name)));
    }),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const { href, pathname } = new URL(request.url);
  let answer;
  if (href.startsWith(CDN)) answer = kept(PYTHON, href, { mode: "cors", credentials: "omit" });
  else if (!href.startsWith(ROOT) || /\/api\/(drive|stdin|service-worker)/.test(pathname)) return;
  else if (NEVER_CHANGES.test(href)) answer = kept(SITE, href);
  else answer = asked(SITE, request);
  event.respondWith(answer);
  event.stopImmediatePropagation();
});

const STORAGE_SECONDS = 4;
const LINE_SECONDS = 6;
let mute = false; // whether the storage of this browser has left a question without an answer

/** What the storage answers; nothing where it is blocked, or says nothing in time: then all is fetched, and it is asked no more. */
function stored(question) {
  if (mute) return undefined;
  let timer;
  const late = new Promise((go) => {
    timer = setTimeout(() => {
      mute = true;
      go();
    }, STORAGE_SECONDS * 1000);
  });
  const answer = Promise.resolve().then(question).catch(() => undefined);
  answer.then(() => {
    clearTimeout(timer);
    mute = false; // it answers after all
  });
  return Promise.race([answer, late]);
}

const open = (name) => stored(() => caches.open(name));

async function kept(name, href, options) {
  const cache = await open(name);
  const found = cache && (await stored(() => cache.match(href)));
  if (found) return found;
  const before = cache && (await stored(() => caches.match(href)));
  if (before) {
    await stored(() => cache.put(href, before.clone())); // the build before is let go in its turn
    return before;
  }
  if (!underway.has(href)) {
    const coming = fetch(href, options);
    underway.set(href, coming);
    tell(href, "coming");
    keep(cache, href, coming)
      .then((state) => tell(href, state))
      .finally(() => underway.delete(href));
  }
  return (await underway.get(href)).clone();
}

/** Whether the file arrived: whoever asked for it has it then, also where this browser could not store it. */
async function keep(cache, href, coming) {
  try {
    const response = await coming;
    if (!response.ok) return "lost";
    await cache?.put(href, response.clone());
  } catch (error) {
    // The line broke, as each browser puts it. Where the storage failed, the file is there all the same.
    if (["TypeError", "NetworkError", "AbortError"].includes(error.name)) return "lost";
  }
  return "there";
}

/** Let the page know what is being fetched: a cell that waits for a package should not look as if it hung. */
async function tell(address, state) {
  for (const client of await self.clients.matchAll({ includeUncontrolled: true })) client.postMessage({ icFile: address, state });
}

async function asked(name, request) {
  const cache = await open(name);
  const options = { ignoreSearch: request.mode === "navigate" };
  const copy = async () =>
    cache && ((await stored(() => cache.match(request.url, options))) ?? (await stored(() => caches.match(request.url, options))));
  // A browser refuses a page that was redirected out of its sight, so it is told of the redirection.
  const coming = fetch(request.url, { cache: "no-cache", redirect: request.redirect }).then((response) => {
    if (response.ok) cache?.put(request.url, response.clone()).catch(() => {});
    return response;
  });
  // Where a line swallows requests nobody answers for minutes: then what is kept serves, as it does offline.
  const late = new Promise((go) => setTimeout(go, LINE_SECONDS * 1000));
  const arrived = await Promise.race([coming, late]).catch(() => undefined);
  return arrived ?? (await copy()) ?? coming;
}

importScripts("jupyterlite-service-worker.js");
