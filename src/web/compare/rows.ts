/** A difference as the rows of one table. Pure. */
import type { Cause, ComparedNode, Diff, Led } from './query.ts';

export interface DiffRow {
  readonly key: string;
  readonly kind: 'leader' | 'term' | 'scope' | 'node' | 'following' | 'job';
  /** The node, job or scope; empty for the cluster itself. */
  readonly id: string;
  /** What of it: `liveness`, `state`. */
  readonly what: string;
  readonly before: string;
  readonly after: string;
  readonly causes: readonly Cause[];
}

const NOBODY = 'nobody';
const NOT_KNOWN = 'not known';

/** Leader and term first, then scopes, nodes (a row for each attribute that differs), followings, jobs. */
export function diffRows({ leader, term, scopes, nodes, followings, jobs }: Diff): readonly DiffRow[] {
  const named = scopes.filter(({ scope }) => scope !== null);
  return [
    ...(leader === null ? [] : [led('leader', '', leader)]),
    // Where the leader's row says both terms, the term alone says nothing more.
    ...(term === null || (leader !== null && leader.fromTerm === term.from && leader.toTerm === term.to)
      ? []
      : [row('term', '', { what: 'term', before: or(term.from), after: or(term.to), causes: term.causes })]),
    ...named.map((scope) => led('scope', scope.scope ?? '', scope)),
    ...nodes.flatMap(({ id, change, from, to, causes }) =>
      nodeRows({ id, change, from, to }).map((each) => row('node', id, { ...each, causes })),
    ),
    ...followings.map((following) => ({ ...led('following', following.id, following), what: 'follows' })),
    ...jobs.map(({ id, from, to, fromState, toState, causes }) =>
      row('job', id, { what: 'job', before: placed(fromState, from), after: placed(toState, to), causes }),
    ),
  ];
}

type Said = Pick<DiffRow, 'what' | 'before' | 'after' | 'causes'>;

function row(kind: DiffRow['kind'], id: string, said: Said): DiffRow {
  return { key: [kind, id, said.what].join(' '), kind, id, ...said };
}

function led(kind: DiffRow['kind'], id: string, { from, to, fromTerm, toTerm, causes }: Led): DiffRow {
  return row(kind, id, { what: 'leader', before: inTerm(from, fromTerm), after: inTerm(to, toTerm), causes });
}

function inTerm(node: { readonly id: string } | null, term: number | null): string {
  if (node === null) return NOBODY;
  return term === null ? node.id : `${node.id}, term ${term}`;
}

function placed(state: string | null, node: { readonly id: string } | null): string {
  if (state === null) return NOT_KNOWN;
  return node === null ? state.toLowerCase() : `${state.toLowerCase()} on ${node.id}`;
}

const ATTRIBUTES = ['liveness', 'role', 'name', 'address', 'zone', 'kind', 'schedulable', 'incarnation', 'labels'];
type NodeSides = Pick<Diff['nodes'][number], 'id' | 'change' | 'from' | 'to'>;

function nodeRows({ change, from, to }: NodeSides): readonly Omit<Said, 'causes'>[] {
  if (change !== 'CHANGED' || from === null || to === null) {
    return [{ what: 'node', before: presence(from), after: presence(to) }];
  }
  const rows = ATTRIBUTES.map((what) => ({ what, before: said(from[what]), after: said(to[what]) })).filter(
    ({ before, after }) => before !== after,
  );
  // Membership can differ while everything else is the same.
  return rows.length > 0 ? rows : [{ what: 'membership', before: presence(from), after: presence(to) }];
}

function presence(node: ComparedNode | null): string {
  return node === null ? NOT_KNOWN : [node['liveness'], node['role']].map(said).join(', ');
}

/** Words of the schema in lower case, texts as they are, the rest as JSON. */
function said(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value !== 'string') return typeof value === 'boolean' ? (value ? 'yes' : 'no') : JSON.stringify(value);
  return /^[A-Z]+$/.test(value) ? value.toLowerCase() : value;
}

function or(value: number | null): string {
  return value === null ? '–' : String(value);
}
