// Pages read without this. It adds: what has changed shows up without loading again, unless somebody works on it.
const parts = () => document.querySelectorAll("[data-live]");
const state = document.getElementById("live-state");
const busy = (part) => part.contains(document.activeElement) && document.activeElement !== document.body
  || part.querySelector("details[open]") !== null;
const shown = new Map();
let source = null;
let mark = state?.dataset.mark;
let paused = false;
let under = false;
let again = false;

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
  source.onmessage = (event) => {
    if (event.data !== mark) renew();
    mark = event.data;
  };
}

if (parts().length > 0 && state !== null && "EventSource" in window) {
  const word = document.createElement("span");
  word.className = "chip good";
  word.textContent = "live";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Pause";
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? "Go on" : "Pause";
    word.textContent = paused ? "paused" : "live";
    word.className = paused ? "chip warn" : "chip good";
    if (!paused) renew();
  });
  state.append(word, button);
  document.addEventListener("visibilitychange", listen);
  listen();
}
