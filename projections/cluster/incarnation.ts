/**
 * Incarnations are words, not numbers: one is older when another has replaced it, and what it says then changes nothing.
 */

export interface Incarnations {
  /** The present one; null while none was named. */
  incarnation: string | null;
  /** Those before it, never forgotten. */
  replaced: string[];
}

/** `present`: of the present incarnation, or without one. `first`: the first that was ever named. `new`: replaces another. */
export type Standing = 'older' | 'present' | 'first' | 'new';

/** Judges what an event says about a node's incarnation, and remembers it. */
export function admitIncarnation(node: Incarnations, incarnation: string | undefined): Standing {
  if (incarnation === undefined || incarnation === node.incarnation) return 'present';
  if (node.replaced.includes(incarnation)) return 'older';
  const before = node.incarnation;
  node.incarnation = incarnation;
  if (before === null) return 'first';
  node.replaced.push(before);
  return 'new';
}
