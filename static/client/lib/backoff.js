// When to come back after a connection was lost, and whether to.

const BASE_MS = 400;
const CAP_MS = 20_000;

/** Anything between nothing and a bound that doubles with each attempt (from 0): clients never come back in step. */
export function fullJitter(attempt, { baseMs = BASE_MS, capMs = CAP_MS, random = Math.random } = {}) {
  return random() * Math.min(capMs, baseMs * 2 ** attempt);
}

/** The server's word on it: 4500 to 4999 mean that coming back would help nobody. */
export function mayReturn(code) {
  return code < 4500 || code > 4999;
}
