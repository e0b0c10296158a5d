/* Long names may break where they have a seam, UncertainOutcome|Error and COULD_NOT_|RUN, and nowhere else. */
addEventListener("DOMContentLoaded", () => {
  const seam = /(?<=[a-z])(?=[A-Z])|(?<=[_/=.,:])(?=\w)/;
  for (const part of document.querySelectorAll("article h1, article td")) {
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
      const pieces = text.data.split(seam);
      if (pieces.length > 1) text.replaceWith(...pieces.flatMap((piece, at) => at ? [document.createElement("wbr"), piece] : [piece]));
    }
  }
});
