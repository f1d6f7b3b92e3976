/**
 * A loader sends events over HTTP while the server is killed with SIGKILL at random moments and started again on the
 * same folder. Whatever was acknowledged must be there exactly once, the chain must verify, and every projection must
 * equal its rebuild. Invariants L1, L4, L5, P2.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { chanceFrom } from './support/random.ts';
import { runMusterbook, type SpawnedServer, spawnServer } from './support/server.ts';

const ROUNDS = Number(process.env['MUSTERBOOK_KILL_ROUNDS'] ?? 3);
const SEED = Number(process.env['MUSTERBOOK_SEED'] ?? Date.now() % 1_000_000);
/** Senders at once, and events in a request: enough for commits to be shared and cut in the middle. */
const SENDERS = 4;
const BATCH = 25;

const data = mkdtempSync(join(tmpdir(), 'musterbook-kill-'));
after(() => rmSync(data, { recursive: true, force: true }));

const TYPES = [
  (n: number) => ({ type: 'NodeJoined', data: { nodeId: `n${n % 7}` } }),
  (n: number) => ({ type: 'LeaderElected', data: { leaderId: `n${n % 7}`, term: Math.floor(n / 10) } }),
  (n: number) => ({ type: 'JobAssigned', data: { jobId: `j${n % 23}`, nodeId: `n${n % 7}` } }),
  (n: number) => ({ type: 'JobStarted', data: { jobId: `j${n % 23}`, nodeId: `n${n % 5}` } }),
  (n: number) => ({ type: n % 2 ? 'HeartbeatLost' : 'HeartbeatRestored', data: { nodeId: `n${n % 7}` } }),
];

interface Sent {
  /** Ids that some answer acknowledged. */
  readonly acknowledged: Set<string>;
  /** Batches that got no answer: they may be there or not, and are sent again. */
  readonly unanswered: string[][];
}

let made = 0;

function eventOf(kind: number) {
  const make = TYPES[kind];
  assert.ok(make);
  return make(made);
}

function batch(random: () => number): string[] {
  return Array.from({ length: BATCH }, () => {
    made += 1;
    const { type, data: payload } = eventOf(Math.floor(random() * TYPES.length));
    // Some facts come late by up to two minutes.
    const late = random() < 0.2 ? Math.floor(random() * 120_000) : 0;
    const time = new Date(Date.UTC(2024, 0, 1) + made * 1_000 - late).toISOString();
    const subject = `c${Math.floor(random() * 3)}`;
    return JSON.stringify({ specversion: '1.0', id: `k-${made}`, source: '/kill', type, subject, time, data: payload });
  });
}

const idsOf = (lines: readonly string[]) => lines.map((line) => (JSON.parse(line) as { id: string }).id);

/** Sends until the server no longer answers. */
async function load(url: string, sent: Sent, random: () => number): Promise<void> {
  for (;;) {
    const lines = sent.unanswered.pop() ?? batch(random);
    try {
      const response = await fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: lines.join('\n'),
      });
      const answer = (await response.json()) as { appended: number; duplicates: number };
      assert.equal(response.status, 200, JSON.stringify(answer));
      assert.equal(answer.appended + answer.duplicates, lines.length);
      for (const id of idsOf(lines)) sent.acknowledged.add(id);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      sent.unanswered.push(lines);
      return;
    }
  }
}

async function idsRecorded(url: string): Promise<string[]> {
  const response = await fetch(`${url}/export.jsonl`);
  const text = await response.text();
  return idsOf(text.split('\n').filter((line) => line !== ''));
}

test(`killed ${ROUNDS} times under load, seed ${SEED}: nothing acknowledged is lost, nothing is doubled`, async (t) => {
  const { next: random } = chanceFrom(SEED);
  const sent: Sent = { acknowledged: new Set(), unanswered: [] };
  let server: SpawnedServer | null = null;
  for (let round = 1; round <= ROUNDS; round += 1) {
    server = await spawnServer({ data });
    const { url } = server;
    const senders = Array.from({ length: SENDERS }, () => load(url, sent, random));
    await delay(100 + Math.floor(random() * 700));
    await server.end('SIGKILL');
    await Promise.all(senders);
  }
  server = await spawnServer({ data });
  const recorded = await idsRecorded(server.url);
  const distinct = new Set(recorded);
  assert.equal(distinct.size, recorded.length, 'an event was recorded twice');
  const lost = [...sent.acknowledged].filter((id) => !distinct.has(id));
  assert.deepEqual(lost, [], `${lost.length} acknowledged events are gone`);
  assert.ok(sent.acknowledged.size > 0);
  t.diagnostic(`${sent.acknowledged.size} events acknowledged, ${recorded.length} recorded`);
  await server.end('SIGTERM');

  const env = { MUSTERBOOK_DATA: data };
  const verified = await runMusterbook(['verify', '-o', 'json'], { env });
  assert.equal(verified.exit, 0, verified.stdout + verified.stderr);
  const rebuilt = await runMusterbook(['rebuild', '--verify', '-o', 'json'], { env });
  assert.equal(rebuilt.exit, 0, rebuilt.stdout + rebuilt.stderr);
});
