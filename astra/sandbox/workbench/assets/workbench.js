// Pages read without this. It adds: what has changed shows up without loading again, unless somebody works on it.
const parts = () => document.querySelectorAll("[data-live]");
const state = document.getElementById("live-state");
const busy = (part) => part.contains(document.activeElement) && document.activeElement !== document.body
  || part.querySelector("details[open]") !== null;
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
      if (found !== null && !busy(part) && found.innerHTML !== part.innerHTML) part.replaceWith(document.importNode(found, true));
    }
  } finally {
    under = false;
    if (again) { again = false; renew(); }
  }
}

if (parts().length > 0 && "EventSource" in window) {
  const source = new EventSource("/_sandbox/workbench/live");
  let first = true;
  source.onmessage = () => {
    if (!first) renew();
    first = false;
  };
  if (state !== null) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Pause";
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      paused = !paused;
      button.textContent = paused ? "Go on" : "Pause";
      button.setAttribute("aria-pressed", String(paused));
      if (!paused) renew();
    });
    state.textContent = "Live ";
    state.append(button);
  }
}
