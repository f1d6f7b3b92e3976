/** A dash where nothing is to be said; a narrow screen leaves its cell out. */
export function None() {
  return <span class="muted none">–</span>;
}
