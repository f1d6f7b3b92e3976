// Holds V2 of docs/invariants.md.
/** Checkpoints signed and judged, kept as text, and what is said of those that are wrong. */
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readCheckpoint } from '../../src/ledger/checkpoint-text.ts';
import type { Checkpoint } from '../../src/ledger/proof.ts';
import { judgeSignature, newKeyPair, readPublicKey, signCheckpoint, signedText } from '../../src/ledger/signature.ts';
import { makeCheckpoint, verifyLedger } from '../../src/ledger/verify.ts';
import { incidentLedger, STEPS } from '../support/bundles.ts';
import { position } from './sample.ts';

const page = readFileSync(new URL('../../docs/proof.md', import.meta.url), 'utf8');
const fenced = (name: string): string =>
  new RegExp(`\`\`\`${name}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? `no ${name} in the page`;

const keys = newKeyPair();
const publicKey = readPublicKey(keys.publicKey);
const checkpoint: Checkpoint = {
  ...{ position: position(42), events: 42, streams: 3, recordedAt: '2022-12-13T20:14:00.000Z' },
  ends: 'ab'.repeat(32),
};
const signed = signCheckpoint(checkpoint, keys.privateKey);

test('the worked example of docs/proof.md', () => {
  const { signature: _, ...stated } = readCheckpoint(fenced('json checkpoint'));
  equal(signedText(stated), fenced('text signed'));
  equal(`${JSON.stringify(signCheckpoint(stated, fenced('pem')))}\n`, fenced('json checkpoint'));
});

test('a signed checkpoint is judged as its signer’s, also after it was kept as text', () => {
  const kept = readCheckpoint(JSON.stringify(signed, null, 2));
  deepEqual(kept, signed);
  const verdict = { isSigned: true, keyId: keys.keyId, fault: null };
  deepEqual(judgeSignature(kept, publicKey), { ...verdict, isExpectedKey: true });
  deepEqual(judgeSignature(kept, null), { ...verdict, isExpectedKey: null });
  deepEqual(judgeSignature(checkpoint, null), { isSigned: false, keyId: null, isExpectedKey: null, fault: null });
});

test('any change of what was signed, or of the signature, is a fault', () => {
  const { signature } = signed;
  const changes: readonly object[] = [
    { position: 43 },
    { events: 41 },
    { streams: 4 },
    { recordedAt: null },
    { ends: 'ba'.repeat(32) },
    { signature: { ...signature, value: `${signature.value.slice(0, -2)}00` } },
    { signature: { ...signature, keyId: '0'.repeat(16) } },
    { signature: { ...signature, publicKey: readPublicKey(newKeyPair().publicKey) } },
    { signature: { ...signature, publicKey: 'ff'.repeat(32) } },
    { signature: { ...signature, algorithm: 'RSA' } },
    { signature: { algorithm: 'ML-DSA', keyId: 'k' } },
  ];
  for (const change of changes) {
    const kept = readCheckpoint(JSON.stringify({ ...signed, ...change }));
    ok(judgeSignature(kept, null).fault, JSON.stringify(change));
  }
});

test('another key than the one expected, and no signature at all, are faults', () => {
  const other = readPublicKey(newKeyPair().publicKey);
  match(judgeSignature(signed, other).fault ?? '', /signed by the key .* but the key .* was expected/);
  match(judgeSignature(checkpoint, other).fault ?? '', /not signed, but the key .* was expected/);
});

const UNREADABLE: readonly (readonly [text: string, says: RegExp])[] = [
  ['', /empty/],
  [JSON.stringify(signed).slice(0, -20), /no JSON, or cut short/],
  ['[]', /no JSON object/],
  [JSON.stringify({ ...checkpoint, position: -1 }), /position must be/],
  [JSON.stringify({ ...checkpoint, events: '42' }), /events must be/],
  [JSON.stringify({ ...checkpoint, recordedAt: 'today' }), /recordedAt must be/],
  [JSON.stringify({ ...checkpoint, ends: 'ab' }), /ends must be 64/],
  [JSON.stringify({ ...checkpoint, signature: 'x' }), /signature must be an object/],
  [JSON.stringify({ ...checkpoint, signature: { ...signed.signature, publicKey: 'ab' } }), /publicKey must be 64/],
  [
    JSON.stringify({ ...checkpoint, signature: { ...signed.signature, value: signed.signature.value.slice(2) } }),
    /value must be 128/,
  ],
];

for (const [text, says] of UNREADABLE) {
  test(`no checkpoint: ${text.slice(0, 50)} ${says}`, () =>
    throws(() => readCheckpoint(text), { code: 'CHECKPOINT_UNREADABLE', message: says }));
}

test('keys that are none of ours are refused with what they are', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const rsaPem = rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const { privateKey } = generateKeyPairSync('ed25519');
  const locked = privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();
  const refused = (work: () => unknown, message: RegExp): void => throws(work, { code: 'KEY_UNREADABLE', message });
  refused(() => signCheckpoint(checkpoint, rsaPem), /expected one for Ed25519, this is for rsa/);
  refused(() => signCheckpoint(checkpoint, locked), /passphrase/);
  refused(() => signCheckpoint(checkpoint, keys.publicKey), /private key: no key in PEM/);
  refused(() => signCheckpoint(checkpoint, ''), /no key in PEM/);
  refused(() => readPublicKey(keys.privateKey), /this is a private key/);
  refused(() => readPublicKey('ssh-ed25519 AAAA'), /public key: no key in PEM/);
  equal(readPublicKey(`${publicKey.toUpperCase()}\n`), publicKey);
});

test('a ledger whose end was cut does not verify against a signed checkpoint of it', async () => {
  const whole = await incidentLedger();
  const kept = signCheckpoint(await makeCheckpoint(whole), keys.privateKey);
  const good = await verifyLedger(whole, { checkpoint: kept, publicKey });
  deepEqual([good.ok, good.endProved, good.signature?.isExpectedKey], [true, true, true]);
  const cut = await incidentLedger(STEPS.slice(0, -3));
  deepEqual([(await verifyLedger(cut)).ok, (await verifyLedger(cut)).endProved], [true, false]);
  const found = await verifyLedger(cut, { checkpoint: kept, publicKey });
  deepEqual([found.ok, found.endProved], [false, false]);
  ok(found.findings.every(({ kind }) => kind === 'checkpoint'));
});

test('a checkpoint made anew by who cut the ledger proves nothing where the key is known', async () => {
  const cut = await incidentLedger(STEPS.slice(0, -3));
  const forged = signCheckpoint(await makeCheckpoint(cut), newKeyPair().privateKey);
  const found = await verifyLedger(cut, { checkpoint: forged, publicKey });
  deepEqual([found.ok, found.endProved, found.findings.map(({ kind }) => kind)], [false, false, ['signature']]);
});
