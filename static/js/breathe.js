// Long work in short pieces, so that the page never freezes: sorting or copying 100,000 rows lets the browser
// paint and listen every few milliseconds.

const PIECE_MS = 10;
const RUN = 512;

/** `await breathe()` now and then inside a long loop: it lets others run once a piece of time is used up. */
export function breather() {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < PIECE_MS) return;
    await pause();
    since = performance.now();
  };
}

/** The items in order, stable; the input is left as it is. */
export async function sorted(items, compare) {
  const breathe = breather();
  let runs = [];
  for (let from = 0; from < items.length; from += RUN) {
    runs.push(items.slice(from, from + RUN).sort(compare));
    await breathe();
  }
  while (runs.length > 1) {
    const merged = [];
    for (let at = 0; at < runs.length; at += 2) {
      merged.push(at + 1 < runs.length ? await mergedRuns(runs[at], runs[at + 1], compare, breathe) : runs[at]);
    }
    runs = merged;
  }
  return runs[0] ?? items.slice();
}

async function mergedRuns(left, right, compare, breathe) {
  const both = new left.constructor(left.length + right.length);
  let [l, r] = [0, 0];
  for (let at = 0; at < both.length; at += 1) {
    const takesLeft = r === right.length || (l < left.length && compare(left[l], right[r]) <= 0);
    both[at] = takesLeft ? left[l++] : right[r++];
    if (at % RUN === 0) await breathe();
  }
  return both;
}

function pause() {
  return globalThis.scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve));
}
