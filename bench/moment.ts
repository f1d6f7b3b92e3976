/**
 * Any moment of any cluster, asked for over HTTP, one question after another, against the same question about the present.
 * Moments are drawn over the whole history, in each of the four ways to name one; no question is asked twice.
 */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { formatTime, type Micros } from '../schemas/time.ts';
import { spawnServer } from '../test/support/server.ts';
import { print } from './support/figure.ts';
import { chanceFrom } from './support/history.ts';
import { type LongHistory, longHistory } from './support/long-history.ts';

const QUESTIONS = 2_000;
const WARM_UP = 300;
const CLUSTER = `{
  id term electing leader { id }
  nodes { id name zone kind role liveness following { id } since }
  jobs { id name critical state node { id } assignedTerm attempts since }
  asOf { position occurredAt } completeness { complete }
}`;

type Kind = 'present' | 'position' | 'knownAt' | 'happenedAt' | 'bitemporal';
const KINDS: readonly Kind[] = ['present', 'position', 'knownAt', 'happenedAt', 'bitemporal'];

let asked = 0;
const history = await longHistory();
const server = await spawnServer({ data: history.folder });
try {
  const { head } = (await ask('{ ledger { head } }')).ledger as { head: string };
  const chance = chanceFrom(history.seed);
  const draw = (kind: Kind): string => question(kind, { history, head: Number(head), chance });
  for (let index = 0; index < WARM_UP; index += 1) await timed(draw(KINDS[index % KINDS.length] ?? 'present'));
  const times = new Map<Kind, number[]>(KINDS.map((kind) => [kind, []]));
  // They take turns, so that the machine's moods hit all of them.
  for (let index = 0; index < QUESTIONS; index += 1) {
    for (const kind of KINDS) times.get(kind)?.push(await timed(draw(kind)));
  }
  const present = percentiles(times.get('present') ?? []);
  print({ name: 'moment.present.p50', value: present.p50, unit: 'ms', note: history.note });
  print({ name: 'moment.present.p99', value: present.p99, unit: 'ms' });
  for (const kind of KINDS.slice(1)) {
    const { p50, p99 } = percentiles(times.get(kind) ?? []);
    print({ name: `moment.${kind}.p50`, value: p50, unit: 'ms', peer: present.p50, ratio: p50 / present.p50 });
    print({
      name: `moment.${kind}.p99`,
      value: p99,
      unit: 'ms',
      peer: present.p99,
      ratio: p99 / present.p99,
      target: 5,
      note: 'the ratio is to stay at or below the target',
    });
  }
  sizes(history);
} finally {
  await server.end('SIGTERM');
}

function question(
  kind: Kind,
  { history, head, chance }: { history: LongHistory; head: number; chance: () => number },
): string {
  const id = history.clusterIds[Math.floor(chance() * history.clusterIds.length)];
  // Not the first hours, in which a cluster is hardly there.
  const time = (): string =>
    formatTime(Math.floor(history.from + (0.01 + 0.99 * chance()) * (history.to - history.from)) as Micros);
  const [first, second] = [time(), time()].sort();
  const moments: Readonly<Record<Kind, string>> = {
    present: '',
    position: `, moment: { position: ${1 + Math.floor((0.01 + 0.99 * chance()) * (head - 1))} }`,
    knownAt: `, moment: { knownAt: "${first}" }`,
    happenedAt: `, moment: { happenedAt: "${first}" }`,
    bitemporal: `, moment: { bitemporal: { happenedAt: "${first}", knownAt: "${second}" } }`,
  };
  return `query ($n: Int) { cluster(id: "${id}"${moments[kind]}) ${CLUSTER} }`;
}

async function ask(query: string, n = 0): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    // A number that no answer depends on, so that none comes from the kept ones.
    body: JSON.stringify({ query: query.replace('($n: Int)', ''), variables: { n } }),
  });
  const { data, errors } = (await response.json()) as { data: Record<string, unknown>; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function timed(query: string): Promise<number> {
  const begun = performance.now();
  asked += 1;
  await ask(query, asked);
  return performance.now() - begun;
}

function percentiles(times: readonly number[]): { p50: number; p99: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

/** What checkpoints take of the log. */
function sizes({ ledgerPath, viewsPath }: LongHistory): void {
  const database = new DatabaseSync(viewsPath, { readOnly: true });
  const [row] = database.prepare('SELECT count(*) AS kept, sum(length(state)) AS bytes FROM checkpoints').all() as {
    kept: number;
    bytes: number;
  }[];
  database.close();
  const log = statSync(ledgerPath).size;
  const views = statSync(viewsPath).size;
  print({
    name: 'moment.checkpoints',
    value: row?.bytes ?? 0,
    unit: 'B',
    limit: log,
    ratio: (row?.bytes ?? 0) / log,
    target: 0.15,
  });
  print({
    name: 'moment.views',
    value: views,
    unit: 'B',
    limit: log,
    ratio: views / log,
    note: `${row?.kept} checkpoints`,
  });
}
