// Pages read without this. It adds: what has changed shows up without loading again, unless somebody works on it.
const parts = () => document.querySelectorAll("[data-live]");
const told = document.querySelectorAll('[data-live]:not([data-live="strip"])').length > 0;
const word = document.createElement("span");
const state = document.getElementById("live-state");
const busy = (part) => part.contains(document.activeElement) && document.activeElement !== document.body
  || part.querySelector("details[open]") !== null;
const shown = new Map();
let source = null;
let mark = state?.dataset.mark;
let paused = false;
let under = false;
let again = false;

function say(text, level) {
  word.textContent = text;
  word.className = `chip ${level}`;
}

function stand() {
  if (paused) say("paused", "warn"); else say("live", "good");
}

async function renew() {
  if (paused) return;
  if (under) { again = true; return; }
  under = true;
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of parts()) {
      const found = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
      if (found === null || busy(part) || shown.get(part.dataset.live) === found.innerHTML) continue;
      shown.set(part.dataset.live, found.innerHTML);
      const placed = document.importNode(found, true);
      part.replaceWith(placed);
      placed.dispatchEvent(new Event("renewed", { bubbles: true }));
    }
  } finally {
    under = false;
    if (again) { again = false; renew(); }
  }
}

// A tab that nobody sees holds no connection: a browser has six for a site, and all tabs share them.
function listen() {
  source?.close();
  source = null;
  if (document.hidden) return;
  source = new EventSource("/_sandbox/workbench/live");
  source.onopen = stand;
  source.onerror = () => say("not connected", "bad");
  source.onmessage = (event) => {
    if (event.data !== mark) renew();
    mark = event.data;
  };
}

if (parts().length > 0 && state !== null && "EventSource" in window) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Pause";
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? "Go on" : "Pause";
    stand();
    if (!paused) renew();
  });
  stand();
  // The clock alone is live everywhere; that is not worth a word.
  if (told) state.append(word, button);
  document.addEventListener("visibilitychange", listen);
  listen();
}
