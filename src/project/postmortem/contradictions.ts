/** Contradictions between what clusters and what components say. */
import { namedComponentView } from '../../../projections/components/answers.ts';
import type { ComponentsState } from '../../../projections/components/state.ts';
import { elections } from '../../../projections/elections/elections.ts';
import type { OrphanedSpell } from '../../../projections/postmortem/cluster-story.ts';
import { type Contradiction, contestedTerms } from '../../../projections/postmortem/contradictions.ts';
import type { PostmortemRow } from '../../../projections/postmortem/rows.ts';
import { entryOf } from '../../../projections/record.ts';
import type { FoldEvent } from '../../../schemas/event.ts';
import type { StreamName } from '../../../schemas/ids.ts';
import { streamName } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import { clusterAt, componentsAt } from '../answers.ts';
import { placeBefore } from '../incident-scope.ts';
import type { PostmortemSources } from './gather.ts';
import type { Stretch } from './stretches.ts';

const CONTESTED_MAX = 20;

/** Terms that two nodes claim, a claim to which was open in the incident's windows of the cluster. */
export async function contestedLeaders(
  { reader, eventAt }: PostmortemSources,
  { clusterId, windows }: { readonly clusterId: string; readonly windows: readonly Stretch[] },
): Promise<{ readonly contradictions: readonly Contradiction[]; readonly omissions: readonly string[] }> {
  const known = await reader.get(elections, clusterId);
  const terms = windows.flatMap((window) => (known === null ? [] : contestedTerms(known.state, window)));
  const distinct = [...new Map(terms.map((each) => [JSON.stringify(each), each])).values()];
  const contradictions = distinct
    .slice(0, CONTESTED_MAX)
    .map(async ({ scope, term, claims }): Promise<Contradiction> => {
      const statements = claims.map(async ({ leaderId, eventPosition }) => {
        const summary = `Reports ${leaderId} as leader${scope === null ? '' : ` of ${scope}`} in term ${term}`;
        return rowOf(await eventAt(eventPosition), { kind: 'leader_elected', summary, clusterId });
      });
      return {
        kind: 'leaders_of_one_term',
        about: `Who led ${clusterId}${scope === null ? '' : `, ${scope},`} in term ${term}`,
        goesBy: `the first to claim the term, ${claims[0]?.leaderId ?? 'nobody'}; both stay contested`,
        statements: await Promise.all(statements),
      };
    });
  const omissions =
    distinct.length > CONTESTED_MAX
      ? [`Of ${distinct.length} contested terms of cluster ${clusterId} the first ${CONTESTED_MAX} are listed.`]
      : [];
  return { contradictions: await Promise.all(contradictions), omissions };
}

interface SpellOf {
  readonly clusterId: string;
  readonly spell: OrphanedSpell;
  readonly stretch: Stretch;
}

/**
 * A component that counts as operational at the end of a time in which every placed job of it was orphaned: by then
 * whoever speaks for it has had that whole time to see.
 */
export async function operationalWhileOrphaned(
  sources: PostmortemSources,
  { clusterId, spell, stretch }: SpellOf,
): Promise<readonly Contradiction[]> {
  const { views, reader } = sources;
  const { componentId, jobIds } = spell;
  const last = Math.min(
    spell.until === null ? stretch.until : spell.until - 1,
    reader.happenedAt ?? Number.POSITIVE_INFINITY,
  );
  const then = last === Number.POSITIVE_INFINITY ? reader : views.at(reader.position, last as Micros);
  const seen = await clusterAt(then, clusterId);
  // A gap makes a node's liveness unknown: then nothing is known to be orphaned.
  if (seen === null || !jobIds.some((id) => seen.jobsById.get(id)?.state === 'ORPHANED')) return [];
  const { state, open } = await componentsAt(then);
  const { name, status } = namedComponentView(state, componentId, open);
  if (status !== 'operational') return [];
  const word = await wordThatItIsWell(sources, { componentId, state, last, name });
  if (word === null) return [];
  const jobs = jobIds.length === 1 ? `The only placed job of ${name}` : `Every placed job of ${name}`;
  const orphaned: PostmortemRow = {
    ...spell.row,
    summary: `${jobs} is orphaned (${jobIds.slice(0, 5).join(', ')}${jobIds.length > 5 ? ', …' : ''}): ${spell.row.summary}`,
    late: false,
  };
  const statements = [word, orphaned].sort((first, second) => first.at - second.at);
  return [{ kind: 'operational_while_orphaned', about: `Whether ${name} was operational`, goesBy: null, statements }];
}

interface Standing {
  readonly componentId: string;
  readonly state: Readonly<ComponentsState>;
  readonly last: number;
  readonly name: string;
}

/** The statement by which a component counts as operational; where no one made one, its registration. */
async function wordThatItIsWell(
  sources: PostmortemSources,
  { componentId, state, last, name }: Standing,
): Promise<PostmortemRow | null> {
  const standing = entryOf(state.registers.all.standings, componentId);
  const own = streamName('component', componentId);
  if (standing === undefined) {
    const registered = await lastFact(sources, own, { from: 0, until: last }, ['ComponentRegistered']);
    const summary = `Registers ${name}; no one says that it is not operational`;
    return registered && rowOf(registered, { kind: 'component_registered', summary, clusterId: null });
  }
  const at = { from: standing.since, until: standing.since };
  const stream = (standing.subject ?? own) as StreamName;
  const said = await lastFact(sources, stream, at, null);
  return (
    said && rowOf(said, { kind: 'component_status', summary: `Says that ${name} is operational`, clusterId: null })
  );
}

async function lastFact(
  { views, reader }: PostmortemSources,
  stream: StreamName,
  { from, until }: Stretch,
  types: readonly string[] | null,
): Promise<FoldEvent | null> {
  let found: FoldEvent | null = null;
  const pages = views.facts({
    stream,
    upTo: reader.position,
    after: placeBefore(from),
    until: until === Number.POSITIVE_INFINITY ? null : (until as Micros),
  });
  for await (const page of pages) found = page.findLast(({ type }) => types === null || types.includes(type)) ?? found;
  return found;
}

interface Told {
  readonly kind: string;
  readonly summary: string;
  readonly clusterId: string | null;
}

function rowOf(event: FoldEvent, { kind, summary, clusterId }: Told): PostmortemRow {
  const { effectiveAt: at, notBefore, recordedAt, position: eventPosition } = event;
  const own = { kind, summary, clusterId, eventPosition, eventPositions: [eventPosition] };
  return { at, notBefore, recordedAt, ...own, count: 1, until: null, late: false };
}
