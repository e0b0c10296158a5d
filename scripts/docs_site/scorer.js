/* Which page comes first in a search: one whose title begins with a word that was asked for, then guides, and last what
   maintainers read. Sphinx knows no order among pages that only contain a word. */
const ASKED = (new URLSearchParams(location.search).get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
var Scorer = {
  score: ([page, title, , , score]) => {
    const words = title.toLowerCase().split(/\W+/);
    if (ASKED.some((asked) => words[0] && (words[0] === asked || words[0] === `${asked}s`))) score += 6;
    if (/^(guides|recipes)\/|^quickstart$/.test(page)) return score + 3;
    return /^(changelog|contributing|architecture|performance|api-changed|security|versioning)$/.test(page) ? score - 4 : score;
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
