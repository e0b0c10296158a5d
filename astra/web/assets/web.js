// Pages read without this. It adds: "/" goes to the search field, and a button beside each command copies it.
const search = document.getElementById("search");
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || !search) return;
  event.preventDefault();
  search.focus();
  search.select();
});
function offerCopies(root) {
  const told = document.getElementById("told");
  for (const command of root.querySelectorAll(".command")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy ${command.querySelector("code").textContent}`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(command.querySelector("code").textContent);
      button.textContent = "Copied";
      told.textContent = "Copied.";
      setTimeout(() => { button.textContent = "Copy"; told.textContent = ""; }, 2000);
    });
    command.append(button);
  }
}
if (navigator.clipboard) {
  offerCopies(document);
  // Of a part that was put in the place of another one.
  document.addEventListener("renewed", (event) => offerCopies(event.target));
}
