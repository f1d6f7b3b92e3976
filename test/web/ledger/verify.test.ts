// Holds V4 of docs/invariants.md.
/** What the browser's verifier finds of everything that can be done to an export, or to the ledger behind it. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Ledger } from '../../../src/ledger/port.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/ledger.ts';
import { makeCheckpoint } from '../../../src/ledger/verify.ts';
import type { Finding, Verification } from '../../../src/web/ledger/verify/verification.ts';
import { facts, sample } from '../../ledger/sample.ts';
import { restorable } from '../../support/restorable.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { exportOf, history, statedOf, verified, verifiedText } from './exported.ts';

const NEWLINE = 10;

function placesOf({ findings }: Verification): readonly unknown[] {
  return findings.map(({ kind, stream, revision, position }) => [kind, stream, revision, position]);
}

function kindsOf({ findings }: Verification): readonly string[] {
  return findings.map(({ kind }) => kind);
}

/** The event of a line, as findings name places. */
function placeOf(line: string): readonly unknown[] {
  const { stream, revision, position } = JSON.parse(line) as { stream: string; revision: number; position: number };
  return [stream, revision, position];
}

test('one byte changed anywhere is found, at its event or at the one that it leads astray', async (context) => {
  const ledger = await history(context);
  const bytes = new TextEncoder().encode(await exportOf(ledger));
  const lines = new TextDecoder().decode(bytes).split('\n');
  const lineAt = (place: number): number => bytes.subarray(0, place).filter((byte) => byte === NEWLINE).length;
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (place, difference) => {
      const changed = bytes.slice();
      changed[place] = (changed[place] ?? 0) ^ difference;
      const { findings } = await verifiedText(ledger, changed, { bytes: 4_096 });
      const [first] = findings;
      ok(first, 'nothing is found');
      const line = lineAt(place);
      const near = [lines[line], lines[line + 1]].filter((text) => text !== undefined && text !== '');
      const positions: (number | null)[] = near.map((text) => Number(placeOf(text ?? '')[2]));
      // What changed a position is found at it, or by the count; a line that cannot be read may not say where it was.
      const isThere = positions.includes(first.position) || first.kind === 'unreadable' || isOfPosition(first);
      ok(isThere, `${JSON.stringify(first)} for line ${line}`);
      if (first.kind === 'unreadable') match(first.message, new RegExp(`^line ${line + 1} `));
    }),
    { numRuns: 400 },
  );
});

function isOfPosition({ kind }: Finding): boolean {
  return kind === 'order' || kind === 'count';
}

const CHANGES: readonly (readonly [what: string, from: RegExp, to: string, kind: string])[] = [
  ['a byte of its data', /"leaderId":"n21/, '"leaderId":"n22', 'hash'],
  ['a byte of its envelope', /"id":"e22"/, '"id":"e21"', 'hash'],
  ['its salt', /"salt":"[0-9a-f]{2}/, '"salt":"zz', 'unreadable'],
  ['its salt to another', /"salt":"[0-9a-f]{32}/, `"salt":"${'0'.repeat(32)}`, 'hash'],
  ['its hash', /"hash":"[0-9a-f]{64}/, `"hash":"${'0'.repeat(64)}`, 'hash'],
  ['its recordedat', /("recordedat":"[^"]+)0Z/, '$11Z', 'hash'],
  ['its time into one that was not known', /,"position":/, ',"timeknown":false,"position":', 'hash'],
  ['a stray member', /,"position":/, ',"sequence":1,"position":', 'hash'],
  ['its data away', /"data":\{[^}]*\},/, '', 'unreadable'],
  ['its end of line', /$/, '\r', 'unreadable'],
];

for (const [what, from, to, kind] of CHANGES) {
  test(`changing ${what} is found, at its event`, async (context) => {
    const ledger = await history(context);
    const lines = (await exportOf(ledger)).split('\n');
    const line = lines[21] ?? '';
    const changed = lines.with(21, line.replace(from, to)).join('\n');
    const found = await verifiedText(ledger, changed);
    deepEqual(placesOf(found)[0], [kind, ...placeOf(line)], JSON.stringify(found.findings));
  });
}

test('a stream whose name is no JSON text is found, and the proof goes on behind it', async (context) => {
  const ledger = await history(context);
  const lines = (await exportOf(ledger)).split('\n');
  const changed = (lines[21] ?? '').replace('"stream":"cluster', '"stream":"\\xcluster');
  const found = await verifiedText(ledger, lines.with(21, changed).join('\n'));
  deepEqual(placesOf(found).slice(0, 2), [
    ['unreadable', null, null, null],
    ['revision', ...placeOf(lines[25] ?? '')],
  ]);
});

test('an event removed is found where the next of its stream stands, and by the counts', async (context) => {
  const ledger = await history(context);
  const lines = (await exportOf(ledger)).split('\n');
  const found = await verifiedText(ledger, lines.toSpliced(20, 1).join('\n'));
  deepEqual(placesOf(found), [
    ['revision', ...placeOf(lines[24] ?? '')],
    ['count', null, null, null],
  ]);
});

test('the last event of a stream removed is found by the counts, and by a digest or a checkpoint', async (context) => {
  const ledger = await history(context);
  const lines = (await exportOf(ledger)).split('\n');
  const found = await verifiedText(ledger, lines.toSpliced(38, 1).join('\n'), { isHeldAgainstCheckpoint: true });
  deepEqual([kindsOf(found), found.endProved], [['count', 'digest', 'checkpoint', 'checkpoint'], false]);
});

test('a tail that the server itself no longer knows is found by a checkpoint alone', async (context) => {
  const ledger = await history(context);
  const checkpoint = await makeCheckpoint(ledger);
  const shorter = await cutAfter(context, ledger, 30);
  const open = async () => new Blob([await exportOf(shorter)]).stream();
  deepEqual((await verified(open, await statedOf(shorter))).findings, []);
  const { findings, endProved } = await verified(open, await statedOf(shorter), checkpoint);
  deepEqual([findings.map(({ kind }) => kind), endProved], [['checkpoint', 'checkpoint', 'checkpoint'], false]);
  match(findings[0]?.message ?? '', /^the ledger ends at position 30, the checkpoint was made at 41$/);
});

/** A ledger that holds the first events of another as it recorded them. */
async function cutAfter(context: TestContext, ledger: Ledger, position: number): Promise<Ledger> {
  const path = join(temporaryFolder(context), 'ledger.sqlite');
  const shorter = await openSqliteLedger({ path, thread: 'here' });
  context.after(() => shorter.close());
  const recorded = await ledger.readAllRecorded({ limit: 100 });
  const kept = recorded.filter((event) => event.position <= position && !event.erased);
  await shorter.restore(
    kept.map((event) => ({ ...restorable(event as never), salt: event.salt, recordedAt: event.recordedAt })),
  );
  // The erased one is left out, so that all have data.
  equal((await shorter.head()).events, position - 1);
  await shorter.append(facts([sample('last')]));
  return shorter;
}

test('events that changed places, came twice or were put in are found', async (context) => {
  const ledger = await history(context);
  const lines = (await exportOf(ledger)).split('\n');
  const [one = '', next = ''] = [lines[20], lines[24]];
  const swapped = await verifiedText(ledger, lines.with(20, next).with(24, one).join('\n'));
  deepEqual(placesOf(swapped)[0], ['revision', ...placeOf(next)]);
  const twice = await verifiedText(ledger, lines.toSpliced(21, 0, one).join('\n'));
  deepEqual(placesOf(twice).slice(0, 2), [
    ['order', ...placeOf(one)],
    ['revision', ...placeOf(one)],
  ]);
  const stranger = (await exportOf(await history(context))).split('\n')[20] ?? '';
  const putIn = await verifiedText(ledger, lines.with(20, stranger).join('\n'));
  deepEqual(placesOf(putIn)[0], ['hash', ...placeOf(stranger)]);
});

test('a chain made up anew from some event on is found by a checkpoint', async (context) => {
  const [ledger, other] = [await history(context), await history(context)];
  const checkpoint = await makeCheckpoint(ledger);
  const open = async () => new Blob([await exportOf(other)]).stream();
  const { findings } = await verified(open, await statedOf(other), checkpoint);
  deepEqual(
    findings.map(({ kind, message }) => [kind, message]),
    [['checkpoint', 'the ends of the streams at position 41 are not those of the checkpoint']],
  );
});

test('data that is gone without a retraction that erases it is found', async (context) => {
  const ledger = await history(context);
  const lines = (await exportOf(ledger)).split('\n');
  const recorded = await ledger.eventAt(21 as never);
  const gone = (lines[20] ?? '')
    .replace(/,"data":\{[^}]*\}/, '')
    .replace(/,"salt":"[^"]+"/, '')
    .replace(/\}$/, `,"erased":true,"datahash":"${recorded?.dataHash}"}`);
  const found = await verifiedText(ledger, lines.with(20, gone).join('\n'));
  deepEqual(placesOf(found), [['retraction', ...placeOf(gone)]]);
  equal(found.erased, 2);
});

test('beyond 100 findings their number is kept, not they', async (context) => {
  const path = join(temporaryFolder(context), 'ledger.sqlite');
  const ledger = await openSqliteLedger({ path, thread: 'here' });
  context.after(() => ledger.close());
  await ledger.append(facts(Array.from({ length: 150 }, (_none, index) => sample(`e${index}`))));
  const text = (await exportOf(ledger)).replaceAll('"leaderId":"n1"', '"leaderId":"n2"');
  const { findings, findingsOmitted } = await verifiedText(ledger, text);
  deepEqual([findings.length, findingsOmitted], [100, 50]);
});
