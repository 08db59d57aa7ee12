// Prepares the environment of a notebook, starts JupyterLite, and tells the student what is going on.
//
//   1 the service worker, so that nothing is fetched twice
//   2 Pyodide's lock file, with our wheel added and what no notebook needs left out
//   3 JupyterLite: the notebook can be read
//   4 Python and the packages that this notebook needs, with the megabytes counted
//   5 watch: is the work saved, is this edition current, is the connection there

window.icStarted = true; // else notebook.html says that this file did not arrive
const $ = (id) => document.getElementById(id);
const ROOT = new URL("../", location.href.split(/[?#]/)[0]); // lite/
const BOOK = new URL("../", ROOT);
const OPTIONS = JSON.parse($("ic-options").textContent);
const PATH = (new URLSearchParams(location.search).get("path") ?? "").replace(/^\//, "");
const ENTRY = OPTIONS.notebooks[PATH];
const KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel";
const config = JSON.parse($("jupyter-config-data").textContent);

/** What `promise` gives, or a TimeoutError after so many seconds: what a notebook can do without holds it up no longer. */
function within(seconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new DOMException(`no answer within ${seconds} s`, "TimeoutError")), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// ---- what the student is told

const MB = (bytes) => (bytes / 1e6).toFixed(bytes < 9.95e6 ? 1 : 0);

/** `live`: "off" for what changes with each megabyte, else a screen reader would read a hundred lines. */
function say(text, live = "polite") {
  const line = $("ic-says");
  line.setAttribute("aria-live", live);
  if (line.textContent !== text) line.textContent = text; // it is read aloud at each change
}

/** A note above the strip, once a kind. `actions`: words on a button -> what it does. */
function note(kind, text, actions = {}) {
  drop(kind);
  const box = document.createElement("div");
  box.className = "ic-note";
  box.dataset.kind = kind;
  const words = document.createElement("p");
  words.textContent = text;
  box.append(words);
  for (const [label, act] of Object.entries({ ...actions, Close: () => drop(kind) })) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", act);
    box.append(button);
  }
  $("ic-notes").append(box);
}

function drop(kind) {
  document.querySelector(`[data-kind="${kind}"]`)?.remove();
}

const stalled = () => note("late", "Nothing has arrived for half a minute. You can wait, or try again; what has arrived is not fetched again.", AGAIN);

/** Tell when half a minute brings nothing new. `arrived`: a number that grows with what arrives. Gives what ends the watch. */
function watchArrivals(arrived) {
  let before = arrived();
  const timer = setInterval(() => {
    const now = arrived();
    if (now > before) drop("late");
    else stalled();
    before = now;
  }, 30_000);
  return () => {
    clearInterval(timer);
    drop("late");
  };
}

/** JupyterLite ends where the strip begins, however many lines the strip has. */
function fit() {
  document.documentElement.style.setProperty("--ic-strip", `${$("ic-strip").offsetHeight}px`);
  window.dispatchEvent(new Event("resize"));
}

// ---- the work: saving and downloading

const panel = () => window.jupyterapp?.shell?.currentWidget;
const context = () => panel()?.context;

async function save() {
  try {
    if (context()?.model?.dirty) await within(10, context().save());
  } catch (error) {
    if (error.name === "TimeoutError") tellUnsaved("this browser's storage does not answer");
    // else the state "failed" of the context tells the student
  }
}

const tellUnsaved = (why) =>
  note("unsaved", `Your work could not be stored: ${why}. Download it now, and go on in the downloaded file.`, { "Download my work": download });

const asRequest = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error);
  });

/** What JupyterLite stored of this notebook, for the case that JupyterLite itself does not start. */
async function stored() {
  const name = `JupyterLite Storage - ${config.baseUrl}`;
  const known = await indexedDB.databases?.();
  if (known && !known.some((database) => database.name === name)) return null;
  const database = await asRequest(indexedDB.open(name));
  try {
    return (await asRequest(database.transaction("files").objectStore("files").get(PATH)))?.content ?? null;
  } catch {
    return null;
  } finally {
    database.close();
  }
}

/** Straight from the page's memory: works without connection, without storage, with a kernel that is gone. */
async function download() {
  const unread = () => note("unsaved", "What this browser keeps of your work could not be read: the file that you get is the notebook as it was published.");
  const content = context()?.model?.toJSON?.() ?? (await within(5, stored()).catch(unread));
  const link = document.createElement("a");
  link.href = content
    ? URL.createObjectURL(new Blob([JSON.stringify(content, null, 1) + "\n"], { type: "application/x-ipynb+json" }))
    : new URL(`files/${PATH}`, ROOT).href;
  link.download = (stamp()?.notebook ?? PATH).split("/").pop(); // a copy is handed in under its own name
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function tryAgain() {
  await save();
  if (!context()?.model?.dirty) location.reload(); // else it could not be stored, and a note says so
}

const AGAIN = { "Try again": tryAgain };

/** Resolves when this browser has stored something in a database of its own. */
async function probeStorage() {
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open("ic-probe", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("probe");
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error);
  });
  await asRequest(database.transaction("probe", "readwrite").objectStore("probe").put("1", "1"));
  database.close();
}

/** Says in time that this browser keeps nothing: before an hour of work, not after it. */
async function checkStorage() {
  const lost = "Whatever you write is lost when this page closes, so download it before: the button is below.";
  const probing = probeStorage();
  try {
    await within(10, probing);
  } catch (error) {
    const why = {
      QuotaExceededError: "This browser's storage is full.",
      TimeoutError: "This browser's storage does not answer, so your earlier work cannot be shown yet.",
    };
    note("storage", `${why[error?.name] ?? "This browser stores nothing for this page: it is a private window, or storage is blocked."} ${lost}`);
    probing.then(() => drop("storage"), () => {}); // it answers after all
    return;
  }
  if (!navigator.userAgent.includes("Firefox")) navigator.storage?.persist?.().catch(() => {}); // Firefox would ask the student
  const { quota = Infinity, usage = 0 } = (await within(5, navigator.storage?.estimate?.()).catch(() => null)) ?? {};
  if (quota - usage < 60e6) {
    note("storage", `There is little room left in this browser (${MB(Math.max(0, quota - usage))} MB). Your work may not be kept: download it before you close this page.`);
  } else if (!navigator.serviceWorker) {
    note("storage", "This looks like a private window: it forgets your work when you close it. Download it before.");
  }
}

// ---- 1 the service worker

/** Resolves when the service worker answers for this page, or after a while without one: then nothing is kept, and a note says so. */
async function serviceWorker() {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  const url = new URL("service-worker.js?enableCache=false", ROOT).href; // the address that JupyterLite registers, too
  const taken = new Promise((resolve) => (workers.controller ? resolve() : workers.addEventListener("controllerchange", resolve, { once: true })));
  const keeps = caches.keys();
  let registration;
  try {
    localStorage.setItem(`${url}-version`, config.appVersion); // else JupyterLite throws it out as an old one
    const registering = workers.register(url);
    registering.catch(() => {}); // it may fail when nobody waits for it any more
    if (!workers.controller) registration = await within(8, registering);
    await within(4, taken);
    await within(4, keeps);
  } catch (error) {
    console.warn("nothing will be kept for the next visit:", error);
    if (registration?.active && !workers.controller) return; // a reload past the cache: what was kept before is there
    note("copy", "No copy of this page could be kept, so without a connection it does not open, and Python does not see files that you put beside the notebook. You can read, run and save as ever.");
    Promise.all([taken, keeps]).then(() => drop("copy"), () => {});
  }
}

// ---- 2 the environment

/** Pyodide's lock file with our packages in it, and the names of the packages that this notebook loads. */
function environment(lock) {
  const packages = { ...lock.packages };
  for (const [name, entry] of Object.entries(OPTIONS.packages)) {
    packages[name] = { ...entry, file_name: new URL(entry.file_name, ROOT).href };
  }
  const wanted = new Set(ENTRY?.imports ?? []);
  const needed = Object.values(packages).filter((p) => p.imports?.some((name) => wanted.has(name)));
  const load = [...OPTIONS.base, "integrated-care", ...needed.map((p) => p.name)];
  return { lock: { ...lock, packages }, load: [...new Set(load)] };
}

/** The addresses of everything that Python needs, with its size: name -> [address, bytes as sent, bytes]. */
function shopping({ lock, load }) {
  const key = (name) => name.toLowerCase().replaceAll("_", "-");
  const names = new Set();
  const add = (name) => {
    if (names.has(key(name)) || !lock.packages[key(name)]) return;
    names.add(key(name));
    lock.packages[key(name)].depends.forEach(add);
  };
  load.forEach(add);
  const files = ["pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip"].map((file) => [file, OPTIONS.cdn + file]);
  for (const name of names) files.push([name, new URL(lock.packages[name].file_name, OPTIONS.cdn).href]);
  return files.map(([name, url]) => [url, ...(OPTIONS.sizes[name] ?? [50_000, 50_000])]);
}

async function prepare() {
  const response = await fetch(`${OPTIONS.cdn}pyodide-lock.json`, { credentials: "omit" });
  if (!response.ok) throw new Error(`${response.url} answers ${response.status}`);
  const made = environment(await response.json());
  const settings = config.litePluginSettings[KERNEL];
  const blob = new Blob([JSON.stringify(made.lock)], { type: "application/json" });
  settings.loadPyodideOptions = { lockFileURL: URL.createObjectURL(blob), packages: made.load };
  return { files: shopping(made), packages: made.lock.packages };
}

let startedEarly = false;
let asked = false; // whether JupyterLite has asked for its worker
let broken = null; // why Python does not start
let early = null; // the worker in which Python starts before JupyterLite asks for it

const KERNEL_SCRIPT = new URL(OPTIONS.worker, ROOT).href;
const PlainWorker = window.Worker;

/** The kernel's worker as we want it: start-python.js loads the kernel's script and does not wait to be asked for Python. */
function pythonWorker() {
  const { pyodideUrl: pyodide, loadPyodideOptions } = config.litePluginSettings[KERNEL];
  const options = { indexURL: OPTIONS.cdn, ...loadPyodideOptions };
  const imports = (ENTRY?.imports ?? []).filter((name) => name !== "IPython"); // which the kernel sets up itself
  const task = { kernel: KERNEL_SCRIPT, pyodide, options, imports };
  const worker = new PlainWorker(new URL("start-python.js", KERNEL_SCRIPT).href, { name: JSON.stringify(task) });
  worker.addEventListener("error", ({ message }) => (broken = new Error(message || "the worker's script did not arrive")));
  worker.addEventListener("message", ({ data }) => data?.icBroken && (broken = new Error(data.icBroken)));
  return worker;
}

/** Where our packages cannot be listed, no Python is better than one without them, whose errors nobody would understand. */
const silentWorker = () => new PlainWorker("data:text/javascript,");

/** Each worker of JupyterLite's kernel, also after a restart, comes from `make`. */
function replaceWorker(make) {
  window.Worker = function (url, ...more) {
    if (String(url).split("?")[0] !== KERNEL_SCRIPT) return new PlainWorker(url, ...more);
    asked = true;
    const worker = early ?? make();
    early = null;
    return worker;
  };
}

/**
 * Whether Python may come while JupyterLite still puts itself together: on a slow line the notebook has to come first.
 * It is known as soon as JupyterLite's largest part is there.
 */
async function lineIsFast() {
  if (!navigator.serviceWorker?.controller) return false; // it tells what arrives and what does not
  if (await within(4, caches.match(`${OPTIONS.cdn}pyodide.asm.wasm`)).catch(() => null)) return true; // no line is needed
  const address = new URL(OPTIONS.core, ROOT).href;
  const core = performance.getEntriesByName(address)[0];
  if (!core || !states.has(address)) return false; // it was kept here, which says nothing of the line
  return core.decodedBodySize / (core.responseEnd - core.startTime) > 2000; // bytes a millisecond, four times those sent
}

// ---- 3 JupyterLite

/** Addresses in the configuration are relative to lite/ as built; JupyterLite wants them whole. */
function resolved(value, key = "") {
  if (Array.isArray(value)) return value.map((item) => resolved(item, key));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, resolved(v, k)]));
  }
  const joined = ["licensesUrl", "themesUrl"].includes(key);
  const address = /Urls?$/.test(key) && typeof value === "string" && value.startsWith("./");
  return address && !joined ? ROOT.pathname + value.slice(2) : value;
}

/** Its largest files come while Pyodide's lock file does. Resolves when they are there. */
function fetchAhead() {
  const coming = [OPTIONS.bundle, OPTIONS.core].map((file) => {
    const link = Object.assign(document.createElement("link"), { rel: "preload", as: "script", href: new URL(file, ROOT).href });
    document.head.append(link);
    return new Promise((resolve) => (link.onload = resolve));
  });
  return Promise.all(coming);
}

/** When a notebook opens, JupyterLab stores a checkpoint; where nothing can be stored it would close the notebook instead. */
function openWithoutCheckpoint() {
  let app;
  Object.defineProperty(window, "jupyterapp", {
    get: () => app,
    set(made) {
      app = made;
      const { contents } = made.serviceManager;
      const store = contents.createCheckpoint.bind(contents);
      contents.createCheckpoint = (path) => store(path).catch(() => ({ id: "0", last_modified: new Date().toISOString() }));
    },
  });
}

/** JupyterLite does without these where they are not there, but would wait for ever where nobody answers. */
function waitNotForEver() {
  const optional = /\/api\/translations\/|\/schemas\/all_federated\.json/;
  const plain = window.fetch;
  window.fetch = (what, ...more) => {
    const coming = plain.call(window, what, ...more);
    return optional.test(what?.url ?? what) ? within(10, coming).catch(() => new Response("", { status: 503 })) : coming;
  };
}

/** `python`: whether Python can be fetched at all. `ahead`: when JupyterLite's largest files are there. */
function startJupyterLite(python, ahead) {
  $("jupyter-config-data").textContent = JSON.stringify(config);
  openWithoutCheckpoint();
  waitNotForEver();
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(OPTIONS.bundle, ROOT).href;
    script.setAttribute("main", "index");
    script.main = { value: "index" };
    script.onerror = () => reject(new Error("The connection was lost while the notebook was being fetched."));
    addEventListener("unhandledrejection", (event) => event.reason?.name === "ChunkLoadError" && script.onerror());
    addEventListener("error", (event) => event.target?.src?.startsWith(`${ROOT}build/`) && script.onerror(), true);
    document.head.append(script);
    replaceWorker(python ? pythonWorker : silentWorker);
    ahead.then(async () => {
      if (!python || !(await lineIsFast()) || asked) return;
      startedEarly = true;
      early = pythonWorker();
    });
    const closed = () => {
      clearInterval(timer);
      reject(new Error("The notebook could not be opened: it may have another name now, or a part of it did not arrive."));
    };
    let seen = false;
    let asking = false;
    const timer = setInterval(() => {
      if (context()?.isReady) {
        clearInterval(timer);
        resolve();
      } else if (seen && !panel()) {
        closed(); // JupyterLab closes what it cannot load
      } else if (window.jupyterapp && !asking) {
        asking = true;
        window.jupyterapp.started.then(() => window.jupyterapp.serviceManager.contents.get(PATH, { content: false })).catch(closed);
      }
      seen ||= Boolean(panel());
    }, 50);
  });
}

// ---- 4 Python

/** What the service worker says of each file that it fetches: address -> "coming", "there" or "lost". */
const states = new Map();
let heard = () => {}; // called with the address and the state of each
navigator.serviceWorker?.addEventListener("message", ({ data }) => {
  if (!data?.icFile) return;
  states.set(data.icFile, data.state);
  heard(data.icFile, data.state);
});

/** `share`: address -> how much of that file is there, from 0 to 1. */
function tellPart(files, share) {
  const sent = files.reduce((sum, [, size]) => sum + size, 0);
  const part = files.reduce((sum, [url, size]) => sum + size * share(url), 0);
  $("ic-bar").value = part / sent;
  say(`Fetching Python: ${MB(part)} of ${MB(sent)} MB. You can read meanwhile.`, "off");
}

/** Fetch everything that Python needs, and count. The kernel asks for the same; the browser fetches each once. */
async function fetchPython(files) {
  const arrived = new Map();
  const share = (url) => Math.min(1, arrived.get(url) ?? 0);
  tellPart(files, share);
  const timer = setInterval(tellPart, 250, files, share);
  const ended = watchArrivals(() => $("ic-bar").value);
  try {
    await Promise.all(
      files.map(async ([url, , bytes]) => {
        const response = await fetch(url, { credentials: "omit" });
        if (!response.ok) throw new Error(`${url} answers ${response.status}`);
        const reader = response.body.getReader();
        for (let got = 0; ; ) {
          const { done, value } = await reader.read();
          if (done) break;
          arrived.set(url, (got += value.length) / bytes);
        }
        arrived.set(url, 1);
      }),
    );
  } finally {
    clearInterval(timer);
    ended();
  }
  $("ic-bar").value = 1;
}

const starting = () => say("Starting Python. You can read meanwhile.");

/** Python started early and fetches by itself: tell how far it is. */
function tellArrivals(files) {
  const gone = files.find(([url]) => states.get(url) === "lost");
  if (gone) throw new Error(`${gone[0]} did not arrive`);
  if (files.some(([url]) => states.get(url) === "coming")) tellPart(files, (url) => (states.get(url) === "there" ? 1 : 0));
  else starting();
}

// On an iPhone or iPad every browser is Safari inside.
const FORGETS = /iP(hone|ad|od)|^((?!chrome|chromium|android|edg).)*safari/i.test(navigator.userAgent);
const READY = `Python is ready: run a cell with Shift+Enter. ${
  FORGETS
    ? "This browser forgets your work when you stay away for seven days: download it each time."
    : "Your work is kept in this browser, on this computer only; download it to hand it in."
}`;

/** A cell that imports a package which is not here waits until it is fetched. Without a word that looks like a hang. */
function tellFetching(packages) {
  const names = new Map(Object.values(packages).map((p) => [new URL(p.file_name, OPTIONS.cdn).href, p.name]));
  heard = (url, state) => {
    const name = names.get(url);
    if (!name) return;
    const coming = [...states.keys()].filter((one) => states.get(one) === "coming" && names.has(one)).map((one) => names.get(one));
    const bytes = coming.reduce((sum, one) => sum + (OPTIONS.sizes[one]?.[0] ?? 0), 0);
    say(coming.length ? `Fetching ${coming.join(" and ")}${bytes ? ` (${MB(bytes)} MB)` : ""}, once. The cell runs when it is there.` : READY);
    if (state === "lost") note(`lost ${name}`, `The connection was lost while ${name} was being fetched, so the cell fails. Your work is kept. Run the cell again when the connection is back.`);
    else drop(`lost ${name}`);
  };
}

let ready = false;
const idle = () => panel()?.sessionContext?.kernelDisplayStatus === "idle";

/** Resolves when Python is ready. After three minutes the student is told that this takes long, and may try again. */
async function pythonIsReady(files) {
  let there = -1;
  let since = Date.now();
  const late = setTimeout(() => note("late", "Python takes longer than usual to start. You can wait, or try again; what you wrote is kept.", AGAIN), 180_000);
  try {
    while (!idle()) {
      if (broken) throw broken;
      if (startedEarly) {
        tellArrivals(files);
        const coming = files.some(([url]) => states.get(url) === "coming");
        const arrived = [...states.values()].filter((state) => state === "there").length;
        if (arrived !== there || !coming) [there, since] = [arrived, Date.now()];
        else if (Date.now() - since > 30_000) {
          stalled();
          since = Infinity;
        }
      }
      await new Promise((go) => setTimeout(go, 200));
    }
  } finally {
    clearTimeout(late);
    drop("late");
    drop("soon");
  }
}

/** JupyterLab drops without a word what is run before there is a session; after that it waits for Python. */
function tellTooSoon() {
  window.jupyterapp.commands.commandExecuted.connect((_, { id }) => {
    if (/^(notebook:run|runmenu:run)/.test(id) && !ready) {
      const waits = panel()?.sessionContext?.session?.kernel;
      note(
        "soon",
        waits
          ? "Python is not ready yet. What you ran waits, and runs by itself when it is."
          : "Python is not ready yet, so nothing ran. Run it again when the line below says that it is.",
      );
    }
  });
}

function lost(error) {
  console.warn(error);
  say("Python is not there yet: cells cannot run.");
  $("ic-bar").hidden = true;
  const kept = "You can read, and what you write is kept.";
  const here = broken && ![...states.values()].includes("lost"); // all of it arrived, and this browser could not start it
  const what = here ? "Python could not be started in this browser." : "The connection was lost while Python was being fetched.";
  note("lost", `${what} ${kept} What has arrived is not fetched again.`, AGAIN);
  addEventListener("online", tryAgain, { once: true });
}

/** Python may arrive all the same: a package that was lost comes when a cell imports it. */
async function foundAgain() {
  while (!idle()) await new Promise((go) => setTimeout(go, 500));
  removeEventListener("online", tryAgain);
  drop("lost");
  drop("soon");
}

// ---- 5 watch

function watchSaving() {
  context().saveState.connect((_, state) => {
    if (state === "failed") {
      tellUnsaved("this browser's storage is full or blocked");
    } else if (state === "completed") {
      drop("unsaved");
    }
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());
}

/** Which notebook of the course this is, and of which edition: also of a copy with another name. */
const stamp = () => context()?.model?.getMetadata?.(OPTIONS.stamp) ?? context()?.model?.sharedModel?.getMetadata?.(OPTIONS.stamp);

const visit = (path) => (location.href = new URL(`notebooks/index.html?path=${encodeURIComponent(path)}`, ROOT).href);

/** A copy in this browser's storage may be older than what the course publishes. */
function checkEdition() {
  let aside = null;
  try {
    aside = sessionStorage.getItem("ic-aside");
    sessionStorage.removeItem("ic-aside");
  } catch {
    // storage is blocked; checkStorage has said so
  }
  if (aside) note("aside", `This is the current edition. Your copy of the older one is kept in this browser: ${aside.split("/").pop()}.`, { "Open your copy": () => visit(aside) });
  const { notebook = PATH, edition } = stamp() ?? {};
  const current = OPTIONS.notebooks[notebook];
  if (!current || edition === current.edition) return;
  const yours = edition ? `an older edition of this notebook (${edition})` : "a notebook that does not say its edition";
  const [words, actions] =
    notebook === PATH
      ? ["Or start the current edition; your copy is kept beside it.", { "Start the current edition": startAfresh }]
      : ["The current edition is kept beside it.", { "Open the current edition": () => visit(notebook) }];
  note("edition", `Your copy is ${yours}; the course now publishes ${current.edition}. You can go on and hand it in: the current tests mark it. ${words}`, actions);
}

async function startAfresh() {
  await save();
  const { contents } = window.jupyterapp.serviceManager;
  const path = context().path;
  const isThere = (file) => contents.get(file, { content: false }).then(() => true, () => false);
  let aside;
  for (let n = 1; !aside || (await isThere(aside)); n++) aside = path.replace(/\.ipynb$/, `-my-copy-${n}.ipynb`);
  const mine = await contents.get(path, { content: true }); // without this option JupyterLite gives the name alone
  await contents.save(aside, { ...mine, path: aside, name: aside.split("/").pop() });
  const copy = await contents.get(aside, { content: true });
  if (JSON.stringify(copy.content) !== JSON.stringify(mine.content) || !mine.content) {
    note("unsaved", "Your copy could not be kept beside the current edition, so nothing was changed. Download your work first.", { "Download my work": download });
    return;
  }
  await contents.delete(path); // what was published shows again
  try {
    sessionStorage.setItem("ic-aside", aside);
  } catch {
    // then the next page does not say where the copy is
  }
  location.reload();
}

/** Links to pages of the book lead there; links to an exercise open it here. */
function mendLinks(event) {
  const link = event.target.closest?.("a[href]");
  const inside = /\/lite\/(?:notebooks\/|files\/)?(?:[^?#]*\/)?(pages\/([\w-]+)\.md|release\/(\w+)\/\3(?:\.ipynb)?)(#[^?]*)?$/.exec(link?.href ?? "");
  if (!inside) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const [, , page, exercise] = inside;
  const hash = (inside[4] || link.hash || "").split(",")[0]; // a citation of several works: the first
  const to = page ? new URL(`pages/${page}.html${hash}`, BOOK) : new URL(`notebooks/index.html?path=exercises/${exercise}/${exercise}.ipynb`, ROOT);
  open(to, "_blank");
}

// ---- all of it, in order

async function main() {
  Object.assign(config, resolved(config));
  new ResizeObserver(fit).observe($("ic-strip"));
  if (ENTRY) {
    $("ic-title").textContent = ENTRY.title;
    document.title = `${ENTRY.title} · Learning from Reform, with Data`;
  }
  $("ic-download").addEventListener("click", download);
  $("ic-download").hidden = !PATH;
  document.addEventListener("click", mendLinks, true);
  if (!PATH) {
    $("ic-title").textContent = "No notebook was asked for";
    $("ic-about").textContent = "Each chapter and each exercise has a page in the book; \u201cRun in the browser\u201d opens it here.";
    say("Open a notebook from its page in the book.");
    return;
  }
  checkStorage();
  await serviceWorker();
  const ahead = fetchAhead();
  let python = null;
  try {
    python = await within(20, prepare()); // where a firewall swallows the request nobody would answer for minutes
  } catch (error) {
    lost(error);
  }
  const opened = watchArrivals(() => performance.getEntriesByType("resource").length);
  try {
    await startJupyterLite(Boolean(python), ahead);
  } catch (error) {
    console.warn(error);
    say("The notebook could not be opened.");
    note("lost", `${error.message} What you wrote before is kept in this browser.`, { ...AGAIN, "Back to the book": () => (location.href = BOOK) });
    return;
  } finally {
    opened();
  }
  $("ic-wait").remove();
  watchSaving();
  checkEdition();
  tellTooSoon();
  if (!python) return;
  try {
    $("ic-bar").hidden = false;
    if (!startedEarly) await fetchPython(python.files);
    starting();
    await pythonIsReady(python.files);
  } catch (error) {
    lost(error);
    await foundAgain();
  }
  $("ic-bar").hidden = true;
  ready = true;
  say(READY);
  tellFetching(python.packages);
}

if (!window.icOld) main();
