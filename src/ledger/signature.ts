/**
 * Checkpoints signed with Ed25519 (RFC 8032), so that one can be kept anywhere and still be known as its signer's.
 * docs/proof.md writes down which bytes are signed, with a worked example.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { MusterbookError } from '../errors.ts';
import type { Checkpoint } from './proof.ts';

const ALGORITHM = 'Ed25519';
const PUBLIC_KEY_HEX = 64;
const SIGNATURE_HEX = 128;

export interface CheckpointSignature {
  /** `Ed25519`; another version may know others. */
  readonly algorithm: string;
  /** The first 16 hexadecimal digits of SHA-256 over the raw public key: for people, to tell keys apart. */
  readonly keyId: string;
  /** The raw public key, 32 bytes as hex. */
  readonly publicKey: string;
  /** 64 bytes as hex. */
  readonly value: string;
}

export interface SignedCheckpoint extends Checkpoint {
  readonly signature: CheckpointSignature;
}

/** What a checkpoint's signature is worth. */
export interface SignatureVerdict {
  readonly isSigned: boolean;
  /** Of the key in the checkpoint; null where it is not signed. */
  readonly keyId: string | null;
  /** Whether it is the key that was expected; null where nobody named one: then whoever signed it remains open. */
  readonly isExpectedKey: boolean | null;
  /** What is wrong with it, in words; null where nothing is. */
  readonly fault: string | null;
}

/** Draws a key pair, as PEM: PKCS #8 and SPKI, which openssl reads. */
export function newKeyPair(): { readonly privateKey: string; readonly publicKey: string; readonly keyId: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    keyId: keyIdOf(rawKey(publicKey)),
  };
}

/** The text that is signed, in UTF-8. Its first line is of no other text that is ever signed. */
export function signedText({ position, events, streams, recordedAt, ends }: Checkpoint): string {
  const lines = [
    `position ${position}`,
    `events ${events}`,
    `streams ${streams}`,
    `recordedAt ${recordedAt ?? 'none'}`,
  ];
  return ['musterbook checkpoint 1', ...lines, `ends ${ends}`, ''].join('\n');
}

/** Signs a checkpoint with a private key in PEM. Throws `KEY_UNREADABLE`. */
export function signCheckpoint(checkpoint: Checkpoint, privateKeyPem: string): SignedCheckpoint {
  if (privateKeyPem.includes('ENCRYPTED')) {
    throw new MusterbookError(
      'KEY_UNREADABLE',
      'the private key: it is locked by a passphrase, which is not asked for here',
    );
  }
  const privateKey = readKey(() => createPrivateKey(privateKeyPem), 'the private key');
  const publicKey = rawKey(createPublicKey(privateKey));
  const value = sign(null, Buffer.from(signedText(checkpoint)), privateKey).toString('hex');
  return { ...checkpoint, signature: { algorithm: ALGORITHM, keyId: keyIdOf(publicKey), publicKey, value } };
}

/** A public key, given as PEM or as the 64 digits of a checkpoint's `publicKey`: as those digits. Throws `KEY_UNREADABLE`. */
export function readPublicKey(text: string): string {
  const plain = text.trim();
  if (/^[0-9a-fA-F]{64}$/.test(plain)) return plain.toLowerCase();
  if (plain.includes('PRIVATE KEY')) {
    throw new MusterbookError(
      'KEY_UNREADABLE',
      'the public key: this is a private key, which should not leave its place',
    );
  }
  return rawKey(readKey(() => createPublicKey(plain), 'the public key'));
}

/** Judges a checkpoint's signature; `expected` is what `readPublicKey` gave, null where nobody named a key. */
export function judgeSignature(
  checkpoint: Checkpoint & Partial<SignedCheckpoint>,
  expected: string | null,
): SignatureVerdict {
  const { signature } = checkpoint;
  if (signature === undefined) {
    const fault =
      expected === null ? null : `the checkpoint is not signed, but the key ${keyIdOf(expected)} was expected`;
    return { isSigned: false, keyId: null, isExpectedKey: expected === null ? null : false, fault };
  }
  const isExpectedKey = expected === null ? null : signature.publicKey === expected;
  const verdict = { isSigned: true, keyId: signature.keyId, isExpectedKey };
  return { ...verdict, fault: faultOf(checkpoint, signature, expected) };
}

function faultOf(checkpoint: Checkpoint, signature: CheckpointSignature, expected: string | null): string | null {
  const { algorithm, keyId, publicKey, value } = signature;
  if (algorithm !== ALGORITHM) return `the checkpoint is signed by ${JSON.stringify(algorithm)}; known is ${ALGORITHM}`;
  if (keyId !== keyIdOf(publicKey))
    return `the checkpoint names the key ${keyId}, but holds the key ${keyIdOf(publicKey)}`;
  const bytes = Buffer.from(signedText(checkpoint));
  if (!verify(null, bytes, publicKeyOf(publicKey), Buffer.from(value, 'hex'))) {
    return `the signature is not the one that the key ${keyId} gives to this checkpoint: one of them was changed`;
  }
  if (expected === null || publicKey === expected) return null;
  return `the checkpoint is signed by the key ${keyId}, but the key ${keyIdOf(expected)} was expected`;
}

/** Whether a checkpoint's `signature` has its parts; says what is missing, else null. */
export function signatureShapeFault(signature: unknown): string | null {
  if (signature === null || typeof signature !== 'object') return 'signature must be an object';
  const { algorithm, keyId, publicKey, value } = signature as Record<string, unknown>;
  if (typeof algorithm !== 'string' || typeof keyId !== 'string') return 'signature.algorithm and keyId must be texts';
  // Another algorithm has other lengths: that it is unknown is said when it is judged.
  if (algorithm !== ALGORITHM) return null;
  if (!isHex(publicKey, PUBLIC_KEY_HEX)) return `signature.publicKey must be ${PUBLIC_KEY_HEX} hexadecimal digits`;
  return isHex(value, SIGNATURE_HEX) ? null : `signature.value must be ${SIGNATURE_HEX} hexadecimal digits`;
}

function isHex(value: unknown, length: number): boolean {
  return typeof value === 'string' && value.length === length && /^[0-9a-f]+$/.test(value);
}

function readKey(read: () => KeyObject, which: string): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (error) {
    throw new MusterbookError('KEY_UNREADABLE', `${which}: no key in PEM was found`, {}, error);
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new MusterbookError(
    'KEY_UNREADABLE',
    `${which}: expected one for ${ALGORITHM}, this is for ${key.asymmetricKeyType}`,
  );
}

function rawKey(publicKey: KeyObject): string {
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
}

function publicKeyOf(raw: string): KeyObject {
  const x = Buffer.from(raw, 'hex').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: ALGORITHM, x }, format: 'jwk' });
}

function keyIdOf(raw: string): string {
  return createHash('sha256').update(raw, 'hex').digest('hex').slice(0, 16);
}
