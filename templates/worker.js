// Shows a page of ours when a navigation finds no connection. It keeps that page and what it is
// made of; no page with anybody's data is ever put into the cache.
"use strict";

const PREFIX = "halfpenny-offline-";
const CACHE = `${PREFIX}{{ version }}`;
const AWAY = "{{ away }}";
const SENT = "{{ sent }}";
const KEPT = [{% for path in kept %}"{{ path }}"{% if not forloop.last %}, {% endif %}{% endfor %}];

// As nobody in particular, and never out of the browser's own cache without asking whether it is
// still right.
async function keep() {
  const cache = await caches.open(CACHE);
  const asked = { cache: "no-cache", credentials: "omit", redirect: "error" };
  await cache.addAll(KEPT.map((path) => new Request(path, asked)));
}

async function tidy() {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  }
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

async function kept(path) {
  const cache = await caches.open(CACHE);
  const found = await cache.match(path, { ignoreVary: true });
  return found ?? Response.error();
}

async function visit(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return kept(event.request.method === "GET" ? AWAY : SENT);
  }
}

async function file(request, path) {
  try {
    return await fetch(request);
  } catch {
    return kept(path);
  }
}

self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const { origin, pathname, search } = new URL(event.request.url);
  if (event.request.mode === "navigate") event.respondWith(visit(event));
  else if (origin === self.location.origin && !search && KEPT.includes(pathname)) {
    event.respondWith(file(event.request, pathname));
  }
});
