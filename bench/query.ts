/** One cluster of 20 nodes and 100 jobs, asked for over HTTP, against bare Yoga on express that returns a constant object of the same shape. */
import { median, medianRatio, print, takeTurns } from './support/figure.ts';
import { hammer, requestText } from './support/http-load.ts';
import { CLUSTER_QUERY, type Serving, startServing } from './support/serving.ts';

const ROUNDS = 3;
const ROUND_MS = 3_000;
const CONNECTIONS = 16;
const SERVINGS: readonly Serving[] = ['yoga', 'ours-changing', 'ours-executed', 'ours-whole'];

const servers = new Map(
  await Promise.all(SERVINGS.map(async (serving) => [serving, await startServing(serving)] as const)),
);
try {
  const body = JSON.stringify({ query: CLUSTER_QUERY });
  const rates = await takeTurns(
    [...servers].map(([name, { port }]) => ({
      name,
      run: () => hammer(port, requestText(port, body, 'application/json'), { connections: CONNECTIONS, ms: ROUND_MS }),
    })),
    ROUNDS,
  );
  const peer = rates.get('yoga') ?? [];
  const notes: readonly (readonly [Serving, string])[] = [
    ['ours-changing', 'the state is read anew and its view drawn for every query; every query executed'],
    ['ours-executed', 'the views stand still; every query executed'],
    ['ours-whole', 'the views stand still; answers kept'],
  ];
  for (const [serving, note] of notes) {
    const ours = rates.get(serving) ?? [];
    const name = serving.replace('ours-', 'query.');
    print({
      name,
      value: median(ours),
      unit: 'queries/s',
      peer: median(peer),
      ratio: medianRatio(ours, peer),
      target: 0.8,
      note,
    });
  }
} finally {
  for (const server of servers.values()) await server.stop();
}
