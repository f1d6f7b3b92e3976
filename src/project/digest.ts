/**
 * The digest of a projection's whole state: the sum of the SHA-256 of each view (its key as JSON, then its state's bytes),
 * modulo 2^256. A sum, so that it follows each write at the price of one hash and needs no order. It tells honest replicas
 * apart; it is no proof against someone who makes up views (docs/decisions/0005-state-digests.md).
 */
import { hash } from 'node:crypto';

const MODULUS = 2n ** 256n;
const HEX_LENGTH = 64;

/** Of a projection without views. */
export const NO_VIEWS = 0n;

/** What one view adds to the sum. */
export function digestOfView(key: string, text: string): bigint {
  return readDigest(hash('sha256', `${JSON.stringify(key)}${text}`));
}

/** The sum after one view was replaced; `before` is 0 where there was none. */
export function replaceInDigest(
  sum: bigint,
  { before, now }: { readonly before: bigint; readonly now: bigint },
): bigint {
  return (sum - before + now + MODULUS) % MODULUS;
}

/** 64 hexadecimal digits. */
export function digestText(sum: bigint): string {
  return sum.toString(16).padStart(HEX_LENGTH, '0');
}

/** Of `digestText`. */
export function readDigest(text: string): bigint {
  return BigInt(`0x${text}`);
}
