// Holds V1 of docs/invariants.md.
/** What is found of everything that can happen to a bundle, and that it is found where it is. */
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { streamName } from '../../schemas/ids.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { newKeyPair, readPublicKey, signCheckpoint } from '../../src/ledger/signature.ts';
import { readEnds } from '../../src/ledger/verify.ts';
import {
  bodyOf,
  bundleOf,
  digestedAnew,
  eventOf,
  headerOf,
  incidentLedger,
  minute,
  proved,
  STEPS,
} from '../support/bundles.ts';

const NEWLINE = 10;
const keys = newKeyPair();
const ledger = await incidentLedger();
const plain = await bundleOf(ledger);
const signed = await signedBundle(ledger, keys.privateKey);

async function signedBundle(of: Ledger, privateKey: string): Promise<string> {
  const { checkpoint, ends } = await readEnds(of);
  return bundleOf(of, { origin: { checkpoint: signCheckpoint(checkpoint, privateKey), ends } });
}

/** The line, from 1, that the first byte in which they differ belongs to; a line's end belongs to it. */
function lineOfDifference(original: Uint8Array, changed: Uint8Array): number {
  let line = 1;
  for (let at = 0; original[at] === changed[at]; at += 1) if (original[at] === NEWLINE) line += 1;
  return line;
}

async function assertLocated(original: Uint8Array, changed: Uint8Array): Promise<void> {
  const { ok: isFine, findings } = await proved(changed);
  deepEqual([isFine, findings[0]?.line], [false, lineOfDifference(original, changed)], JSON.stringify(findings));
}

for (const [name, bundle] of [
  ['without a checkpoint', plain],
  ['with a signed one', signed],
] as const) {
  const bytes = Buffer.from(bundle);
  const places = fc.nat(bytes.length - 1);

  test(`a bundle ${name} verifies`, async () => {
    const found = await proved(bundle);
    deepEqual([found.ok, found.findings], [true, []]);
  });

  test(`one byte changed anywhere in a bundle ${name} is found in its line`, async () => {
    await fc.assert(
      fc.asyncProperty(places, fc.integer({ min: 1, max: 255 }), async (at, difference) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ difference;
        await assertLocated(bytes, changed);
      }),
      { numRuns: 400 },
    );
  });

  test(`one byte removed anywhere from a bundle ${name} is found in its line`, async () => {
    await fc.assert(
      fc.asyncProperty(places, async (at) => {
        await assertLocated(bytes, Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]));
      }),
      { numRuns: 400 },
    );
  });

  test(`one byte put in anywhere into a bundle ${name} is found in its line`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), fc.nat(255), async (at, byte) => {
        await assertLocated(bytes, Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)]));
      }),
      { numRuns: 400 },
    );
  });

  test(`a bundle ${name} cut short anywhere is found`, async () => {
    await fc.assert(
      fc.asyncProperty(places, async (length) => {
        const { ok: isFine, findings } = await proved(bytes.subarray(0, length));
        equal(isFine, false);
        ok(['length', 'digest', 'header', 'unreadable'].includes(findings[0]?.kind ?? ''), JSON.stringify(findings));
      }),
      { numRuns: 200 },
    );
  });
}

test('a changed text of an event is named by line, stream and revision', async () => {
  const { findings } = await proved(plain.replace('Only for us', 'Only for you'));
  const line = plain.split('\n').findIndex((text) => text.includes('Only for us')) + 1;
  deepEqual(
    findings.map(({ message: _, ...place }) => place),
    [{ kind: 'hash', line, stream: 'incident-outage', revision: 1 }],
  );
});

test('a changed position, which no hash covers, is named by line, stream and revision', async () => {
  const line = bodyOf(plain).findIndex((text) => text.includes('"id":"web2"')) + 2;
  const next = (_: string, before: string, at: string): string => `${before}${Number(at) + 1}`;
  const [finding] = (await proved(plain.replace(/("id":"web2".*"position":)(\d+)/, next))).findings;
  const { message: _, ...place } = finding ?? { message: '' };
  deepEqual(place, { kind: 'digest', line, stream: 'cluster-web', revision: 5 });
});

test('whoever digests the file anew is found by the chain', async () => {
  const [header, body] = [headerOf(plain), bodyOf(plain)];
  const of = body.findIndex((line) => line.includes('"id":"web2"'));
  const changed = body.with(of, (body[of] ?? '').replace('"nodeId":"n2"', '"nodeId":"n3"'));
  deepEqual(await firstOf(digestedAnew(header, changed)), ['hash', of + 2, 'cluster-web', 5]);
  deepEqual(await firstOf(digestedAnew(header, body.toSpliced(of, 1))), ['revision', of + 2, 'cluster-web', 6]);
  const swapped = body.with(of, body[of + 1] ?? '').with(of + 1, body[of] ?? '');
  deepEqual((await firstOf(digestedAnew(header, swapped))).slice(0, 2), ['revision', of + 2]);
  deepEqual((await firstOf(digestedAnew(header, body.slice(0, -1)))).slice(0, 1), ['revision']);
  equal((await proved(digestedAnew(header, body))).ok, true);
});

async function firstOf(bundle: string): Promise<readonly unknown[]> {
  const [first] = (await proved(bundle)).findings;
  return [first?.kind, first?.line, first?.stream, first?.revision];
}

test('lines of another ledger are found, whole streams of one by the checkpoint', async () => {
  const foreign = await bundleOf(await incidentLedger());
  const [mine, theirs] = [bodyOf(plain), bodyOf(foreign)];
  const of = mine.findIndex((line) => line.includes('"id":"web20"'));
  deepEqual((await firstOf(digestedAnew(headerOf(plain), mine.with(of, theirs[of] ?? '')))).slice(0, 2), [
    'hash',
    of + 2,
  ]);
  // Every line of one stream, which alone is as good as ours: only the checkpoint knows better.
  const other = await signedBundle(await incidentLedger(), newKeyPair().privateKey);
  const mixed = bodyOf(signed).map((line, index) =>
    line.includes('"stream":"incident-outage"') ? (bodyOf(other)[index] ?? '') : line,
  );
  const found = await proved(digestedAnew(headerOf(signed), mixed));
  deepEqual(
    found.findings.map(({ kind, stream }) => [kind, stream]),
    [['checkpoint', 'incident-outage']],
  );
  equal(found.originProved, false);
});

test('two bundles put together, and events that the first line does not announce, are found', async () => {
  const count = plain.split('\n').length;
  deepEqual((await firstOf(plain + plain)).slice(0, 2), ['length', count]);
  const unrelated = bodyOf(await bundleOf(ledger, { incident: 'unrelated', marginMicros: 0 }));
  const body = [...bodyOf(plain).slice(0, 3), unrelated[0] ?? '', ...bodyOf(plain).slice(3)];
  const { findings } = await proved(digestedAnew(headerOf(plain), body));
  ok(findings.some(({ kind, line, stream }) => kind === 'foreign' && line === 5 && stream === 'incident-unrelated'));
});

test('a checkpoint is held against the one that is given, and its signature against the key', async () => {
  const { checkpoint } = await readEnds(ledger);
  const [publicKey, otherKey] = [readPublicKey(keys.publicKey), readPublicKey(newKeyPair().publicKey)];
  const good = await proved(signed, { checkpoint, publicKey });
  deepEqual([good.ok, good.originProved, good.signature?.isExpectedKey], [true, true, true]);
  const kinds = async (bundle: string, expected: Parameters<typeof proved>[1]) =>
    (await proved(bundle, expected)).findings.map(({ kind }) => kind);
  deepEqual(await kinds(signed, { publicKey: otherKey }), ['signature']);
  deepEqual(await kinds(plain, { publicKey }), ['signature']);
  deepEqual(await kinds(plain, { checkpoint }), ['checkpoint']);
  const { checkpoint: foreign } = await readEnds(await incidentLedger());
  deepEqual(await kinds(signed, { checkpoint: foreign }), ['checkpoint']);
});

test('a bundle signed anew by someone else is only as good as their key', async () => {
  const forged = await signedBundle(await incidentLedger(), newKeyPair().privateKey);
  equal((await proved(forged)).ok, true);
  const { ok: isFine, findings } = await proved(forged, { publicKey: readPublicKey(keys.publicKey) });
  equal(isFine, false);
  match(findings[0]?.message ?? '', /is signed by the key [0-9a-f]{16}, but the key [0-9a-f]{16} was expected/);
});

test('erased events are proved by their digests', async () => {
  const recorded = await ledger.readAllRecorded({ limit: 100 });
  const erasing = openMemoryLedger({ clock: () => minute(500) });
  for (const { id, stream, category, subject, recordedAt, salt, dataHash } of recorded) {
    const step = STEPS.find((one) => eventOf(one).id === id && one[1] === category && one[2] === subject);
    if (!step) throw new Error(`no step made ${id}`);
    const isErased = id === 'outage6';
    const evidence = isErased ? { salt: null, erasedDataHash: dataHash } : { salt, erasedDataHash: null };
    const event = isErased ? { ...eventOf(step), data: {} as never } : eventOf(step);
    const actor = { authType: 'unauthenticated', authId: null };
    await erasing.restore([{ event, actor, recordedAt, stream: streamName(category, subject), ...evidence }]);
    equal(
      (await erasing.streamHead(stream))?.revision,
      recorded.find((one) => one.id === id && one.stream === stream)?.revision,
    );
  }
  const bundle = await bundleOf(erasing);
  const found = await proved(bundle);
  deepEqual([found.ok, found.erased], [true, 1], JSON.stringify(found.findings));
  ok(!bundle.includes('Only for us'));
  notEqual(bundle, plain);
});

test('what is no bundle, or one of a newer version, is said to be that', async () => {
  const first = async (text: string) => (await proved(text)).findings[0]?.message ?? '';
  match(await first(''), /empty/);
  match(await first('{"specversion":"1.0"}\n'), /this is no bundle/);
  match(await first('\u{1}\u{2}'), /no bundle/);
  match(await first(plain.replace('"version":1', '"version":2')), /version 2.*newer Musterbook/);
});

test('the bundle of docs/proof.md verifies, and shows what the page says of it', async () => {
  const page = readFileSync(new URL('../../docs/proof.md', import.meta.url), 'utf8');
  const bundle = /```jsonl bundle\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const found = await proved(bundle);
  deepEqual([found.ok, found.originProved, found.events, found.withheld], [true, true, 2, 1], JSON.stringify(found));
  equal(found.signature?.keyId, '21fe31dfa154a261');
  deepEqual([headerOf(bundle).includes('"public":true'), bodyOf(bundle).length], [true, 3]);
});
