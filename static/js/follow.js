// The view follows what arrives, unless the reader scrolled away; then it stays where the reader is until they
// come back to the end. The newest question never leaves the top of the view for its own answer.

const NEAR_PX = 96;

export class Follow {
  #content;
  #expected = 0;
  #following = true;

  /** `content` grows at its end; `margins()` says what of the view is covered: `{ top }` in pixels. */
  constructor(content, margins, onchange) {
    this.#content = content;
    this.margins = margins;
    this.onchange = onchange;
    new ResizeObserver(() => this.#grew()).observe(content);
    addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  /** From here on it follows again: a question was asked, or the reader wants the latest. */
  resume() {
    this.#set(true);
    this.#grew();
  }

  #grew() {
    if (!this.#following) return this.onchange(this.#following);
    const target = this.#target();
    if (Math.abs(target - scrollY) < 1) return;
    this.#expected = target;
    scrollTo({ top: target, behavior: "instant" });
  }

  #scrolled() {
    if (Math.abs(scrollY - this.#expected) < 2) return;
    this.#expected = scrollY;
    this.#set(scrollY > this.#target() - NEAR_PX);
  }

  /** The end of the page, or the newest turn's beginning where the turn is taller than the view. */
  #target() {
    const end = document.documentElement.scrollHeight - innerHeight;
    const newest = this.#content.lastElementChild;
    if (!newest) return Math.max(0, end);
    const top = newest.getBoundingClientRect().top + scrollY - this.margins().top;
    return Math.max(0, Math.min(end, top));
  }

  #set(following) {
    if (this.#following === following) return;
    this.#following = following;
    this.onchange(following);
  }
}
